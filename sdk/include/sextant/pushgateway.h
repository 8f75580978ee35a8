// Metrics of programs that end before anybody scrapes them: pushed to a Prometheus Pushgateway.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sextant/transport.h"

namespace sextant {

/// What of its group a push replaces at the gateway.
enum class PushReplaces : std::uint8_t {
  kGroup,      // everything (PUT)
  kSameNames,  // metrics of the same names (POST)
};

struct PushgatewayOptions {
  std::string url;  // http://127.0.0.1:9091; empty: nothing is pushed
  std::string job;  // empty: the service's name
  /// What tells this program's metrics from others of its job, e.g. {"instance", "batch-7"}. Any values; names as
  /// Prometheus has them.
  std::vector<std::pair<std::string, std::string>> labels;
  PushReplaces replaces = PushReplaces::kGroup;
  std::chrono::milliseconds interval{0};      // between two pushes; 0: only at a flush and at the end
  std::chrono::milliseconds timeout{10'000};  // of one push
  HttpHeaders headers;                        // e.g. Authorization
  HttpTransportPtr transport;                 // null: plain_http()
};

/// Pushes, since the SDK was started.
struct PushCounts {
  std::uint64_t pushed = 0;
  std::uint64_t failed = 0;
  std::string last_error;  // empty: none
};

}  // namespace sextant
