#include "net/http_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread_name.h"
#include "net/http_connection.h"
#include "net/listener.h"

namespace sextant::net {
namespace {

constexpr int kAcceptsAtOnce = 64;              // before those who are connected are served again
constexpr std::int64_t kPauseNs = 100'000'000;  // until what the system refused is tried again

HttpAnswer only_get() {
  HttpAnswer answer = refusal(405, "only GET and HEAD are answered here");
  answer.headers.emplace_back("Allow", "GET, HEAD");
  return answer;
}

HttpAnswer not_found(const HttpServer::Routes& routes) {
  std::string sentence = "there is nothing at this path; there is";
  for (const auto& route : routes) sentence.append(" ").append(route.first);
  return refusal(404, sentence);
}

}  // namespace

/// Answers on their way to the server's thread. Internally locked. Lifetime: as long as a reply or the server.
struct HttpServer::Reply::Box {
  std::mutex mutex;
  bool open = true;
  std::vector<std::pair<std::uint64_t, HttpAnswer>> answers;
  Waker waker;
};

void HttpServer::Reply::send(HttpAnswer answer) const {
  const std::lock_guard<std::mutex> lock(box_->mutex);
  if (!box_->open) return;
  box_->answers.emplace_back(connection_, std::move(answer));
  box_->waker.wake();
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(const std::string& address, std::uint16_t port, Routes routes,
                                                      const HttpServerLimits& limits) {
  Result<Listener> listener = listen_tcp(address, port);
  if (!listener) return Error{listener.error()};
  std::unique_ptr<HttpServer> server(
      new HttpServer(std::move(listener->socket), listener->port, std::move(routes), limits));
  server->thread_ = std::thread([raw = server.get()] {
    name_thread("sextant_http");
    raw->run();
  });
  return server;
}

HttpServer::HttpServer(Socket listener, std::uint16_t port, Routes routes, const HttpServerLimits& limits)
    : listener_(std::move(listener)),
      port_(port),
      routes_(std::move(routes)),
      limits_(limits),
      box_(std::make_shared<Reply::Box>()) {}

HttpServer::~HttpServer() {
  stop();
}

void HttpServer::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard<std::mutex> lock(box_->mutex);
    box_->open = false;
  }
  stopping_.store(true);
  box_->waker.wake();
  thread_.join();
  connections_.clear();
  listener_.close();
}

void HttpServer::leave_in_child() noexcept {
  // The thread may have been changing its connections when the process forked: they are forgotten, not looked at.
  new (&thread_) std::thread;
  new (&connections_) decltype(connections_);
  listener_.close();
}

HttpServerCounts HttpServer::counts() const noexcept {
  return {open_.load(), open_most_.load(), accepted_.load(), evicted_.load(), turned_away_.load(), requests_.load()};
}

void HttpServer::run() {
  std::vector<pollfd> entries;
  while (!stopping_.load()) {
    entries.clear();
    entries.push_back({box_->waker.descriptor(), POLLIN, 0});
    const bool listens = monotonic_ns() >= listen_again_ns_;
    entries.push_back({listens ? listener_.descriptor() : -1, POLLIN, 0});
    for (const auto& entry : connections_) entries.push_back({entry.second->descriptor(), entry.second->events(), 0});
    if (poll(entries.data(), entries.size(), wait()) < 0) {
      if (errno != EINTR) box_->waker.wait_for(std::chrono::nanoseconds(kPauseNs));  // the system is out of memory
      continue;
    }
    const std::int64_t now_ns = monotonic_ns();
    std::size_t at = 2;
    for (const auto& entry : connections_) serve(*entry.second, entries[at++].revents, now_ns);
    if (entries[0].revents != 0) deliver(now_ns);
    forget_closed();
    if (entries[1].revents != 0) accept_all(now_ns);
  }
}

/// Milliseconds until something is due.
int HttpServer::wait() {
  const std::int64_t now_ns = monotonic_ns();
  std::int64_t due_ns = listen_again_ns_ > now_ns ? listen_again_ns_ : INT64_MAX;
  for (const auto& entry : connections_) {
    if (entry.second->has_next()) return 0;
    due_ns = std::min(due_ns, entry.second->due_ns());
  }
  if (due_ns == INT64_MAX) return -1;
  return static_cast<int>(std::clamp<std::int64_t>((due_ns - now_ns + 999'999) / 1'000'000, 0, 60'000));
}

void HttpServer::accept_all(std::int64_t now_ns) {
  for (int i = 0; i < kAcceptsAtOnce && accept_one(now_ns); ++i) {
  }
}

bool HttpServer::accept_one(std::int64_t now_ns) {
  Socket socket(accept4(listener_.descriptor(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket.open()) {
    if (errno == ECONNABORTED || errno == EINTR) return true;
    if (errno == EAGAIN) return false;
    log_once_a_minute(LogLevel::kWarn, "a connection to the SDK's HTTP server could not be accepted",
                      std::strerror(errno));
    listen_again_ns_ = now_ns + kPauseNs;
    return false;
  }
  accepted_.fetch_add(1);
  if (connections_.size() >= limits_.connections_max && !make_room()) {
    turned_away_.fetch_add(1);
    const HttpAnswer answer = refusal(503, "too many requests are in hand: try again later");
    const std::string bytes = answer_head(answer, Connection::kClose) + answer.body;
    [[maybe_unused]] const ssize_t sent = send(socket.descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return true;
  }
  const int on = 1;
  setsockopt(socket.descriptor(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  const std::uint64_t id = ++last_id_;
  connections_.emplace(id, std::make_unique<HttpConnection>(std::move(socket), id, limits_, now_ns));
  open_.store(connections_.size());
  open_most_.store(std::max(open_most_.load(), connections_.size()));
  return true;
}

/// Who has been waiting longest without a whole request goes: a client that means it sends one at once, so that those
/// who only hold connections cannot keep others out.
bool HttpServer::make_room() {
  auto longest = connections_.end();
  for (auto at = connections_.begin(); at != connections_.end(); ++at) {
    const HttpConnection& one = *at->second;
    const bool idle = one.phase() == HttpConnection::Phase::kReading || one.phase() == HttpConnection::Phase::kDraining;
    if (!idle) continue;
    if (longest == connections_.end() || one.waiting_since_ns() < longest->second->waiting_since_ns()) longest = at;
  }
  if (longest == connections_.end()) return false;
  connections_.erase(longest);
  evicted_.fetch_add(1);
  return true;
}

void HttpServer::serve(HttpConnection& connection, short ready, std::int64_t now_ns) {
  using Phase = HttpConnection::Phase;
  if (connection.phase() == Phase::kHandling && (ready & (POLLERR | POLLHUP)) != 0) return connection.close();
  if (ready != 0 || connection.has_next()) {
    if (connection.phase() == Phase::kReading) {
      if (const auto request = connection.read(now_ns)) handle(connection, *request, now_ns);
    } else if (connection.phase() == Phase::kWriting) {
      connection.write(now_ns);
    } else if (connection.phase() == Phase::kDraining) {
      connection.drain();
    }
  }
  if (connection.phase() != Phase::kClosed && connection.due_ns() <= now_ns) connection.timed_out(now_ns);
}

void HttpServer::handle(HttpConnection& connection, const RequestHead& request, std::int64_t now_ns) {
  requests_.fetch_add(1);
  if (request.method != "GET" && request.method != "HEAD") return connection.answer(only_get(), now_ns);
  const auto route = routes_.find(request.path);
  if (route == routes_.end()) return connection.answer(not_found(routes_), now_ns);
  route->second(request, Reply(box_, connection.id()));
}

void HttpServer::deliver(std::int64_t now_ns) {
  box_->waker.clear();
  std::vector<std::pair<std::uint64_t, HttpAnswer>> answers;
  {
    const std::lock_guard<std::mutex> lock(box_->mutex);
    answers.swap(box_->answers);
  }
  for (auto& [id, answer] : answers) {
    const auto found = connections_.find(id);
    if (found == connections_.end() || found->second->phase() != HttpConnection::Phase::kHandling) continue;
    give(*found->second, std::move(answer), now_ns);
  }
}

void HttpServer::give(HttpConnection& connection, HttpAnswer answer, std::int64_t now_ns) {
  std::size_t kept = answer.body.size();
  for (const auto& entry : connections_) kept += entry.second->answer_bytes();
  if (kept > limits_.answer_bytes_max) {
    answer = refusal(503, "too much waits to be taken by others: try again later");
  }
  connection.answer(answer, now_ns);
}

void HttpServer::forget_closed() {
  for (auto at = connections_.begin(); at != connections_.end();) {
    at = at->second->phase() == HttpConnection::Phase::kClosed ? connections_.erase(at) : std::next(at);
  }
  open_.store(connections_.size());
}

}  // namespace sextant::net
