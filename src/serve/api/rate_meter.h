// How fast a counter grows: its increase over the last ten seconds.
#pragma once

#include <cstdint>
#include <deque>

#include "base/sys/clock.h"

namespace sextant::serve {

/// Thread-confined. Feed it about once a second.
class RateMeter {
 public:
  static constexpr uint64_t kWindowNanos = 10 * kNanosPerSecond;

  void sample(uint64_t steady_nanos, uint64_t count) {
    samples_.push_back({steady_nanos, count});
    // One sample older than the window stays: the rate is measured from it.
    while (samples_.size() > 2 && steady_nanos - samples_[1].at >= kWindowNanos) samples_.pop_front();
  }
  /// Per second; 0 before there are two samples.
  double per_second() const {
    if (samples_.size() < 2) return 0;
    const Sample& first = samples_.front();
    const Sample& last = samples_.back();
    if (last.at <= first.at || last.count < first.count) return 0;
    return static_cast<double>(last.count - first.count) * static_cast<double>(kNanosPerSecond) /
           static_cast<double>(last.at - first.at);
  }

 private:
  struct Sample {
    uint64_t at;
    uint64_t count;
  };
  std::deque<Sample> samples_;
};

}  // namespace sextant::serve
