// Text that comes from anywhere, made fit for formats that demand UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace sextant {

/// Bytes of the valid character at the beginning, 0 where there is none (Unicode 15, table 3-7). Requires: size > 0.
std::size_t utf8_character_bytes(const char* text, std::size_t size) noexcept;

/// Replaces each byte that is not part of valid UTF-8 with '?', in place. Why: receivers refuse a whole batch for one
/// such byte.
void repair_utf8_slowly(char* text, std::size_t size) noexcept;

/// Bits of all bytes together, read with few loads: the last of them overlap.
inline std::uint64_t bits_of(const char* text, std::size_t size) noexcept {
  std::uint64_t high = 0;
  std::uint64_t word = 0;
  if (size >= 8) {
    for (std::size_t at = 0; at + 8 < size; at += 8) {
      std::memcpy(&word, text + at, 8);
      high |= word;
    }
    std::memcpy(&word, text + size - 8, 8);
    return high | word;
  }
  if (size >= 4) {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::memcpy(&first, text, 4);
    std::memcpy(&last, text + size - 4, 4);
    return first | last;
  }
  for (std::size_t at = 0; at < size; ++at) high |= static_cast<unsigned char>(text[at]);
  return high;
}

inline void repair_utf8(char* text, std::size_t size) noexcept {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  if ((bits_of(text, size) & kHighBits) != 0) repair_utf8_slowly(text, size);
}

/// Appends a character. Requires: code <= 0x10ffff, and no half of a pair.
void append_utf8(std::string& out, std::uint32_t code);

}  // namespace sextant
