// `sextant bench report`: every figure of the server in one go, and a table of them against what is aimed at.
#pragma once

#include <cstdint>

#include "base/sys/files.h"
#include "wiring/bench/settings.h"

namespace sextant::wiring {

struct ReportSettings {
  BenchSettings bench;  // its corpus and spans are not looked at
  uint64_t shape_spans = 1'000'000;
  uint64_t agent_spans = 50'000;
  uint64_t under_load = 0;  // as in QueryBenchSettings
};

/// JSON lines as the figures come, then the table. Returns the exit code: 1 when a benchmark failed; figures that fall
/// short are no failure.
int run_report(const ReportSettings& settings, Files& files);

}  // namespace sextant::wiring
