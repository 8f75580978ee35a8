// How fast a counter grows: its increase over about the last ten seconds.
#pragma once

#include <cstdint>
#include <deque>

#include "base/sys/clock.h"

namespace sextant::serve {

/// Measures when it is asked, from what it was told when it was asked before: while somebody watches (the page asks
/// every few seconds) the window is ten seconds, and nobody else pays for it. Thread-confined.
class RateMeter {
 public:
  static constexpr uint64_t kWindowNanos = 10 * kNanosPerSecond;
  /// Askers that come closer together than this share a sample, so that their number does not matter.
  static constexpr uint64_t kSpacingNanos = kNanosPerSecond / 2;

  /// Per second, from the oldest sample within the window (or the newest before it) until now; 0 the first time.
  double per_second(uint64_t steady_nanos, uint64_t count) {
    while (samples_.size() > 1 && steady_nanos - samples_[1].at >= kWindowNanos) samples_.pop_front();
    const Sample first = samples_.empty() ? Sample{steady_nanos, count} : samples_.front();
    if (samples_.empty() || steady_nanos - samples_.back().at >= kSpacingNanos) {
      samples_.push_back({steady_nanos, count});
    }
    if (steady_nanos <= first.at || count < first.count) return 0;
    return static_cast<double>(count - first.count) * static_cast<double>(kNanosPerSecond) /
           static_cast<double>(steady_nanos - first.at);
  }

 private:
  struct Sample {
    uint64_t at;
    uint64_t count;
  };
  std::deque<Sample> samples_;
};

}  // namespace sextant::serve
