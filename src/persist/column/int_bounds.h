// Least and greatest of some numbers, the first question of every encoding.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

namespace sextant::persist {

/// Value.
struct IntBounds {
  uint64_t least = 0;
  uint64_t greatest = 0;
};

/// Four at a time: one chain of comparisons would wait for each result. Requires: at least one value.
inline IntBounds bounds_of(std::span<const uint64_t> values) {
  uint64_t least[4] = {values[0], values[0], values[0], values[0]};
  uint64_t greatest[4] = {values[0], values[0], values[0], values[0]};
  size_t i = 0;
  for (; i + 4 <= values.size(); i += 4) {
    for (size_t k = 0; k < 4; ++k) {
      least[k] = std::min(least[k], values[i + k]);
      greatest[k] = std::max(greatest[k], values[i + k]);
    }
  }
  for (; i < values.size(); ++i) {
    least[0] = std::min(least[0], values[i]);
    greatest[0] = std::max(greatest[0], values[i]);
  }
  return {std::min(std::min(least[0], least[1]), std::min(least[2], least[3])),
          std::max(std::max(greatest[0], greatest[1]), std::max(greatest[2], greatest[3]))};
}

}  // namespace sextant::persist
