// What making stored bytes smaller may cost.
#pragma once

#include <cstdint>

namespace sextant::persist {

enum class Effort : uint8_t {
  kNone,   // for segments that are merged soon: compressing twice costs more than writing more
  kSmall,  // for segments that stay
};

}  // namespace sextant::persist
