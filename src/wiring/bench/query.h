// `sextant bench query`: how long questions take over HTTP, on a server of its own that holds a corpus.
#pragma once

#include "base/core/result.h"
#include "base/sys/files.h"
#include "wiring/bench/figures.h"
#include "wiring/bench/settings.h"

namespace sextant::wiring {

struct QueryBenchSettings : BenchSettings {
  uint64_t under_load = 0;  // spans/s that arrive while everything is asked a second time; 0: not asked again
  uint32_t rounds = 1000;   // questions of each kind at most; fewer where they take long
};

/// Times of start, idle memory, and p50 and p99 of every kind of question; answers are checked.
Result<Measured> measure_query(const QueryBenchSettings& settings, Files& files);

/// Prints figures as `bench ingest` does. Returns the exit code: 1 when an answer was wrong, or the server failed.
int run_query_bench(const QueryBenchSettings& settings, Files& files);

}  // namespace sextant::wiring
