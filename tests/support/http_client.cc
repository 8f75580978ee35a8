#include "tests/support/http_client.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace sextant::testing {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// Number in `text`, or nothing.
std::optional<size_t> number(std::string_view text, int base) {
  size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

}  // namespace

HttpClient::HttpClient(uint16_t port, int receive_buffer_bytes) {
  socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return;
  if (receive_buffer_bytes > 0) {
    setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof(receive_buffer_bytes));
  }
  const int no_delay = 1;  // small pieces must not wait for the server's acknowledgement
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof(no_delay));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    close(socket_);
    socket_ = -1;
  }
}

HttpClient::~HttpClient() {
  if (socket_ >= 0) close(socket_);
}

bool HttpClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool HttpClient::fill() {
  pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
  if (poll(&waiting, 1, kClientDeadlineMs) != 1) return false;
  char buffer[16 * 1024];
  const ssize_t size = recv(socket_, buffer, sizeof(buffer), 0);
  if (size <= 0) return false;
  input_.append(buffer, static_cast<size_t>(size));
  return true;
}

std::string HttpClient::receive_bytes(size_t bytes) {
  while (input_.size() < bytes && fill()) {
  }
  std::string taken = input_.substr(0, bytes);
  input_.erase(0, taken.size());
  return taken;
}

ClientAnswer HttpClient::receive(bool no_body) {
  ClientAnswer answer;
  size_t end = 0;
  while ((end = input_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill()) return {};
  }
  std::string head = input_.substr(0, end + 2);
  input_.erase(0, end + 4);
  answer.status = static_cast<int>(number(std::string_view(head).substr(9, 3), 10).value_or(0));
  for (size_t at = head.find("\r\n") + 2; at < head.size();) {
    const size_t line_end = head.find("\r\n", at);
    const std::string line = head.substr(at, line_end - at);
    const size_t colon = line.find(": ");
    if (colon != std::string::npos) answer.headers[lower(line.substr(0, colon))] = line.substr(colon + 2);
    at = line_end + 2;
  }
  if (no_body || answer.status < 200 || answer.status == 204 || answer.status == 304) return answer;
  if (answer.header("transfer-encoding") != "chunked") {
    const size_t size = number(answer.header("content-length"), 10).value_or(0);
    answer.body = receive_bytes(size);
    return answer.body.size() == size ? answer : ClientAnswer{};
  }
  while (true) {
    size_t line = 0;
    while ((line = input_.find("\r\n")) == std::string::npos) {
      if (!fill()) return {};
    }
    const size_t size = number(receive_bytes(line + 2), 16).value_or(0);
    const std::string chunk = receive_bytes(size + 2);
    if (chunk.size() != size + 2) return {};
    if (size == 0) return answer;
    answer.body += chunk.substr(0, size);
  }
}

ClientAnswer HttpClient::request(std::string_view method, std::string_view target, std::string_view headers,
                                 std::optional<std::string_view> body) {
  std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n{}", method, target, headers);
  if (body) text += fmt::format("Content-Length: {}\r\n", body->size());
  text += "\r\n";
  if (!send(text)) return {};
  if (body) send(*body);  // a server that refuses early may close before all is sent
  return receive(method == "HEAD");
}

bool HttpClient::closed_by_server() {
  while (true) {
    pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
    if (poll(&waiting, 1, kClientDeadlineMs) != 1) return false;
    char buffer[4096];
    if (recv(socket_, buffer, sizeof(buffer), 0) <= 0) return true;
  }
}

void HttpClient::finish_sending() {
  shutdown(socket_, SHUT_WR);
}

}  // namespace sextant::testing
