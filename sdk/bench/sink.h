// A receiver of the benchmarks' own in a process of its own: reads requests and answers 200, as cheaply as can be.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace sextant::bench {

enum class SinkManner : std::uint8_t {
  kAnswer,
  kHang  // reads, and never answers
};

/// Ends the process that it started when it is destroyed.
class Sink {
 public:
  /// At a free port of loopback, or at that one.
  explicit Sink(SinkManner manner = SinkManner::kAnswer, int port = 0);
  ~Sink();
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  int port() const noexcept { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  int port_ = 0;
  pid_t process_ = -1;
};

}  // namespace sextant::bench
