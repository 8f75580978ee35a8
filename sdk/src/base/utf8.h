// Text that comes from anywhere, made fit for formats that demand UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sextant {

/// Bytes of the valid character at the beginning, 0 where there is none (Unicode 15, table 3-7). Requires: size > 0.
std::size_t utf8_character_bytes(const char* text, std::size_t size) noexcept;

/// Replaces each byte that is not part of valid UTF-8 with '?', in place. Why: receivers refuse a whole batch for one
/// such byte.
void repair_utf8_slowly(char* text, std::size_t size) noexcept;

inline void repair_utf8(char* text, std::size_t size) noexcept {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  std::size_t at = 0;
  std::uint64_t high = 0;
  for (; at + 8 <= size; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text + at, 8);
    high |= word;
  }
  for (; at < size; ++at) high |= static_cast<std::uint64_t>(static_cast<unsigned char>(text[at]));
  if ((high & kHighBits) != 0) repair_utf8_slowly(text, size);
}

}  // namespace sextant
