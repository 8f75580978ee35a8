// Randomness as a seam, so that a failing test can be repeated from its seed.
#pragma once

#include <cstdint>

namespace sextant {

/// Thread-confined. splitmix64 (Steele, Lea, Flood 2014): fast, seedable, not for secrets.
class SeededRandom {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}

  uint64_t next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  /// Uniform in [0, bound); bound > 0.
  uint64_t below(uint64_t bound) { return next() % bound; }
  /// Uniform in [0, 1).
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

 private:
  uint64_t state_;
};

/// 64 bits from the operating system's generator, fit for ids and seeds.
uint64_t system_random();

}  // namespace sextant
