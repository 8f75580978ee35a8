// A small HTTP/1.1 server: as much as an example needs, with a limit for everything that comes from outside.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "sextant/result.h"
#include "sextant/transport.h"

namespace http_echo {

struct Request {
  std::string method;
  std::string target;
  sextant::HttpHeaders headers;  // in their order; names as they came
  std::string body;
};

struct Response {
  int status = 200;
  std::string body = "null";
};

/// Internally locked. Each connection is one request; several are answered at the same time.
class HttpServer {
 public:
  using Handler = std::function<Response(const Request&)>;
  /// 127.0.0.1; port 0: a free one.
  static sextant::Result<HttpServer*> start(std::uint16_t port, Handler handler);
  ~HttpServer();
  std::uint16_t port() const { return port_; }

 private:
  HttpServer(int listener, std::uint16_t port, Handler handler);
  void serve();
  void answer(int connection);

  const int listener_;
  const std::uint16_t port_;
  const Handler handler_;
  std::vector<std::thread> threads_;
};

}  // namespace http_echo
