#include "base/sys/random.h"

#include <sys/random.h>

#include "base/core/check.h"

namespace sextant {

uint64_t system_random() {
  uint64_t value = 0;
  CHECK(getrandom(&value, sizeof value, 0) == static_cast<ssize_t>(sizeof value));
  return value;
}

}  // namespace sextant
