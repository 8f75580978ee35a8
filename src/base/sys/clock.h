// Time as a seam: everything that asks for the time is handed a Clock, so that tests hold it in their hands.
#pragma once

#include <cstdint>

namespace sextant {

/// Nanoseconds since 1970-01-01 UTC, as OpenTelemetry counts. Ends in the year 2554.
using UnixNanos = uint64_t;

inline constexpr uint64_t kNanosPerSecond = 1'000'000'000;
inline constexpr uint64_t kNanosPerMillisecond = 1'000'000;

/// Internally locked (implementations must be callable from every thread).
class Clock {
 public:
  virtual ~Clock() = default;
  /// The wall clock; may jump in both directions.
  virtual UnixNanos unix_nanos() const = 0;
  /// Nanoseconds since some fixed moment; never goes back. For durations and deadlines.
  virtual uint64_t steady_nanos() const = 0;
};

/// The machine's clocks.
class SystemClock final : public Clock {
 public:
  UnixNanos unix_nanos() const override;
  uint64_t steady_nanos() const override;
};

}  // namespace sextant
