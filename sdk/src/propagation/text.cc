#include "propagation/text.h"

#include <cstdint>
#include <utility>

#include "base/characters.h"
#include "base/utf8.h"
#include "propagation/hex.h"

namespace sextant::propagation {
namespace {

constexpr CharacterSet kBaggageOctets = CharacterSet().with_range('!', '~').without("\",;\\");
constexpr CharacterSet kUncoded = kBaggageOctets.without("%");

/// Replaces what is no UTF-8 by U+FFFD.
std::string valid_utf8(std::string text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
      continue;
    }
    const std::size_t bytes = utf8_character_bytes(text.data() + at, text.size() - at);
    if (bytes == 0) break;
    at += bytes;
  }
  if (at == text.size()) return text;
  std::string out = text.substr(0, at);
  while (at < text.size()) {
    const std::size_t bytes = utf8_character_bytes(text.data() + at, text.size() - at);
    out += bytes == 0 ? std::string_view("\xef\xbf\xbd") : std::string_view(text).substr(at, bytes);
    at += bytes == 0 ? 1 : bytes;
  }
  return out;
}

}  // namespace

bool is_baggage_value(std::string_view text) noexcept {
  return kBaggageOctets.has_all(text);
}

void append_percent_encoded(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (kUncoded.has(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    const char code[] = {'%', "0123456789ABCDEF"[byte >> 4], "0123456789ABCDEF"[byte & 15]};
    out.append(code, sizeof(code));
  }
}

std::string percent_decoded(std::string_view text) {
  if (text.find('%') == std::string_view::npos) return valid_utf8(std::string(text));
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::uint8_t byte = 0;
    if (text[at] == '%' && at + 2 < text.size() && read_hex<HexCase::kAny>(text.data() + at + 1, &byte, 1)) {
      out += static_cast<char>(byte);
      at += 2;
    } else {
      out += text[at];
    }
  }
  return valid_utf8(std::move(out));
}

}  // namespace sextant::propagation
