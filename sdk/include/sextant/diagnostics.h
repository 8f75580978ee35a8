// What the SDK says about itself: never per span, never more than once a minute for the same matter.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace sextant {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarn, kError, kOff };

/// Called from any thread, one call at a time. Must not trace. Null: back to standard error.
using DiagnosticHandler = std::function<void(LogLevel level, std::string_view message)>;
void set_diagnostic_handler(DiagnosticHandler handler);
/// Below which level nothing is said. Default kWarn.
void set_diagnostic_level(LogLevel level) noexcept;

}  // namespace sextant
