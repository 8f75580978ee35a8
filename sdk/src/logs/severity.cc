// Severities by name and number.
#include "sextant/severity.h"

#include <cstddef>
#include <string>

namespace sextant {
namespace {

constexpr unsigned kHighest = 24;

constexpr std::string_view kTexts[kHighest + 1] = {"",       "TRACE",  "TRACE2", "TRACE3", "TRACE4", "DEBUG",  "DEBUG2",
                                                   "DEBUG3", "DEBUG4", "INFO",   "INFO2",  "INFO3",  "INFO4",  "WARN",
                                                   "WARN2",  "WARN3",  "WARN4",  "ERROR",  "ERROR2", "ERROR3", "ERROR4",
                                                   "FATAL",  "FATAL2", "FATAL3", "FATAL4"};

struct Other {
  std::string_view name;
  Severity severity;
};
constexpr Other kOthers[] = {
    {"NOTICE", static_cast<Severity>(10)}, {"WARNING", Severity::kWarn}, {"ERR", Severity::kError},
    {"CRITICAL", Severity::kFatal},        {"OFF", Severity::kOff},      {"NONE", Severity::kOff}};

std::string upper(std::string_view text) {
  std::string made(text);
  for (char& c : made) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return made;
}

}  // namespace

std::string_view severity_text(Severity severity) noexcept {
  const auto number = static_cast<unsigned>(severity);
  return number <= kHighest ? kTexts[number] : std::string_view();
}

Result<Severity> parse_severity(std::string_view text) {
  const std::string wanted = upper(text.substr(0, 16));
  for (unsigned number = 1; number <= kHighest; ++number) {
    if (wanted == kTexts[number] || wanted == std::to_string(number)) return static_cast<Severity>(number);
  }
  for (const Other& other : kOthers) {
    if (wanted == other.name) return other.severity;
  }
  return Error{"log level '" + std::string(text.substr(0, 64)) +
               "' is unknown: give trace, debug, info, warn, error, fatal, off or a number from 1 to 24"};
}

}  // namespace sextant
