// One client of the SDK's small server: reads a request, keeps the answer until it is taken, and reads the next one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_reader.h"
#include "net/http_request.h"
#include "net/http_server.h"
#include "net/socket.h"

namespace sextant::net {

/// Thread-confined: the server's.
class HttpConnection {
 public:
  HttpConnection(Socket socket, std::uint64_t id, const HttpServerLimits& limits, std::int64_t now_ns);

  enum class Phase : std::uint8_t {
    kReading,   // a request, or nothing yet
    kHandling,  // a handler has it
    kWriting,
    kDraining,  // everything was written: what still comes is thrown away, so that the answer arrives
    kClosed,
  };
  Phase phase() const noexcept { return phase_; }
  std::uint64_t id() const noexcept { return id_; }
  int descriptor() const noexcept { return socket_.descriptor(); }
  /// What to poll for.
  short events() const noexcept;
  /// Whether there is something to do without waiting: the client sent its next request along with the last one.
  bool has_next() const noexcept { return phase_ == Phase::kReading && !next_.empty(); }
  /// When timed_out() is to be called, by the monotonic clock.
  std::int64_t due_ns() const noexcept { return due_ns_; }
  /// Since when it has been waiting for a request.
  std::int64_t waiting_since_ns() const noexcept { return waiting_since_ns_; }
  std::size_t answer_bytes() const noexcept { return out_.size(); }

  /// Reads what has come. A whole request makes it kHandling; what is none is answered here.
  std::optional<RequestHead> read(std::int64_t now_ns);
  /// In phase kHandling. To HEAD without its body.
  void answer(const HttpAnswer& answer, std::int64_t now_ns);
  void write(std::int64_t now_ns);
  /// Throws away what has come.
  void drain();
  void timed_out(std::int64_t now_ns);
  void close() noexcept;

 private:
  std::optional<RequestHead> advance(std::string_view bytes, std::int64_t now_ns);
  std::optional<RequestHead> understand(std::int64_t now_ns);
  void refuse(int status, std::string_view sentence, std::int64_t now_ns);
  void finish_answer(std::int64_t now_ns);
  void wait_for_request(std::int64_t now_ns);

  Socket socket_;
  const std::uint64_t id_;
  const HttpServerLimits& limits_;
  Phase phase_ = Phase::kReading;
  std::optional<HttpReader> reader_;
  bool begun_ = false;  // some of the request has come
  bool keep_ = false;   // the connection, after this answer
  bool head_only_ = false;
  std::string next_;  // came after the request
  std::string out_;
  std::size_t written_ = 0;
  std::int64_t due_ns_ = 0;
  std::int64_t waiting_since_ns_ = 0;
};

}  // namespace sextant::net
