#include "base/net/http_server.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <thread>
#include <vector>

#include "base/net/address.h"
#include "base/net/http_core.h"
#include "base/net/http_session.h"
#include "base/net/listener.h"
#include "base/net/tls_context.h"

namespace sextant {

using net_detail::ErrorCondition;
using net_detail::HttpCore;
using net_detail::HttpSession;
using net_detail::Socket;
using net_detail::Strand;
namespace asio = boost::asio;
using asio::ip::tcp;

int http_status(HttpRefusal refusal) {
  switch (refusal) {
    case HttpRefusal::kBadRequest:
      return 400;
    case HttpRefusal::kTooSlow:
      return 408;
    case HttpRefusal::kBodyTooLarge:
      return 413;
    case HttpRefusal::kHeadTooLarge:
      return 431;
    case HttpRefusal::kInternal:
      return 500;
    case HttpRefusal::kMemoryFull:
    case HttpRefusal::kTooManyConnections:
      break;
  }
  return 503;
}

HttpAnswer HttpHandler::on_refusal(const HttpHead&, HttpRefusal refusal, std::string_view message) {
  HttpAnswer answer{.status = http_status(refusal),
                    .content_type = "text/plain; charset=utf-8",
                    .body = std::string(message) + "\n",
                    .headers = {}};
  if (answer.status == 503) answer.headers.add("Retry-After", std::to_string(kRetryAfterSeconds));
  return answer;
}

// --- What handlers hold ---

HttpResponder::HttpResponder(std::shared_ptr<HttpCore> core, std::shared_ptr<HttpSession> session)
    : core_(std::move(core)), session_(std::move(session)) {}

HttpResponder& HttpResponder::operator=(HttpResponder&& other) noexcept {
  if (session_) session_->answer_dropped();
  session_ = std::move(other.session_);  // before the core, which must live longer
  core_ = std::move(other.core_);
  return *this;
}

HttpResponder::~HttpResponder() {
  if (session_) session_->answer_dropped();
}

void HttpResponder::answer(HttpAnswer answer, LedgerHold hold) {
  if (const auto session = std::exchange(session_, nullptr)) session->answer(std::move(answer), std::move(hold));
}

HttpStream HttpResponder::stream(HttpAnswer answer) {
  auto session = std::exchange(session_, nullptr);
  if (session) session->stream_start(std::move(answer));
  return HttpStream(core_, std::move(session));
}

HttpStream::HttpStream(std::shared_ptr<HttpCore> core, std::shared_ptr<HttpSession> session)
    : core_(std::move(core)), session_(std::move(session)) {}

HttpStream& HttpStream::operator=(HttpStream&& other) noexcept {
  finish();
  session_ = std::move(other.session_);
  core_ = std::move(other.core_);
  return *this;
}

HttpStream::~HttpStream() {
  finish();
}

bool HttpStream::write(std::string bytes) {
  return session_ && session_->stream_write(std::move(bytes));
}

void HttpStream::finish() {
  if (const auto session = std::exchange(session_, nullptr)) session->stream_finish();
}

bool HttpStream::is_open() const {
  return session_ && session_->stream_is_open();
}

// --- The server ---

/// Internally locked. The acceptor and both timers are touched on `strand` only.
struct HttpServer::Impl {
  explicit Impl(std::shared_ptr<HttpCore> shared)
      : core(std::move(shared)),
        strand(asio::make_strand(core->io)),
        acceptor(strand),
        sweep_timer(strand),
        pause_timer(strand),
        work(asio::make_work_guard(core->io)) {}

  Result<void> listen();
  void accept();
  void accepted(Socket socket);
  void sweep();
  std::vector<std::shared_ptr<HttpSession>> all_sessions();

  std::shared_ptr<HttpCore> core;
  Strand strand;
  asio::basic_socket_acceptor<tcp, Strand> acceptor;
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Strand>
      sweep_timer;
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Strand>
      pause_timer;
  asio::executor_work_guard<asio::io_context::executor_type> work;
  std::string address;
  uint16_t port = 0;
  bool stopped = false;
  std::vector<std::jthread> threads;
};

namespace {

std::string text_of(const tcp::endpoint& endpoint) {
  return ListenAddress{.host = endpoint.address().to_string(), .port = endpoint.port()}.text();
}

}  // namespace

Result<void> HttpServer::Impl::listen() {
  net_detail::Listener listener = TRY(net_detail::listen_on(core->settings.address));
  ErrorCondition error;
  (void)acceptor.assign(listener.is_v6 ? tcp::v6() : tcp::v4(), listener.descriptor, error);
  if (error) return fail(ErrorCode::kIo, "listen on {}: {}", listener.address, error.message());
  port = listener.port;
  address = std::move(listener.address);
  return {};
}

void HttpServer::Impl::accept() {
  acceptor.async_accept(asio::make_strand(core->io), [this](ErrorCondition error, Socket socket) {
    if (core->stopping || error == asio::error::operation_aborted) return;
    if (!error) {
      accepted(std::move(socket));
      return accept();
    }
    ++core->counters.accept_failures;
    // Out of descriptors or memory: the waiting connection stays readable, so trying at once would only burn the CPU.
    pause_timer.expires_after(std::chrono::milliseconds(kAcceptPauseMs));
    pause_timer.async_wait([this](ErrorCondition cancelled) {
      if (!cancelled && !core->stopping) accept();
    });
  });
}

void HttpServer::Impl::accepted(Socket socket) {
  const size_t open = core->sessions.lock()->size();
  const uint32_t most = core->settings.connections_max;
  const bool refused = open >= most || !net_detail::descriptor_allowed(socket.native_handle());
  ++(refused ? core->counters.refused : core->counters.accepted);
  if (open >= most + kRefusedConnectionsMax) return;
  ErrorCondition error;
  const tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) return;  // gone already
  (void)socket.set_option(tcp::no_delay(true), error);
  const Strand connection_strand = socket.get_executor();
  auto transport = core->tls ? net_detail::make_tls_transport(std::move(socket), *core->tls)
                             : net_detail::make_plain_transport(std::move(socket));
  const auto admission = refused ? HttpSession::Admission::kRefuse : HttpSession::Admission::kServe;
  std::make_shared<HttpSession>(*core, std::move(transport), connection_strand, text_of(peer), admission)->start();
}

/// Looks for connections whose time is over. Why: one pass a few times a second over all of them costs less than a
/// timer for each, re-armed several times per request.
void HttpServer::Impl::sweep() {
  sweep_timer.expires_after(std::chrono::milliseconds(core->settings.sweep_interval_ms));
  sweep_timer.async_wait([this](ErrorCondition cancelled) {
    if (cancelled || core->stopping) return;
    const uint64_t now = core->clock.steady_nanos();
    std::vector<std::shared_ptr<HttpSession>> late;
    {
      auto sessions = core->sessions.lock();
      for (HttpSession* session : *sessions) {
        if (session->deadline_nanos() > now) continue;
        if (auto alive = session->weak_from_this().lock()) late.push_back(std::move(alive));
      }
    }
    for (const auto& session : late) session->deadline_passed();
    sweep();
  });
}

/// Shared pointers are collected under the lock and released outside: the last one would lock again.
std::vector<std::shared_ptr<HttpSession>> HttpServer::Impl::all_sessions() {
  std::vector<std::shared_ptr<HttpSession>> all;
  auto sessions = core->sessions.lock();
  for (HttpSession* session : *sessions) {
    if (auto alive = session->weak_from_this().lock()) all.push_back(std::move(alive));
  }
  return all;
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(HttpServerSettings settings, HttpHandler& handler,
                                                      MemoryLedger& ledger, const Clock& clock) {
  auto impl = std::make_unique<Impl>(std::make_shared<HttpCore>(std::move(settings), handler, ledger, clock));
  const HttpServerSettings& wanted = impl->core->settings;
  if (wanted.tls.enabled()) impl->core->tls = TRY(net_detail::make_tls_context(wanted.tls));
  TRY(impl->listen());
  Impl& server = *impl;
  asio::post(server.strand, [&server] {
    server.accept();
    server.sweep();
  });
  const uint32_t cores = std::max(1U, std::thread::hardware_concurrency());
  for (uint32_t i = 0; i < (wanted.threads > 0 ? wanted.threads : cores); ++i) {
    server.threads.emplace_back([&server] { server.core->io.run(); });
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() {
  stop(std::chrono::milliseconds(0));
}

const std::string& HttpServer::address() const {
  return impl_->address;
}
uint16_t HttpServer::port() const {
  return impl_->port;
}

HttpServerStats HttpServer::stats() const {
  const auto& counters = impl_->core->counters;
  return {.connections_open = impl_->core->sessions.lock()->size(),
          .connections_accepted = counters.accepted,
          .connections_refused = counters.refused,
          .accept_failures = counters.accept_failures,
          .handshakes_failed = counters.handshakes_failed,
          .requests = counters.requests,
          .deadlines_missed = counters.deadlines_missed};
}

void HttpServer::stop(std::chrono::milliseconds deadline) {
  Impl& server = *impl_;
  if (std::exchange(server.stopped, true)) return;
  server.core->stopping = true;
  asio::post(server.strand, [&server] {
    ErrorCondition ignored;
    (void)server.acceptor.close(ignored);
    server.sweep_timer.cancel();
    server.pause_timer.cancel();
  });
  for (const auto& session : server.all_sessions()) session->server_stopping();
  {
    auto sessions = server.core->sessions.lock();
    server.core->sessions.wait_for(sessions, {}, deadline, [&] { return sessions->empty(); });
  }
  for (const auto& session : server.all_sessions()) session->close_soon();
  {
    const std::unique_lock lock(server.core->running_mutex);
    server.core->running = false;
  }
  server.work.reset();
  server.threads.clear();
}

}  // namespace sextant
