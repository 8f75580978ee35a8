// What the connections of one HTTP server share. Private to base/net.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <unordered_set>

#include "base/core/guarded.h"
#include "base/net/http_server.h"
#include "base/net/request_body.h"

namespace sextant::net_detail {

struct HttpCounters {
  std::atomic<uint64_t> accepted{0};
  std::atomic<uint64_t> refused{0};
  std::atomic<uint64_t> accept_failures{0};
  std::atomic<uint64_t> handshakes_failed{0};
  std::atomic<uint64_t> requests{0};
  std::atomic<uint64_t> deadlines_missed{0};
};

/// Internally locked. Lifetime: as long as the server, or any responder, lives.
/// Invariant: a connection is in `sessions` from start() to its close.
struct HttpCore : std::enable_shared_from_this<HttpCore> {
  HttpCore(HttpServerSettings s, HttpHandler& h, MemoryLedger& l, const Clock& c)
      : settings(std::move(s)), handler(h), ledger(l), clock(c), buffers(l) {}

  const HttpServerSettings settings;
  HttpHandler& handler;
  MemoryLedger& ledger;
  const Clock& clock;
  BufferPool buffers;
  HttpCounters counters;
  std::atomic<bool> stopping{false};

  /// Held shared while work is handed to the network threads, exclusively to say that they end: work given to an
  /// io_context that nobody runs would keep its connection alive for ever.
  std::shared_mutex running_mutex;
  bool running = true;

  Guarded<std::unordered_set<HttpSession*>> sessions;
  std::optional<boost::asio::ssl::context> tls;
  boost::asio::io_context io;  // declared last: what still waits in it goes first
};

}  // namespace sextant::net_detail
