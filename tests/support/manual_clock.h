// A clock that only moves when told to.
#pragma once

#include <atomic>

#include "base/sys/clock.h"

namespace sextant::testing {

/// Internally locked (atomics).
class ManualClock final : public Clock {
 public:
  explicit ManualClock(UnixNanos unix_nanos = 1'700'000'000 * kNanosPerSecond) : unix_(unix_nanos) {}

  UnixNanos unix_nanos() const override { return unix_; }
  uint64_t steady_nanos() const override { return steady_; }

  void advance(uint64_t nanos) {
    unix_ += nanos;
    steady_ += nanos;
  }
  /// A step of the wall clock, as an administrator or NTP would make; the steady clock does not notice.
  void set_unix_nanos(UnixNanos now) { unix_ = now; }

 private:
  std::atomic<UnixNanos> unix_;
  std::atomic<uint64_t> steady_{1};
};

}  // namespace sextant::testing
