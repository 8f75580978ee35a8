#include "base/json_text.h"

#include <cstdint>
#include <cstring>

#include "base/utf8.h"

namespace sextant {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighBits = 0x8080808080808080;
constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

/// Non-zero where one of eight bytes is not a plain character that stands for itself in JSON. The tests for bytes below
/// a value and for zero bytes are right when no byte has its high bit set, and that is told anyway.
std::uint64_t special_bytes(std::uint64_t word) noexcept {
  const std::uint64_t quotes = word ^ (kOnes * '"');
  const std::uint64_t backslashes = word ^ (kOnes * '\\');
  return (word | (word - kOnes * 0x20) | (quotes - kOnes) | (backslashes - kOnes)) & kHighBits;
}

bool is_plain(unsigned char c) noexcept {
  return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

bool all_plain(std::string_view text) noexcept {
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    if (special_bytes(word) != 0) return false;
  }
  for (; at < text.size(); ++at) {
    if (!is_plain(static_cast<unsigned char>(text[at]))) return false;
  }
  return true;
}

/// The letter of a two-character escape; 0 where there is none.
char short_escape(unsigned char c) noexcept {
  switch (c) {
    case '"':
    case '\\':
      return static_cast<char>(c);
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return 0;
  }
}

/// Hands what stands for each character of a text to `put`, piece by piece.
template <class Put>
void for_each_piece(std::string_view text, Put put) noexcept {
  for (std::size_t at = 0; at < text.size();) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (is_plain(c)) {
      put(text.substr(at++, 1));
    } else if (const char letter = short_escape(c); letter != 0) {
      const char escape[2] = {'\\', letter};
      put({escape, 2});
      ++at;
    } else if (c < 0x20) {
      const char escape[6] = {'\\', 'u', '0', '0', "01"[c >> 4], "0123456789abcdef"[c & 15]};
      put({escape, 6});
      ++at;
    } else {
      const std::size_t bytes = utf8_character_bytes(text.data() + at, text.size() - at);
      put(bytes == 0 ? kReplacement : text.substr(at, bytes));
      at += bytes == 0 ? 1 : bytes;
    }
  }
}

}  // namespace

std::size_t json_text_bytes(std::string_view text) noexcept {
  if (all_plain(text)) return text.size() + 2;
  std::size_t bytes = 2;
  for_each_piece(text, [&](std::string_view piece) { bytes += piece.size(); });
  return bytes;
}

char* write_json_text(char* out, std::string_view text) noexcept {
  *out++ = '"';
  if (all_plain(text)) {
    if (!text.empty()) std::memcpy(out, text.data(), text.size());
    out += text.size();
  } else {
    for_each_piece(text, [&](std::string_view piece) {
      std::memcpy(out, piece.data(), piece.size());
      out += piece.size();
    });
  }
  *out++ = '"';
  return out;
}

}  // namespace sextant
