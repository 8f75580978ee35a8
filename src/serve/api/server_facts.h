// What the API tells of the server as a whole, and what only the process that wires it together knows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "base/sys/clock.h"
#include "base/sys/files.h"

namespace sextant::serve {

/// Counts of the receivers since the process started.
struct ReceivedCounts {
  uint64_t requests_accepted = 0;
  uint64_t requests_refused = 0;
  uint64_t spans_accepted = 0;
  uint64_t spans_refused = 0;
};

/// A request that a receiver refused, for the first start: it tells people what is wrong with their exporter.
struct RecentRefusal {
  UnixNanos time = 0;
  std::string protocol;  // "http", "grpc"
  std::string message;
};

/// host:port each, with the real port; "" when the listener is off.
struct ServerAddresses {
  std::string http;
  std::string otlp_http;
  std::string otlp_grpc;
};

/// Internally locked. None of these may block for long; space() may ask the operating system.
class ServerFacts {
 public:
  virtual ~ServerFacts() = default;
  virtual std::string version() const = 0;
  virtual UnixNanos started() const = 0;
  virtual ServerAddresses addresses() const = 0;
  virtual std::string durability() const = 0;     // "sync", "relaxed", "off"
  virtual Result<DiskSpace> space() const = 0;    // of the data directory
  virtual std::string store_problem() const = 0;  // why spans are refused or stay in the log; "": all is well
  virtual ReceivedCounts received() const = 0;
  virtual std::vector<RecentRefusal> recent_refusals() const = 0;  // newest first, at most 5
};

}  // namespace sextant::serve
