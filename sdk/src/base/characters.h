// Sets of characters that can be asked in one step.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace sextant {

/// Immutable.
class CharacterSet {
 public:
  constexpr CharacterSet() noexcept = default;
  constexpr CharacterSet with(std::string_view characters) const noexcept {
    CharacterSet made = *this;
    for (const char c : characters) made.in_[static_cast<unsigned char>(c)] = true;
    return made;
  }
  constexpr CharacterSet with_range(char first, char last) const noexcept {
    CharacterSet made = *this;
    for (int c = first; c <= last; ++c) made.in_[static_cast<std::size_t>(c)] = true;
    return made;
  }
  constexpr CharacterSet without(std::string_view characters) const noexcept {
    CharacterSet made = *this;
    for (const char c : characters) made.in_[static_cast<unsigned char>(c)] = false;
    return made;
  }
  constexpr bool has(char c) const noexcept { return in_[static_cast<unsigned char>(c)]; }
  constexpr bool has_all(std::string_view text) const noexcept {
    for (const char c : text) {
      if (!has(c)) return false;
    }
    return true;
  }

 private:
  std::array<bool, 256> in_{};
};

/// Of tokens (RFC 9110, 5.6.2): names of methods, headers and baggage.
inline constexpr CharacterSet kTokenCharacters =
    CharacterSet().with_range('0', '9').with_range('a', 'z').with_range('A', 'Z').with("!#$%&'*+-.^_`|~");

/// At least one of these characters and nothing else.
inline bool is_token(std::string_view text) noexcept {
  return !text.empty() && kTokenCharacters.has_all(text);
}

}  // namespace sextant
