// How many characters of each value an answer has, and how much must be read of them.
#pragma once

#include <algorithm>
#include <cstdint>

#include "serve/api/limits.h"

namespace sextant::serve {

/// Value.
struct ValueCut {
  uint64_t chars_max = UINT64_MAX;  // of strings, and bytes of bytes; UINT64_MAX: values are whole

  bool whole() const { return chars_max == UINT64_MAX; }
  /// Bytes that hold so many characters, and the facts of a step.
  uint64_t bytes_max() const {
    return whole() ? UINT64_MAX : std::max<uint64_t>(chars_max * kCharacterBytesMax, kFactBytesMax);
  }
};

}  // namespace sextant::serve
