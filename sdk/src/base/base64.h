// Bytes as text.
#pragma once

#include <string>
#include <string_view>

namespace sextant {

/// With '+', '/' and padding (RFC 4648, 4).
void append_base64(std::string& out, std::string_view bytes);
std::string base64(std::string_view bytes);
/// Lower-case digits.
void append_hex(std::string& out, std::string_view bytes);

}  // namespace sextant
