// Least and greatest of some numbers, the first question of every encoding.
#pragma once

#include <cstdint>
#include <span>

namespace sextant::persist {

/// Value.
struct IntBounds {
  uint64_t least = 0;
  uint64_t greatest = 0;
};

/// Requires: at least one value.
IntBounds bounds_of(std::span<const uint64_t> values);

}  // namespace sextant::persist
