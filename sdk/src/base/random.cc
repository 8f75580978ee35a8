#include "base/random.h"

#include <sys/random.h>

#include "base/clock.h"

namespace sextant {

void Random::seed() noexcept {
  if (getrandom(state_, sizeof(state_), 0) == static_cast<long>(sizeof(state_)) && seeded()) return;
  // Without the kernel's generator: the time, and where this thread's state lies, spread by splitmix64.
  std::uint64_t mixed = static_cast<std::uint64_t>(monotonic_ns()) ^ reinterpret_cast<std::uintptr_t>(this);
  for (std::uint64_t& word : state_) {
    mixed += 0x9e3779b97f4a7c15;
    std::uint64_t z = mixed;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    word = z ^ z >> 31;
  }
}

}  // namespace sextant
