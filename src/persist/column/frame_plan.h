// How one frame of up to 128 values is stored best: the width that most of them need, and the few that need more.
#pragma once

#include <cstdint>
#include <span>

namespace sextant::persist {

/// Positions are searched from the first on, so there may be few.
inline constexpr uint32_t kFrameExceptionsMax = 31;

/// Value.
struct FramePlan {
  uint64_t base = 0;
  uint32_t width = 0;       // bits of each value less the base, lowest ones
  uint32_t exceptions = 0;  // values that have more
  uint32_t high_width = 0;  // bits of what those have above `width`
  uint32_t bytes = 0;       // of the frame, without its entry
};

/// The plan with the fewest bytes. Requires: 1 to 128 values.
FramePlan plan_frame(std::span<const uint64_t> values);

/// Bytes of a frame of `count` values.
inline constexpr uint32_t frame_bytes(uint32_t count, uint32_t width, uint32_t exceptions, uint32_t high_width) {
  const uint32_t bits = (count * width + 7) / 8;
  return exceptions == 0 ? bits : bits + 1 + exceptions + (exceptions * high_width + 7) / 8;
}

}  // namespace sextant::persist
