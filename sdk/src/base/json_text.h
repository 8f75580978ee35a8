// Pieces of JSON (RFC 8259) for code that writes it.
#pragma once

#include <string>
#include <string_view>

namespace sextant {

/// With quotes. What is no UTF-8 becomes '?'.
void append_json_text(std::string& out, std::string_view text);
/// The shortest digits that read back as the same number. Requires: a finite value.
void append_number(std::string& out, double value);

}  // namespace sextant
