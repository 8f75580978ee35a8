// The HTTP client of the core: one connection that is kept, no TLS.
#include <unistd.h>

#include <charconv>
#include <new>
#include <utility>

#include "net/http_reader.h"
#include "net/socket.h"
#include "net/url.h"
#include "sextant/transport.h"

namespace sextant {

std::string_view HttpResponse::header(std::string_view lower_case_name) const noexcept {
  return net::find_header(headers, lower_case_name);
}

namespace net {
namespace {

constexpr std::size_t kReadBytes = 16 * 1024;

std::string head_of(const HttpRequest& request, const Url& url) {
  std::string head = request.method + " " + url.target + " HTTP/1.1\r\nHost: " + url.authority() + "\r\n";
  if (!url.user_info.empty()) head.append("Authorization: ").append(basic_authorization(url.user_info)).append("\r\n");
  for (const auto& [name, value] : request.headers) head.append(name).append(": ").append(value).append("\r\n");
  return head + "Content-Length: " + std::to_string(request.body.size()) + "\r\n\r\n";
}

/// Thread-confined.
class PlainHttp final : public HttpTransport {
 public:
  Result<HttpResponse> send(const HttpRequest& request, const Deadline& deadline) override {
    if (process_ != getpid()) leave_to_parent();
    const Result<Url> url = parse_url(request.url);
    if (!url) return Error{url.error()};
    if (url->scheme != "http") {
      return Error{"'" + without_secrets(request.url) +
                   "' needs TLS, which this program does not have: link sextant::http and use its transport"};
    }
    if (std::string problem = problem_of(request.headers); !problem.empty()) return Error{std::move(problem)};
    const bool reused = reuse(url->authority());
    Result<HttpResponse> response = attempt(request, *url, deadline);
    // A server may close a kept connection at the very moment it is used again: nothing of an answer has come then.
    if (!response && reused && !answering_ && !deadline.passed()) {
      socket_.close();
      response = attempt(request, *url, deadline);
    }
    if (!response) {
      socket_.close();
      return Error{url->authority() + ": " + response.error()};
    }
    return response;
  }

 private:
  /// In the child of a fork: the connection is the parent's, and a thread that is gone may have been in the middle of
  /// anything.
  void leave_to_parent() noexcept {
    socket_.close();
    new (&authority_) std::string;
    process_ = getpid();
  }

  bool reuse(const std::string& authority) {
    if (socket_.open() && authority == authority_ && !socket_.stale()) return true;
    socket_.close();
    authority_ = authority;
    return false;
  }

  Result<HttpResponse> attempt(const HttpRequest& request, const Url& url, const Deadline& deadline) {
    answering_ = false;
    if (!socket_.open()) {
      Result<Socket> socket = connect_tcp(url.host, url.port, deadline);
      if (!socket) return Error{socket.error()};
      socket_ = std::move(*socket);
    }
    if (std::string problem = socket_.write_all(head_of(request, url), request.body, deadline); !problem.empty())
      return Error{problem};
    return read_response(deadline);
  }

  Result<HttpResponse> read_response(const Deadline& deadline) {
    HttpReader reader(HttpReader::Kind::kResponse, {});
    char bytes[kReadBytes];
    while (reader.state() == HttpReader::State::kHead || reader.state() == HttpReader::State::kBody) {
      if (deadline.passed()) return Error{"timed out"};  // also where bytes come without end
      const Result<std::size_t> got = socket_.read_some(bytes, sizeof(bytes), deadline);
      if (!got) return Error{got.error()};
      answering_ = answering_ || *got > 0;
      if (*got == 0) {
        reader.end();
      } else {
        reader.add({bytes, *got});
      }
    }
    HttpResponse response;
    response.cut = reader.too_large() && !reader.start_line().empty();
    if (reader.state() == HttpReader::State::kBad && !response.cut)
      return Error{"the answer cannot be read: " + reader.problem()};
    if (response.cut || !reader.keeps_alive() || !reader.leftover().empty()) socket_.close();
    const std::string& line = reader.start_line();
    std::from_chars(line.data() + 9, line.data() + 12, response.status);
    if (response.status < 100) {
      socket_.close();
      return Error{"the answer cannot be read: its status is no number"};
    }
    response.headers = reader.headers();
    response.body = std::move(reader.body());
    if (response.body.size() > kHttpBodyBytesMax) response.body.resize(kHttpBodyBytesMax);
    return response;
  }

  Socket socket_;
  std::string authority_;
  pid_t process_ = getpid();
  bool answering_ = false;  // some of the answer has come
};

}  // namespace
}  // namespace net

HttpTransportPtr plain_http() {
  return std::make_shared<net::PlainHttp>();
}

}  // namespace sextant
