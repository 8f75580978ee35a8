// How many a second.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace sextant::sampling {

/// A bucket of tokens that holds one second's worth, at least one, kept as the moment at which it will be full again
/// (the generic cell rate algorithm, ITU-T I.371): one word, no lock. Any thread, several at once.
class Limiter {
 public:
  explicit Limiter(double per_second) noexcept
      : interval_ns_(per_second > 0 ? std::min(1e9 / per_second, kForEverNs) : -1),
        tolerance_ns_((std::max(per_second, 1.0) - 1) * std::max(interval_ns_, 0.0)) {}

  bool take(std::int64_t now_ns) noexcept { return take(full_at_ns_, now_ns); }

  /// The same for one of several buckets of this rate.
  bool take(std::atomic<std::int64_t>& full_at_ns, std::int64_t now_ns) const noexcept {
    if (interval_ns_ < 0) return false;
    std::int64_t full_at = full_at_ns.load(std::memory_order_relaxed);
    for (;;) {
      const std::int64_t begin = std::max(full_at, now_ns);
      if (static_cast<double>(begin - now_ns) > tolerance_ns_) return false;
      const std::int64_t next = begin + static_cast<std::int64_t>(interval_ns_);
      if (full_at_ns.compare_exchange_weak(full_at, next, std::memory_order_relaxed)) return true;
    }
  }

 private:
  static constexpr double kForEverNs = 1e18;  // 31 years
  double interval_ns_;                        // between two tokens; negative: there are none
  double tolerance_ns_;
  std::atomic<std::int64_t> full_at_ns_{0};
};

}  // namespace sextant::sampling
