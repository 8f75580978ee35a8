// A sampler whose rules come from elsewhere: from a file that operators edit, or from a server that is asked again and
// again. While the SDK runs, changes take effect without a restart.
//
//   sextant::RemoteSamplerSettings settings;
//   settings.service_name = "caxton-runtime";
//   settings.url = "http://127.0.0.1:5778/sampling";        // or settings.file = "sampling-strategies.json"
//   options.sampler = sextant::parent_based(sextant::remote_sampler(settings));
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "sextant/sampler.h"
#include "sextant/transport.h"

namespace sextant {

/// Both sources may have either form: that of Jaeger's strategies file (`service_strategies`, `default_strategy`), of
/// which the entry of `service_name` counts, or that of the answer Jaeger's clients poll for (`strategyType`,
/// `probabilisticSampling`, `rateLimitingSampling`, `operationSampling`).
struct RemoteSamplerSettings {
  std::string service_name;
  /// Path of a file, looked at every `interval`; counts where not empty.
  std::string file;
  /// Asked by GET every `interval`, with `?service=NAME` added.
  std::string url;
  std::chrono::milliseconds interval{60'000};  // at least 100 ms
  std::chrono::milliseconds timeout{5'000};    // of one question
  SamplerPtr initial;                          // until the first strategy has come; null: trace_id_ratio(0.001)
  HttpTransportPtr transport;                  // null: plain_http()
  std::size_t operations_max = 2'000;          // rules for more are left out
};

/// Where a strategy cannot be had or understood, the last good one stays, and a diagnostic says so, at most once a
/// minute. A file is read at once; a server is first asked when an SDK starts with this sampler.
SamplerPtr remote_sampler(RemoteSamplerSettings settings);

}  // namespace sextant
