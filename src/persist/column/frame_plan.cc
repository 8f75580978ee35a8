// Chooses the width of a frame from how many values need which width.
#include "persist/column/frame_plan.h"

#include <algorithm>
#include <array>
#include <bit>

namespace sextant::persist {

FramePlan plan_frame(std::span<const uint64_t> values) {
  uint64_t least = values[0];
  uint64_t greatest = values[0];
  for (const uint64_t value : values) {
    least = std::min(least, value);
    greatest = std::max(greatest, value);
  }
  const auto count = static_cast<uint32_t>(values.size());
  const auto widest = static_cast<uint32_t>(std::bit_width(greatest - least));
  FramePlan best{least, widest, 0, 0, frame_bytes(count, widest, 0, 0)};
  std::array<uint8_t, 65> by_width{};
  for (const uint64_t value : values) ++by_width[static_cast<size_t>(std::bit_width(value - least))];
  uint32_t exceptions = 0;
  for (uint32_t width = widest; width > 0;) {
    exceptions += by_width[width];
    --width;
    if (exceptions > kFrameExceptionsMax) break;
    const uint32_t bytes = frame_bytes(count, width, exceptions, widest - width);
    if (bytes < best.bytes) best = {least, width, exceptions, widest - width, bytes};
  }
  return best;
}

}  // namespace sextant::persist
