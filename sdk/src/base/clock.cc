#include "base/clock.h"

namespace sextant {

namespace detail {
std::atomic<std::int64_t> wall_offset_ns{wall_ns() - monotonic_ns()};
}

void align_clocks() noexcept {
  // The reading that took least time in between is the one that was interrupted least.
  std::int64_t best_gap = INT64_MAX;
  std::int64_t best = 0;
  for (int i = 0; i < 3; ++i) {
    const std::int64_t before = monotonic_ns();
    const std::int64_t wall = wall_ns();
    const std::int64_t after = monotonic_ns();
    if (after - before >= best_gap) continue;
    best_gap = after - before;
    best = wall - (before + after) / 2;
  }
  detail::wall_offset_ns.store(best, std::memory_order_relaxed);
}

}  // namespace sextant
