// One keep-alive HTTP connection of a benchmark, and the URL it goes to.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/core/result.h"

namespace sextant::wiring {

/// Where requests go. Value.
struct LoadTarget {
  std::string host;
  std::string port;
  std::string path;
};
/// "http://host:port[/path]"; a URL without a path gets `default_path`. Errors: kInvalidArgument, kUnsupported (https).
Result<LoadTarget> parse_target(std::string_view url, std::string_view default_path);

struct HttpReply {
  int status = 0;
  uint32_t retry_after_seconds = 0;  // 0: not said
  std::string body;
};

/// Thread-confined. Connects when first asked and again after a failure. Lifetime: not longer than the target.
class HttpConnection {
 public:
  explicit HttpConnection(const LoadTarget& target);
  ~HttpConnection();

  /// To the target's path. Errors: kUnavailable when there is no answer within 30 s, or none that is HTTP.
  Result<HttpReply> post(std::string_view content_type, std::string_view body);
  /// `path` begins with a slash and is escaped.
  Result<HttpReply> get(std::string_view path);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sextant::wiring
