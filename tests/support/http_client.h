// A small blocking HTTP/1.1 client for tests: it can also send what no real client would send.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sextant::testing {

/// An answer as it came. `status` 0: the connection ended, or nothing whole came within kClientDeadlineMs.
struct ClientAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;                            // chunked bodies are put together

  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }
};

/// How long a test waits before it calls a server dead. No test that passes waits so long.
inline constexpr int kClientDeadlineMs = 300'000;

/// One TCP connection to loopback. Thread-confined.
class HttpClient {
 public:
  explicit HttpClient(uint16_t port, int receive_buffer_bytes = 0);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  bool connected() const { return socket_ >= 0; }
  /// False when the connection broke.
  bool send(std::string_view bytes);
  /// `no_body`: the answer to a HEAD request.
  ClientAnswer receive(bool no_body = false);
  /// Method, target, further headers ("Name: value\r\n"…) and a body with its Content-Length.
  ClientAnswer request(std::string_view method, std::string_view target, std::string_view headers = {},
                       std::optional<std::string_view> body = std::nullopt);
  /// Waits for the server to close. False when it does not within the deadline; what it sends before is thrown away.
  bool closed_by_server();
  /// Up to `bytes` bytes of whatever comes; fewer when the connection ends.
  std::string receive_bytes(size_t bytes);
  /// No more will be sent; receiving goes on.
  void finish_sending();

 private:
  bool fill();
  int socket_ = -1;
  std::string input_;
};

}  // namespace sextant::testing
