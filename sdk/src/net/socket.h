// A TCP connection whose every wait has a deadline and can be called off.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sextant/exporter.h"
#include "sextant/result.h"

namespace sextant::net {

/// Thread-confined. Closed when destroyed.
class Socket {
 public:
  Socket() noexcept = default;
  explicit Socket(int descriptor) noexcept : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
  Socket& operator=(Socket&& other) noexcept;
  ~Socket() { close(); }

  bool open() const noexcept { return descriptor_ >= 0; }
  int descriptor() const noexcept { return descriptor_; }
  void close() noexcept;
  /// All of both parts. An empty message: sent.
  std::string write_all(std::string_view head, std::string_view body, const Deadline& deadline);
  /// At least one byte, 0 at the end of the stream.
  Result<std::size_t> read_some(char* out, std::size_t bytes, const Deadline& deadline);
  /// Whether the peer has closed, or sent something that nobody asked for.
  bool stale() const noexcept;

 private:
  int descriptor_ = -1;
};

/// Tries the host's addresses one after the other.
Result<Socket> connect_tcp(const std::string& host, std::uint16_t port, const Deadline& deadline);

enum class Ready : std::uint8_t { kYes, kTimeout, kCancelled };
/// Waits until a descriptor is ready for `events` (POLLIN, POLLOUT).
Ready wait_ready(int descriptor, short events, const Deadline& deadline) noexcept;

}  // namespace sextant::net
