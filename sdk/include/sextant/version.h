// Which SDK this is.
#pragma once

namespace sextant {

inline constexpr const char* kVersion = "0.1.0";
inline constexpr const char* kUserAgent = "sextant-cpp/0.1.0";

}  // namespace sextant
