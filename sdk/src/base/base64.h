// Bytes as text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sextant {

/// With '+', '/' and padding (RFC 4648, 4).
constexpr std::size_t base64_bytes(std::size_t bytes) noexcept {
  return (bytes + 2) / 3 * 4;
}
/// Requires: room for base64_bytes(). Returns the end.
char* write_base64(char* out, std::string_view bytes) noexcept;
void append_base64(std::string& out, std::string_view bytes);
std::string base64(std::string_view bytes);
/// Lower-case digits.
void append_hex(std::string& out, std::string_view bytes);

}  // namespace sextant
