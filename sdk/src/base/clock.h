// Time. Spans are measured with the monotonic clock and placed by an offset to the wall clock, so that a step of the
// wall clock changes where the next spans stand and never how long one took.
#pragma once

#include <atomic>
#include <cstdint>
#include <ctime>

namespace sextant {

inline std::int64_t read_clock_ns(clockid_t clock) noexcept {
  timespec now{};
  clock_gettime(clock, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

namespace detail {
extern std::atomic<std::int64_t> wall_offset_ns;
}

inline std::int64_t monotonic_ns() noexcept {
  return read_clock_ns(CLOCK_MONOTONIC);
}
inline std::int64_t wall_ns() noexcept {
  return read_clock_ns(CLOCK_REALTIME);
}

/// Wall time of a moment of the monotonic clock, by the offset last taken.
inline std::int64_t wall_of(std::int64_t monotonic) noexcept {
  return monotonic + detail::wall_offset_ns.load(std::memory_order_relaxed);
}

/// Takes the offset between the clocks. Any thread; the SDK's own one does it every second.
void align_clocks() noexcept;

}  // namespace sextant
