#include "base/json_text.h"

#include <charconv>
#include <cstdint>
#include <cstring>

#include "base/utf8.h"

namespace sextant {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighBits = 0x8080808080808080;
constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

enum class Style { kJson, kVisible };

/// Non-zero where one of eight bytes is not a plain character that stands for itself. The tests for bytes below a value
/// and for zero bytes are right when no byte has its high bit set, and that is told anyway.
template <Style kStyle>
std::uint64_t special_bytes(std::uint64_t word) noexcept {
  const std::uint64_t deletes = word ^ (kOnes * 0x7f);
  std::uint64_t special = word | (word - kOnes * 0x20) | (deletes - kOnes);
  if constexpr (kStyle == Style::kJson) {
    const std::uint64_t quotes = word ^ (kOnes * '"');
    const std::uint64_t backslashes = word ^ (kOnes * '\\');
    special |= (quotes - kOnes) | (backslashes - kOnes);
  }
  return special & kHighBits;
}

template <Style kStyle>
bool is_plain(unsigned char c) noexcept {
  return c >= 0x20 && c < 0x7f && (kStyle == Style::kVisible || (c != '"' && c != '\\'));
}

template <Style kStyle>
bool all_plain(std::string_view text) noexcept {
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    if (special_bytes<kStyle>(word) != 0) return false;
  }
  for (; at < text.size(); ++at) {
    if (!is_plain<kStyle>(static_cast<unsigned char>(text[at]))) return false;
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

/// Bytes of a control character at the beginning that has no short escape; 0 where there is none.
std::size_t control_bytes(std::string_view text) noexcept {
  const auto c = static_cast<unsigned char>(text[0]);
  if (c < 0x20 || c == 0x7f) return 1;
  const bool c1 = c == 0xc2 && text.size() > 1 && (static_cast<unsigned char>(text[1]) & 0xe0) == 0x80;
  return c1 ? 2 : 0;
}

/// Hands what stands for each character of a text to `put`, piece by piece.
template <Style kStyle, class Put>
void for_each_piece(std::string_view text, Put put) noexcept {
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain < text.size() && is_plain<kStyle>(static_cast<unsigned char>(text[plain]))) ++plain;
    if (plain > 0) {
      put(text.substr(0, plain));
      text.remove_prefix(plain);
      continue;
    }
    std::size_t taken = 1;
    if (const char letter = short_escape(static_cast<unsigned char>(text[0])); letter != 0) {
      const char escape[2] = {'\\', letter};
      put({escape, 2});
    } else if (taken = control_bytes(text); taken > 0) {
      const auto code = static_cast<unsigned char>(text[taken - 1]);
      const char escape[6] = {'\\', 'u', '0', '0', "0123456789abcdef"[code >> 4], "0123456789abcdef"[code & 15]};
      put({escape, 6});
    } else {
      taken = utf8_character_bytes(text.data(), text.size());
      put(taken == 0 ? kReplacement : text.substr(0, taken));
      if (taken == 0) taken = 1;
    }
    text.remove_prefix(taken);
  }
}

template <Style kStyle>
std::size_t bytes_of(std::string_view text) noexcept {
  if (all_plain<kStyle>(text)) return text.size();
  std::size_t bytes = 0;
  for_each_piece<kStyle>(text, [&](std::string_view piece) { bytes += piece.size(); });
  return bytes;
}

char* append(char* out, std::string_view piece) noexcept {
  if (!piece.empty()) std::memcpy(out, piece.data(), piece.size());
  return out + piece.size();
}

template <Style kStyle>
char* write(char* out, std::string_view text) noexcept {
  if (all_plain<kStyle>(text)) return append(out, text);
  for_each_piece<kStyle>(text, [&](std::string_view piece) { out = append(out, piece); });
  return out;
}

}  // namespace

std::size_t json_text_bytes(std::string_view text) noexcept {
  return bytes_of<Style::kJson>(text) + 2;
}

char* write_json_text(char* out, std::string_view text) noexcept {
  *out++ = '"';
  out = write<Style::kJson>(out, text);
  *out++ = '"';
  return out;
}

std::size_t visible_text_bytes(std::string_view text) noexcept {
  return bytes_of<Style::kVisible>(text);
}

char* write_visible_text(char* out, std::string_view text) noexcept {
  return write<Style::kVisible>(out, text);
}

void append_json_text(std::string& out, std::string_view text) {
  const std::size_t begin = out.size();
  out.resize(begin + json_text_bytes(text));
  write_json_text(out.data() + begin, text);
}

void append_number(std::string& out, double value) {
  char digits[32];
  out.append(digits, std::to_chars(digits, digits + sizeof(digits), value).ptr);
}

}  // namespace sextant
