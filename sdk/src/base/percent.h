// Percent coding (RFC 3986).
#pragma once

#include <string>
#include <string_view>

namespace sextant {

/// As a part of a path or a query: what is not unreserved is escaped.
std::string percent_encoded(std::string_view text);

}  // namespace sextant
