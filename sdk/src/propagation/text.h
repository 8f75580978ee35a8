// What the headers of this module are made of: white space, tokens, percent coding.
#pragma once

#include <string>
#include <string_view>

namespace sextant::propagation {

/// Without the blanks and tabs around it (OWS of RFC 9110).
inline std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// What stands before the separator, which is taken away with it.
inline std::string_view take_until(std::string_view& rest, char separator) noexcept {
  const std::size_t at = rest.find(separator);
  const std::string_view taken = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
  return taken;
}

/// Nothing but the octets that values have in a baggage header.
bool is_baggage_value(std::string_view text) noexcept;

/// Appends the text with everything that is no baggage octet, and '%', as %XX.
void append_percent_encoded(std::string& out, std::string_view text);
/// A '%' that two digits do not follow stands for itself; bytes that are not UTF-8 become U+FFFD, as W3C Baggage has
/// it.
std::string percent_decoded(std::string_view text);

}  // namespace sextant::propagation
