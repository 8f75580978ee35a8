// Outputs by name.
#include "sextant/log_output.h"

#include <cstddef>

namespace sextant {
namespace {

constexpr std::string_view kTimeFormats[] = {"none", "rfc3339", "rfc3339_ms", "rfc3339_nano", "iso8601",
                                             "unix", "unix_ms", "unix_us",    "unix_ns"};

std::string quoted(std::string_view text) {
  return "'" + std::string(text.substr(0, 64)) + "'";
}

}  // namespace

LogOutput slog_json(LogTarget target) {
  LogOutput output;
  output.target = target;
  output.time_format = LogTimeFormat::kRfc3339;
  output.level_case = LevelCase::kUpper;
  output.message_key = "msg";
  output.logger_key.clear();
  output.event_key.clear();
  return output;
}

LogOutput log_output(std::string_view target) {
  LogOutput output;
  if (target == "stderr") {
    output.target = LogTarget::kStderr;
  } else if (target != "stdout") {
    output.target = LogTarget::kFile;
    output.path = std::string(target);
  }
  return output;
}

Result<LogFormat> parse_log_format(std::string_view text) {
  if (text == "json") return LogFormat::kJson;
  if (text == "text") return LogFormat::kText;
  return Error{"log format " + quoted(text) + " is unknown: give json or text"};
}

Result<LogTimeFormat> parse_log_time_format(std::string_view text) {
  std::string known;
  for (std::size_t i = 0; i < sizeof(kTimeFormats) / sizeof(kTimeFormats[0]); ++i) {
    if (text == kTimeFormats[i]) return static_cast<LogTimeFormat>(i);
    known += (known.empty() ? "" : ", ") + std::string(kTimeFormats[i]);
  }
  return Error{"timestamp format " + quoted(text) + " is unknown: give one of " + known};
}

}  // namespace sextant
