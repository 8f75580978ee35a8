#include "base/utf8.h"

namespace sextant {
namespace {

unsigned byte_at(const char* text, std::size_t i) noexcept {
  return static_cast<unsigned char>(text[i]);
}

}  // namespace

std::size_t utf8_character_bytes(const char* text, std::size_t size) noexcept {
  const unsigned first = byte_at(text, 0);
  if (first < 0x80) return 1;
  const std::size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || size < bytes) return 0;
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte_at(text, i) & 0xc0) != 0x80) return 0;
  }
  const unsigned second = byte_at(text, 1);
  const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool outside =
      (first == 0xed && second > 0x9f) || (first == 0xf4 && second > 0x8f);  // surrogates, beyond U+10FFFF
  return overlong || outside ? 0 : bytes;
}

void repair_utf8_slowly(char* text, std::size_t size) noexcept {
  for (std::size_t at = 0; at < size;) {
    const std::size_t bytes = utf8_character_bytes(text + at, size - at);
    if (bytes == 0) text[at] = '?';
    at += bytes == 0 ? 1 : bytes;
  }
}

void append_utf8(std::string& out, std::uint32_t c) {
  const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
  if (c < 0x80) return byte(c);
  if (c < 0x800) {
    byte(0xc0 | c >> 6);
  } else {
    if (c < 0x10000) {
      byte(0xe0 | c >> 12);
    } else {
      byte(0xf0 | c >> 18);
      byte(0x80 | (c >> 12 & 63));
    }
    byte(0x80 | (c >> 6 & 63));
  }
  byte(0x80 | (c & 63));
}

}  // namespace sextant
