// Who may ask: the checks that stand before every route of 8420. Browsers let any page send requests to loopback; Host
// and Origin tell ours from theirs.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/net/http_message.h"
#include "serve/api/problem.h"

namespace sextant::serve {

/// Immutable after construction.
class Gate {
 public:
  /// True when the value of an Authorization header is good. Callable from every thread.
  using Authorize = std::function<bool(std::string_view authorization)>;

  /// `hosts`: names besides localhost under which the server is reached. Without `authorize` no token is asked for.
  Gate(std::vector<std::string> hosts, Authorize authorize)
      : hosts_(std::move(hosts)), authorize_(std::move(authorize)) {}

  /// Host must be an address (a foreign page cannot make one point elsewhere) or a known name; Origin, when there is
  /// one, must be this server's own.
  std::optional<Problem> check_origin(const HttpHead& head) const;
  std::optional<Problem> check_token(const HttpHead& head) const;

 private:
  bool knows_host(std::string_view name) const;
  std::vector<std::string> hosts_;
  Authorize authorize_;
};

}  // namespace sextant::serve
