#include "base/sys/clock.h"

#include <time.h>

namespace sextant {
namespace {

uint64_t read_clock(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return static_cast<uint64_t>(now.tv_sec) * kNanosPerSecond + static_cast<uint64_t>(now.tv_nsec);
}

}  // namespace

UnixNanos SystemClock::unix_nanos() const {
  return read_clock(CLOCK_REALTIME);
}
uint64_t SystemClock::steady_nanos() const {
  return read_clock(CLOCK_MONOTONIC);
}

}  // namespace sextant
