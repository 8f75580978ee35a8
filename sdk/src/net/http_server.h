// A small HTTP/1.1 server for what a program shows of itself: its health and its metrics. GET and HEAD of a few paths,
// by anyone who can reach the port, however they behave.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "base/waker.h"
#include "net/http_request.h"
#include "net/socket.h"
#include "sextant/result.h"

namespace sextant::net {

/// What clients may use up.
struct HttpServerLimits {
  std::size_t connections_max = 64;
  std::size_t head_bytes_max = 16 * 1024;
  std::size_t body_bytes_max = 64 * 1024;                // as announced: none is read
  std::size_t answer_bytes_max = std::size_t{64} << 20;  // of all answers that have not been taken
  std::chrono::milliseconds head_timeout{5'000};         // from the connection, or a request's first byte
  std::chrono::milliseconds idle_timeout{90'000};        // between requests: longer than scrapers pause
  std::chrono::milliseconds handling_timeout{30'000};    // then 503
  std::chrono::milliseconds write_timeout{30'000};       // a client that takes its answer more slowly is cut off
};

/// What has happened since the server was started.
struct HttpServerCounts {
  std::size_t open = 0;           // connections now
  std::size_t open_most = 0;      // at any time
  std::uint64_t accepted = 0;     // connections
  std::uint64_t evicted = 0;      // of them, closed to make room: they had asked nothing
  std::uint64_t turned_away = 0;  // with 503: no room
  std::uint64_t requests = 0;
};

class HttpConnection;

/// Internally locked. Thread: one of its own, from start() to stop().
class HttpServer {
 public:
  /// Answers one request, once; copies are the same. Any thread, also after the client or the server has gone.
  class Reply {
   public:
    void send(HttpAnswer answer) const;

   private:
    friend class HttpServer;
    struct Box;
    Reply(std::shared_ptr<Box> box, std::uint64_t connection) : box_(std::move(box)), connection_(connection) {}
    std::shared_ptr<Box> box_;
    std::uint64_t connection_;
  };
  /// Called on the server's thread: everybody else waits until it returns. Must not throw.
  using Handler = std::function<void(const RequestHead&, const Reply&)>;
  using Routes = std::map<std::string, Handler, std::less<>>;  // by path

  /// `address` is an IP address, or "*" for all of this machine's; port 0 takes a free one. The error says why it
  /// cannot be listened on.
  static Result<std::unique_ptr<HttpServer>> start(const std::string& address, std::uint16_t port, Routes routes,
                                                   const HttpServerLimits& limits = {});
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const noexcept { return port_; }
  /// Ends everything at once, requests in hand too; it waits for the handler that runs. Once.
  void stop();
  HttpServerCounts counts() const noexcept;
  /// In the child of a fork, where its thread is gone: gives up the port, which is the parent's.
  void leave_in_child() noexcept;

 private:
  HttpServer(Socket listener, std::uint16_t port, Routes routes, const HttpServerLimits& limits);
  void run();
  int wait();
  void accept_all(std::int64_t now_ns);
  bool accept_one(std::int64_t now_ns);
  bool make_room();
  void serve(HttpConnection& connection, short ready, std::int64_t now_ns);
  void handle(HttpConnection& connection, const RequestHead& request, std::int64_t now_ns);
  void deliver(std::int64_t now_ns);
  void give(HttpConnection& connection, HttpAnswer answer, std::int64_t now_ns);
  void forget_closed();

  Socket listener_;
  const std::uint16_t port_;
  const Routes routes_;
  const HttpServerLimits limits_;
  std::shared_ptr<Reply::Box> box_;
  std::map<std::uint64_t, std::unique_ptr<HttpConnection>> connections_;
  std::uint64_t last_id_ = 0;
  std::int64_t listen_again_ns_ = 0;  // descriptors had run out
  std::atomic<bool> stopping_{false};
  std::atomic<std::size_t> open_{0};
  std::atomic<std::size_t> open_most_{0};
  std::atomic<std::uint64_t> accepted_{0};
  std::atomic<std::uint64_t> evicted_{0};
  std::atomic<std::uint64_t> turned_away_{0};
  std::atomic<std::uint64_t> requests_{0};
  std::thread thread_;
};

}  // namespace sextant::net
