#include "examples/http_echo/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace http_echo {
namespace {

using sextant::Error;
using sextant::Result;

constexpr std::size_t kHeadBytesMax = 64 * 1024;
constexpr std::size_t kBodyBytesMax = 1 << 20;
constexpr int kThreads = 16;
constexpr int kWaitSeconds = 10;  // for bytes of a request that has begun

bool equal_name(const std::string& a, std::string_view lower) {
  return a.size() == lower.size() && std::equal(a.begin(), a.end(), lower.begin(), [](char x, char y) {
           return (x >= 'A' && x <= 'Z' ? x | 32 : x) == y;
         });
}

std::string_view header(const Request& request, std::string_view lower_name) {
  for (const auto& [name, value] : request.headers) {
    if (equal_name(name, lower_name)) return value;
  }
  return {};
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

/// False where it is no request.
bool parse_head(std::string_view head, Request& out) {
  std::size_t line_end = std::min(head.find("\r\n"), head.size());
  const std::string_view line = head.substr(0, line_end);
  const std::size_t method_end = line.find(' ');
  const std::size_t target_end = line.rfind(' ');
  if (method_end == std::string_view::npos || target_end == method_end) return false;
  if (line.substr(target_end + 1, 7) != "HTTP/1.") return false;
  out.method = std::string(line.substr(0, method_end));
  out.target = std::string(line.substr(method_end + 1, target_end - method_end - 1));
  while (line_end < head.size()) {
    const std::size_t begin = line_end + 2;
    line_end = std::min(head.find("\r\n", begin), head.size());
    const std::string_view field = head.substr(begin, line_end - begin);
    const std::size_t colon = field.find(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    out.headers.emplace_back(std::string(field.substr(0, colon)), std::string(trimmed(field.substr(colon + 1))));
  }
  return true;
}

/// False where it is no number, or too large a one.
bool parse_length(std::string_view text, std::size_t& out) {
  out = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || out > kBodyBytesMax) return false;
    out = out * 10 + static_cast<std::size_t>(c - '0');
  }
  return out <= kBodyBytesMax;
}

bool receive(int connection, std::string& into) {
  char bytes[16 * 1024];
  const ssize_t got = recv(connection, bytes, sizeof(bytes), 0);
  if (got > 0) into.append(bytes, static_cast<std::size_t>(got));
  return got > 0;
}

/// 200: the request is whole; 0: the peer went away; else what to answer.
int read_request(int connection, Request& out) {
  std::string bytes;
  std::size_t head_end = std::string::npos;
  while ((head_end = bytes.find("\r\n\r\n")) == std::string::npos) {
    if (bytes.size() > kHeadBytesMax) return 431;
    if (!receive(connection, bytes)) return 0;
  }
  if (!parse_head(std::string_view(bytes).substr(0, head_end), out)) return 400;
  std::size_t length = 0;
  if (!header(out, "transfer-encoding").empty()) return 411;
  if (!parse_length(header(out, "content-length"), length)) return 413;
  out.body = bytes.substr(head_end + 4);
  while (out.body.size() < length) {
    if (!receive(connection, out.body)) return 0;
  }
  out.body.resize(length);
  return 200;
}

void send_all(int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string system_error(const char* what) {
  return std::string(what) + ": " + std::strerror(errno);
}

}  // namespace

Result<HttpServer*> HttpServer::start(std::uint16_t port, Handler handler) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 || listen(listener, 128) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    const std::string why = system_error(("127.0.0.1:" + std::to_string(port) + " cannot be listened on").c_str());
    close(listener);
    return Error{why};
  }
  return new HttpServer(listener, ntohs(address.sin_port), std::move(handler));
}

HttpServer::HttpServer(int listener, std::uint16_t port, Handler handler)
    : listener_(listener), port_(port), handler_(std::move(handler)) {
  for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this] { serve(); });
}

HttpServer::~HttpServer() {
  shutdown(listener_, SHUT_RDWR);  // wakes those that wait in accept()
  for (std::thread& thread : threads_) thread.join();
  close(listener_);
}

void HttpServer::serve() {
  for (;;) {
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
    if (connection < 0) return;
    const timeval wait{kWaitSeconds, 0};
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
    answer(connection);
    close(connection);
  }
}

void HttpServer::answer(int connection) {
  Request request;
  const int status = read_request(connection, request);
  if (status == 0) return;
  const Response response = status == 200 ? handler_(request) : Response{status, "\"this request cannot be read\""};
  send_all(connection, "HTTP/1.1 " + std::to_string(response.status) + (response.status == 200 ? " OK" : " Refused") +
                           "\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " +
                           std::to_string(response.body.size()) + "\r\n\r\n" + response.body);
}

}  // namespace http_echo
