// The last minutes as one line of numbers: what a dashboard polls.
#pragma once

#include "base/core/result.h"
#include "query/traces/question.h"

namespace sextant::query {

struct LiveMetrics {
  double requests_per_minute = 0;  // runs that started within the last minute
  double error_rate = 0;           // percent of the runs that ended within the last five minutes
  double avg_latency_ms = 0;       // mean duration of these runs
  uint64_t active_traces = 0;      // runs without an end that sent something within the last minute
  uint64_t tokens_per_hour = 0;    // input and output of the runs that started within the last hour
};

Result<LiveMetrics> live_metrics(const Context& context, UnixNanos now);

}  // namespace sextant::query
