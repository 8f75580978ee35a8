// How long a receiver asks to be left alone.
#pragma once

#include <chrono>
#include <string_view>

namespace sextant::exporting {

/// The pause that a Retry-After header asks for: seconds, or a date (RFC 9110, 10.2.3); zero where it says neither. At
/// most an hour.
std::chrono::milliseconds retry_after(std::string_view header, std::chrono::system_clock::time_point now);

}  // namespace sextant::exporting
