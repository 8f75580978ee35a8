// Text as JSON has it (RFC 8259): quoted, and right for every input.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sextant {

/// Bytes that write_json_text() writes.
std::size_t json_text_bytes(std::string_view text) noexcept;
/// A JSON string with its quotes. Control characters (those of C1 and DEL too) are escaped, other valid UTF-8 stands as
/// it is, and each byte that is not part of such becomes U+FFFD. Requires: room for json_text_bytes(). Returns the end.
char* write_json_text(char* out, std::string_view text) noexcept;

/// The same for text that people read: without quotes around it, and with quotes and backslashes as they are. One line,
/// and nothing that a terminal would obey.
std::size_t visible_text_bytes(std::string_view text) noexcept;
char* write_visible_text(char* out, std::string_view text) noexcept;

/// The same as write_json_text(), at the end of a string.
void append_json_text(std::string& out, std::string_view text);
/// The shortest digits that read back as the same number. Requires: a finite value.
void append_number(std::string& out, double value);

}  // namespace sextant
