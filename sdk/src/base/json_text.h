// Text as JSON has it (RFC 8259): quoted, and right for every input.
#pragma once

#include <cstddef>
#include <string_view>

namespace sextant {

/// Bytes that write_json_text() writes.
std::size_t json_text_bytes(std::string_view text) noexcept;
/// A JSON string with its quotes. Control characters are escaped, valid UTF-8 stands as it is, and each byte that is
/// not part of such becomes U+FFFD. Requires: room for json_text_bytes(). Returns the end.
char* write_json_text(char* out, std::string_view text) noexcept;

}  // namespace sextant
