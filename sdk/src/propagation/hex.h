// Ids as digits, and digits as ids.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "sextant/span_context.h"

namespace sextant::propagation {

enum class HexCase : std::uint8_t { kLower, kAny };

namespace detail {
inline constexpr std::uint8_t kNoDigit = 0xf0;

constexpr std::array<char, 512> make_pairs() noexcept {
  std::array<char, 512> pairs{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    pairs[2 * byte] = "0123456789abcdef"[byte >> 4];
    pairs[2 * byte + 1] = "0123456789abcdef"[byte & 15];
  }
  return pairs;
}
constexpr std::array<std::uint8_t, 256> make_digits(HexCase allowed) noexcept {
  std::array<std::uint8_t, 256> digits{};
  for (std::size_t c = 0; c < 256; ++c) digits[c] = kNoDigit;
  for (std::size_t d = 0; d < 10; ++d) digits['0' + d] = static_cast<std::uint8_t>(d);
  for (std::size_t d = 10; d < 16; ++d) {
    digits['a' + d - 10] = static_cast<std::uint8_t>(d);
    if (allowed == HexCase::kAny) digits['A' + d - 10] = static_cast<std::uint8_t>(d);
  }
  return digits;
}
inline constexpr auto kPairs = make_pairs();
inline constexpr auto kLowerDigits = make_digits(HexCase::kLower);
inline constexpr auto kAnyDigits = make_digits(HexCase::kAny);
}  // namespace detail

/// Two lower-case digits for each byte. Returns where they end.
inline char* write_hex(const std::uint8_t* bytes, std::size_t count, char* out) noexcept {
  for (std::size_t i = 0; i < count; ++i) std::memcpy(out + 2 * i, detail::kPairs.data() + 2 * bytes[i], 2);
  return out + 2 * count;
}

/// Reads two digits for each byte. False where there is something else among them.
template <HexCase kCase>
inline bool read_hex(const char* text, std::uint8_t* bytes, std::size_t count) noexcept {
  constexpr const auto& digits = kCase == HexCase::kLower ? detail::kLowerDigits : detail::kAnyDigits;
  unsigned seen = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const unsigned high = digits[static_cast<unsigned char>(text[2 * i])];
    const unsigned low = digits[static_cast<unsigned char>(text[2 * i + 1])];
    seen |= high | low;
    bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return (seen & detail::kNoDigit) == 0;
}

/// Up to 2 * kBytes digits of either case; missing ones in front are zeros. False for none, or too many.
template <std::size_t kBytes>
bool read_padded_hex(std::string_view text, Id<kBytes>& id) noexcept {
  if (text.empty() || text.size() > 2 * kBytes) return false;
  char padded[2 * kBytes];
  std::memset(padded, '0', sizeof(padded));
  std::memcpy(padded + sizeof(padded) - text.size(), text.data(), text.size());
  return read_hex<HexCase::kAny>(padded, id.bytes.data(), kBytes);
}

}  // namespace sextant::propagation
