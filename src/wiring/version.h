// The version of the program, from CMake's project().
#pragma once

#include <string_view>

namespace sextant::wiring {

inline constexpr std::string_view kVersion = SEXTANT_VERSION;

}  // namespace sextant::wiring
