// Small helpers on text and bytes: hexadecimal, base64, UTF-8, nearest word.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sextant {

/// Lower-case hexadecimal of `bytes`.
std::string to_hex(std::string_view bytes);
/// Bytes of hexadecimal text of either case; nothing when the length is odd or a character is not a digit.
std::optional<std::string> from_hex(std::string_view text);

/// Base64 with padding (RFC 4648 section 4).
std::string to_base64(std::string_view bytes);
/// Accepts the standard and the URL alphabet, with or without padding.
std::optional<std::string> from_base64(std::string_view text);

/// Bytes (1 to 4) of the well-formed UTF-8 character at the start of `text`, 0 when there is none. Requires: not empty.
size_t utf8_character_bytes(std::string_view text);
/// True when `text` is well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms).
bool is_utf8(std::string_view text);
/// `text` with every byte that is not part of well-formed UTF-8 replaced by U+FFFD.
std::string to_valid_utf8(std::string_view text);
/// The longest prefix of at most `characters_max` characters (code points) that ends on a character boundary.
std::string_view utf8_prefix(std::string_view text, size_t characters_max);

/// The candidate with the smallest edit distance to `word`, when it is close enough to be a likely typing error.
std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace sextant
