#include "net/http_connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace sextant::net {
namespace {

constexpr std::size_t kReadBytes = 16 * 1024;
constexpr std::chrono::milliseconds kDrainTime{2'000};  // a client that is still sending then is reset

std::int64_t after(std::int64_t now_ns, std::chrono::milliseconds time) {
  return now_ns + std::chrono::nanoseconds(time).count();
}

bool would_wait(ssize_t result) {
  return result < 0 && (errno == EAGAIN || errno == EINTR);
}

/// RFC 9112 asks servers to overlook empty lines before a request.
std::string_view without_empty_lines(std::string_view bytes) {
  while (!bytes.empty() && (bytes.front() == '\r' || bytes.front() == '\n')) bytes.remove_prefix(1);
  return bytes;
}

bool is_letter(char c) {
  return (c | 32) >= 'a' && (c | 32) <= 'z';
}

}  // namespace

HttpConnection::HttpConnection(Socket socket, std::uint64_t id, const HttpServerLimits& limits, std::int64_t now_ns)
    : socket_(std::move(socket)), id_(id), limits_(limits) {
  wait_for_request(now_ns);
  due_ns_ = after(now_ns, limits_.head_timeout);  // who connects has something to ask
}

void HttpConnection::wait_for_request(std::int64_t now_ns) {
  phase_ = Phase::kReading;
  // A body is never waited for: who sends one is answered after its head, and the connection is closed.
  reader_.emplace(HttpReader::Kind::kRequest, HttpLimits{limits_.head_bytes_max, limits_.body_bytes_max});
  begun_ = false;
  keep_ = false;
  head_only_ = false;
  waiting_since_ns_ = now_ns;
  due_ns_ = after(now_ns, limits_.idle_timeout);
}

short HttpConnection::events() const noexcept {
  switch (phase_) {
    case Phase::kReading:
    case Phase::kDraining:
      return POLLIN;
    case Phase::kWriting:
      return POLLOUT;
    case Phase::kHandling:
    case Phase::kClosed:
      break;
  }
  return 0;  // poll() tells of a client that has gone all the same
}

std::optional<RequestHead> HttpConnection::read(std::int64_t now_ns) {
  if (!next_.empty()) return advance(std::exchange(next_, {}), now_ns);
  char bytes[kReadBytes];
  const ssize_t got = recv(socket_.descriptor(), bytes, sizeof(bytes), 0);
  if (would_wait(got)) return std::nullopt;
  if (got <= 0) {
    close();
    return std::nullopt;
  }
  return advance({bytes, static_cast<std::size_t>(got)}, now_ns);
}

std::optional<RequestHead> HttpConnection::advance(std::string_view bytes, std::int64_t now_ns) {
  if (!begun_) {
    bytes = without_empty_lines(bytes);
    if (bytes.empty()) return std::nullopt;
    begun_ = true;
    due_ns_ = std::min(due_ns_, after(now_ns, limits_.head_timeout));
    if (!is_letter(bytes.front())) {
      refuse(400, "this is no HTTP: a request begins with its method", now_ns);
      return std::nullopt;
    }
  }
  reader_->add(bytes);
  if (reader_->state() == HttpReader::State::kHead) return std::nullopt;
  return understand(now_ns);
}

/// The head is whole, or will never be.
std::optional<RequestHead> HttpConnection::understand(std::int64_t now_ns) {
  const bool bad = reader_->state() == HttpReader::State::kBad;
  if (bad && reader_->too_large()) {
    const bool head = reader_->start_line().empty();
    refuse(head ? 431 : 413, "the request is too large: " + reader_->problem(), now_ns);
    return std::nullopt;
  }
  if (bad) {
    refuse(400, "the request cannot be read: " + reader_->problem(), now_ns);
    return std::nullopt;
  }
  Result<RequestHead> request = parse_request(reader_->start_line(), reader_->headers());
  if (!request) {
    refuse(400, "the request cannot be read: " + request.error(), now_ns);
    return std::nullopt;
  }
  keep_ = reader_->keeps_alive() && !request->has_body;
  head_only_ = request->method == "HEAD";
  next_ = std::string(reader_->leftover());
  phase_ = Phase::kHandling;
  due_ns_ = after(now_ns, limits_.handling_timeout);
  return std::move(*request);
}

void HttpConnection::refuse(int status, std::string_view sentence, std::int64_t now_ns) {
  keep_ = false;
  answer(refusal(status, sentence), now_ns);
}

void HttpConnection::answer(const HttpAnswer& answer, std::int64_t now_ns) {
  out_ = answer_head(answer, keep_ ? Connection::kKeep : Connection::kClose);
  if (!head_only_) out_ += answer.body;
  written_ = 0;
  phase_ = Phase::kWriting;
  due_ns_ = after(now_ns, limits_.write_timeout);
  write(now_ns);
}

void HttpConnection::write(std::int64_t now_ns) {
  const ssize_t sent = send(socket_.descriptor(), out_.data() + written_, out_.size() - written_, MSG_NOSIGNAL);
  if (would_wait(sent)) return;
  if (sent < 0) return close();
  written_ += static_cast<std::size_t>(sent);
  if (written_ == out_.size()) finish_answer(now_ns);
}

void HttpConnection::finish_answer(std::int64_t now_ns) {
  out_ = {};
  if (keep_) return wait_for_request(now_ns);
  next_ = {};
  // To close with something unread would reset the connection, and the client might never see the answer.
  shutdown(socket_.descriptor(), SHUT_WR);
  phase_ = Phase::kDraining;
  due_ns_ = after(now_ns, kDrainTime);
}

void HttpConnection::drain() {
  char bytes[kReadBytes];
  const ssize_t got = recv(socket_.descriptor(), bytes, sizeof(bytes), 0);
  if (got <= 0 && !would_wait(got)) close();
}

void HttpConnection::timed_out(std::int64_t now_ns) {
  if (phase_ == Phase::kReading && begun_) return refuse(408, "the request did not come in time", now_ns);
  if (phase_ == Phase::kHandling) return refuse(503, "there is no answer yet: try again later", now_ns);
  close();
}

void HttpConnection::close() noexcept {
  socket_.close();
  phase_ = Phase::kClosed;
}

}  // namespace sextant::net
