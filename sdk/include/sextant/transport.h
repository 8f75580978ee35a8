// How a request reaches a server: plain HTTP comes with the core, TLS with sextant::http.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sextant/exporter.h"
#include "sextant/result.h"

namespace sextant {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = "POST";
  std::string url;
  HttpHeaders headers;  // Host, Content-Length and Connection are added
  std::string_view body;
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;  // names in lower case
  std::string body;     // at most kHttpBodyBytesMax
  bool cut = false;     // there was more of the body than that, which was not read

  /// Empty where there is none.
  std::string_view header(std::string_view lower_case_name) const noexcept;
};

inline constexpr std::size_t kHttpBodyBytesMax = std::size_t{4} << 20;  // OTLP's limit for responses

/// Thread: one call at a time. Keeps connections open between calls.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  /// Any response is a value, whatever its status, also one whose body is too long. An error says what failed, and at
  /// which address, without the secrets of that address. User information of an address is sent as Basic
  /// authorization.
  virtual Result<HttpResponse> send(const HttpRequest& request, const Deadline& deadline) = 0;
};
using HttpTransportPtr = std::shared_ptr<HttpTransport>;

/// HTTP/1.1 without TLS. An https:// address is an error that says what to link (sextant/http.h).
HttpTransportPtr plain_http();

}  // namespace sextant
