// How bad it is.
#pragma once

#include <cstdint>
#include <string_view>

#include "sextant/result.h"

namespace sextant {

/// Numbers as OpenTelemetry's log data model has them (SeverityNumber). Each name stands for the first of four: 10 to
/// 12 are INFO2 to INFO4.
enum class Severity : std::uint8_t {
  kTrace = 1,
  kDebug = 5,
  kInfo = 9,
  kWarn = 13,
  kError = 17,
  kFatal = 21,
  kOff = 25  // as a least level: nothing
};

/// `TRACE`, `TRACE2`, … `FATAL4`; empty for numbers that are none.
std::string_view severity_text(Severity severity) noexcept;
/// Reads trace, debug, info, notice, warn, warning, error, critical, fatal, off, a name with a number from 2 to 4, or
/// a number from 1 to 24; in either case.
Result<Severity> parse_severity(std::string_view text);

}  // namespace sextant
