// Comparing, copying and hashing of byte strings that are mostly short, without a call: names, keys and values of
// telemetry have about ten bytes, for which a call into the C library costs as much as the work.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/core/hash.h"

namespace sextant {

namespace short_bytes {

inline uint64_t load8(const char* p) {
  uint64_t word;
  std::memcpy(&word, p, 8);
  return word;
}
inline uint64_t load4(const char* p) {
  uint32_t word;
  std::memcpy(&word, p, 4);
  return word;
}
/// One to three bytes as a number, different for different bytes of one size.
inline uint64_t load_few(const char* p, size_t size) {
  const auto at = [p](size_t i) { return static_cast<uint64_t>(static_cast<uint8_t>(p[i])); };
  return at(0) << 16 | at(size / 2) << 8 | at(size - 1);
}
inline uint64_t fold(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

}  // namespace short_bytes

/// True when `size` bytes are equal. Two loads that overlap cover every size from the half of it up.
inline bool equal_bytes(const char* a, const char* b, size_t size) {
  if (size > 32) return std::memcmp(a, b, size) == 0;
  if (size > 16) {
    return ((short_bytes::load8(a) ^ short_bytes::load8(b)) | (short_bytes::load8(a + 8) ^ short_bytes::load8(b + 8)) |
            (short_bytes::load8(a + size - 16) ^ short_bytes::load8(b + size - 16)) |
            (short_bytes::load8(a + size - 8) ^ short_bytes::load8(b + size - 8))) == 0;
  }
  if (size >= 8)
    return short_bytes::load8(a) == short_bytes::load8(b) &&
           short_bytes::load8(a + size - 8) == short_bytes::load8(b + size - 8);
  if (size >= 4)
    return short_bytes::load4(a) == short_bytes::load4(b) &&
           short_bytes::load4(a + size - 4) == short_bytes::load4(b + size - 4);
  return size == 0 || short_bytes::load_few(a, size) == short_bytes::load_few(b, size);
}
inline bool equal_bytes(std::string_view a, std::string_view b) {
  return a.size() == b.size() && equal_bytes(a.data(), b.data(), a.size());
}

/// memcpy.
inline void copy_bytes(char* to, const char* from, size_t size) {
  if (size > 32) {
    std::memcpy(to, from, size);
  } else if (size > 16) {
    char head[16];
    char tail[16];
    std::memcpy(head, from, 16);
    std::memcpy(tail, from + size - 16, 16);
    std::memcpy(to, head, 16);
    std::memcpy(to + size - 16, tail, 16);
  } else if (size >= 8) {
    const uint64_t head = short_bytes::load8(from);
    const uint64_t tail = short_bytes::load8(from + size - 8);
    std::memcpy(to, &head, 8);
    std::memcpy(to + size - 8, &tail, 8);
  } else if (size >= 4) {
    const auto head = static_cast<uint32_t>(short_bytes::load4(from));
    const auto tail = static_cast<uint32_t>(short_bytes::load4(from + size - 4));
    std::memcpy(to, &head, 4);
    std::memcpy(to + size - 4, &tail, 4);
  } else if (size > 0) {
    to[0] = from[0];
    to[size / 2] = from[size / 2];
    to[size - 1] = from[size - 1];
  }
}

/// A hash for tables in memory: differs from process to process, so that no client can make strings that collide. Never
/// written to disk. Longer strings take xxh3.
inline uint64_t hash_short(std::string_view bytes, uint64_t seed) {
  constexpr uint64_t kOther = 0xBF58476D1CE4E5B9;
  seed ^= hash_secret;
  const char* p = bytes.data();
  const size_t size = bytes.size();
  if (size > 16) return hash64(bytes, seed);
  uint64_t head = 0;
  uint64_t tail = 0;
  if (size >= 8) {
    head = short_bytes::load8(p);
    tail = short_bytes::load8(p + size - 8);
  } else if (size >= 4) {
    head = short_bytes::load4(p);
    tail = short_bytes::load4(p + size - 4);
  } else if (size > 0) {
    head = short_bytes::load_few(p, size);
  }
  return short_bytes::fold(short_bytes::fold(head ^ seed, tail ^ seed * kOther) ^ size, kOther ^ seed);
}

}  // namespace sextant
