// Random numbers for ids: not secret, but no two processes, threads or children of a fork draw the same.
#pragma once

#include <cstdint>

namespace sextant {

/// xoshiro256++ (Blackman and Vigna, 2019). Thread-confined.
class Random {
 public:
  /// From the kernel's generator.
  void seed() noexcept;
  bool seeded() const noexcept { return (state_[0] | state_[1] | state_[2] | state_[3]) != 0; }
  std::uint64_t next() noexcept {
    const std::uint64_t result = rotate(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotate(state_[3], 45);
    return result;
  }

 private:
  static std::uint64_t rotate(std::uint64_t x, int by) noexcept { return x << by | x >> (64 - by); }
  std::uint64_t state_[4] = {};
};

}  // namespace sextant
