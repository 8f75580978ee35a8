// Chooses the width of a frame from how many values need which width.
#include "persist/column/frame_plan.h"

#include <array>
#include <bit>

#include "persist/column/int_bounds.h"

namespace sextant::persist {

FramePlan plan_frame(std::span<const uint64_t> values) {
  const auto [least, greatest] = bounds_of(values);
  const auto count = static_cast<uint32_t>(values.size());
  if (least == greatest) return {least, 0, 0, 0, 0};
  const auto widest = static_cast<uint32_t>(std::bit_width(greatest - least));
  FramePlan best{least, widest, 0, 0, frame_bytes(count, widest, 0, 0)};
  // Four counters, since neighbours often have the same width and would wait for each other.
  std::array<std::array<uint8_t, 65>, 4> by_width{};
  const auto width_of = [&](uint64_t value) { return static_cast<size_t>(std::bit_width(value - least)); };
  size_t i = 0;
  for (; i + 4 <= values.size(); i += 4) {
    ++by_width[0][width_of(values[i])];
    ++by_width[1][width_of(values[i + 1])];
    ++by_width[2][width_of(values[i + 2])];
    ++by_width[3][width_of(values[i + 3])];
  }
  for (; i < values.size(); ++i) ++by_width[0][width_of(values[i])];
  uint32_t exceptions = 0;
  for (uint32_t width = widest; width > 0;) {
    for (const auto& counters : by_width) exceptions += counters[width];
    --width;
    if (exceptions > kFrameExceptionsMax) break;
    const uint32_t bytes = frame_bytes(count, width, exceptions, widest - width);
    if (bytes < best.bytes) best = {least, width, exceptions, widest - width, bytes};
  }
  return best;
}

}  // namespace sextant::persist
