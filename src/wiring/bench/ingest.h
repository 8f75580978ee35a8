// `sextant bench ingest`: what it measures and how a run goes.
#pragma once

#include <string>

#include "base/core/result.h"
#include "base/sys/files.h"
#include "wiring/bench/figures.h"
#include "wiring/bench/settings.h"

namespace sextant::wiring {

struct IngestBenchSettings : BenchSettings {
  bool floor = false;                // compare the disk with zstd -19 --long=27
  std::string target;                // send there instead of starting a server
  std::string duration;              // load for so long, made while it runs, instead of `spans` prepared
  uint64_t rate = 0;                 // with `duration`: spans a second; 0: as many as can be
  std::string report_to_prometheus;  // push the result there (Pushgateway)
};

/// Loads a server of its own, and measures it hot and settled.
Result<Measured> measure_ingest(const IngestBenchSettings& settings, Files& files);

/// Runs it; prints figures on standard output, one JSON line each, and problems on standard error. Returns the exit
/// code: 0, or 1 when a request failed, the server could not be started or the report could not be delivered.
int run_ingest_bench(const IngestBenchSettings& settings, Files& files);

}  // namespace sextant::wiring
