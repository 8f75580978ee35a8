// An HTTP/1.1 server with few, plain types: a handler decides on the head of each request what may follow, gets the
// whole request, and answers whenever it likes, from any thread.
//
//   class Hello final : public HttpHandler {
//     HeadDecision on_head(const HttpHead&) override { return BodyPlan{.bytes_max = 0}; }
//     void on_request(HttpRequest&, HttpResponder responder) override { responder.answer({.body = "hello"}); }
//   };
//   auto server = TRY(HttpServer::start({.address = "127.0.0.1:0"}, hello, ledger, clock));
//   server->address();   // "127.0.0.1:40123"
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "base/core/ledger.h"
#include "base/core/result.h"
#include "base/net/http_message.h"
#include "base/net/limits.h"
#include "base/net/tls_settings.h"
#include "base/sys/clock.h"

namespace sextant {

/// The head was accepted: up to so many bytes of body (as they come over the wire, still compressed) will be read.
struct BodyPlan {
  uint64_t bytes_max = 0;
};
/// Read the body, or answer at once and never read it.
using HeadDecision = std::variant<BodyPlan, HttpAnswer>;

/// What the server itself refuses.
enum class HttpRefusal : uint8_t {
  kBadRequest,          // 400: not HTTP, or a body that is not framed as its head says
  kTooSlow,             // 408: head or body did not come in time
  kBodyTooLarge,        // 413: over BodyPlan::bytes_max
  kHeadTooLarge,        // 431
  kInternal,            // 500: the handler dropped its responder
  kMemoryFull,          // 503: the ledger has no room for the body
  kTooManyConnections,  // 503
};
int http_status(HttpRefusal refusal);

namespace net_detail {
class HttpSession;
struct HttpCore;
}  // namespace net_detail

/// The body of an answer, written piece by piece (chunked). Internally locked; movable. Ends when destroyed.
class HttpStream {
 public:
  HttpStream(std::shared_ptr<net_detail::HttpCore> core, std::shared_ptr<net_detail::HttpSession> session);
  HttpStream(HttpStream&&) noexcept = default;
  HttpStream& operator=(HttpStream&& other) noexcept;
  ~HttpStream();

  /// Queues `bytes`. False when the client is gone, the server stops, or kStreamQueueBytesMax wait for a slow reader:
  /// then the connection is closed and nothing more will be sent.
  bool write(std::string bytes);
  /// Ends the answer properly.
  void finish();
  bool is_open() const;

 private:
  std::shared_ptr<net_detail::HttpCore> core_;  // declared first: lives longer than the session
  std::shared_ptr<net_detail::HttpSession> session_;
};

/// The one answer to one request. Internally locked; movable; callable from any thread, also after the server is gone.
/// Dropped without an answer, the client gets 500.
class HttpResponder {
 public:
  HttpResponder(std::shared_ptr<net_detail::HttpCore> core, std::shared_ptr<net_detail::HttpSession> session);
  HttpResponder(HttpResponder&&) noexcept = default;
  HttpResponder& operator=(HttpResponder&& other) noexcept;
  ~HttpResponder();

  /// `hold` accounts for the answer's memory until it is sent.
  void answer(HttpAnswer answer, LedgerHold hold = {});
  /// Sends status and headers now and the body through the stream. `answer.body` is its first piece.
  HttpStream stream(HttpAnswer answer);

 private:
  std::shared_ptr<net_detail::HttpCore> core_;
  std::shared_ptr<net_detail::HttpSession> session_;
};

/// What a server does with requests. Internally locked: called from all network threads at once. Must not block on disk
/// or on other requests. Lifetime: longer than the server.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;

  virtual HeadDecision on_head(const HttpHead& head) = 0;
  /// The handler may move the body (with its hold) out of `request`, which dies when it returns.
  virtual void on_request(HttpRequest& request, HttpResponder responder) = 0;
  /// The answer to a request that the server refuses. `head` is empty when it could not be read.
  virtual HttpAnswer on_refusal(const HttpHead& head, HttpRefusal refusal, std::string_view message);
};

struct HttpServerSettings {
  std::string address = {};  // host:port, see address.h
  TlsSettings tls = {};
  uint32_t threads = 0;  // 0: as many as the machine has cores
  uint32_t connections_max = kConnectionsMax;
  uint32_t head_deadline_ms = kHeadDeadlineMs;
  uint32_t idle_deadline_ms = kIdleDeadlineMs;
  uint32_t body_window_ms = kBodyWindowMs;
  uint32_t body_deadline_ms = kBodyDeadlineMs;
  uint32_t write_deadline_ms = kWriteDeadlineMs;
  uint32_t linger_ms = kLingerMs;
  uint32_t sweep_interval_ms = kSweepIntervalMs;  // how often deadlines are looked at
};

/// Counts since the start, but for `connections_open`.
struct HttpServerStats {
  uint64_t connections_open = 0;
  uint64_t connections_accepted = 0;
  uint64_t connections_refused = 0;  // over connections_max
  uint64_t accept_failures = 0;      // no descriptor or memory for a new connection
  uint64_t handshakes_failed = 0;
  uint64_t requests = 0;
  uint64_t deadlines_missed = 0;  // slow clients dropped; idle connections are not counted
};

/// Internally locked. Owns its threads.
class HttpServer {
 public:
  /// Listens when it returns. Errors: kInvalidArgument (address, certificate), kIo (port taken, no permission).
  static Result<std::unique_ptr<HttpServer>> start(HttpServerSettings settings, HttpHandler& handler,
                                                   MemoryLedger& ledger, const Clock& clock);
  /// Stops at once when stop() was not called.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// "127.0.0.1:8420", with the real port.
  const std::string& address() const;
  uint16_t port() const;
  HttpServerStats stats() const;

  /// Stops accepting, closes idle connections, lets requests that were begun finish for up to `deadline`, closes the
  /// rest, joins the threads. Requires: not called from a handler.
  void stop(std::chrono::milliseconds deadline);

 private:
  struct Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sextant
