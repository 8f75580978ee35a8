// Where lines of logs go, and what they look like.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "sextant/result.h"
#include "sextant/severity.h"

namespace sextant {

enum class LogFormat : std::uint8_t {
  kJson,  // {"time":"…","level":"info","message":"…","key":"value","trace_id":"…","span_id":"…"}
  kText   // 2025-11-16T10:30:00.000Z INFO  message key=value trace_id=… span_id=…
};

/// All of UTC.
enum class LogTimeFormat : std::uint8_t {
  kNone,
  kRfc3339,      // 2025-11-16T10:30:00Z
  kRfc3339Ms,    // 2025-11-16T10:30:00.123Z
  kRfc3339Nano,  // 2025-11-16T10:30:00.123456789Z
  kIso8601,      // 2025-11-16T10:30:00.123+0000
  kUnix,         // seconds since 1970, a number; so are the next ones
  kUnixMs,
  kUnixUs,
  kUnixNs
};

enum class LevelCase : std::uint8_t { kLower, kUpper };

enum class LogTarget : std::uint8_t { kStdout, kStderr, kFile, kFunction };

/// Gets each line without its end. One call at a time; other threads that log wait for it. Must not throw, and what it
/// logs itself is dropped.
using LogFunction = std::function<void(Severity severity, std::string_view line)>;

/// Lines are written whole, by one write(2) each as a rule. A line that cannot be written (disk full, pipe closed or
/// full) is counted in Stats::log_lines_lost and does not end the program: SIGPIPE is held back while a line is
/// written.
struct LogOutput {
  LogTarget target = LogTarget::kStdout;
  /// Of kFile: appended to, made with mode 0644 where it is not there. When the file is renamed or removed, a new one
  /// of this name is begun within a second, or at reopen_log_files().
  std::string path;
  LogFunction function;               // of kFunction
  Severity least = Severity::kTrace;  // of what LogOptions let through, what is written here

  LogFormat format = LogFormat::kJson;
  LogTimeFormat time_format = LogTimeFormat::kRfc3339Ms;
  LevelCase level_case = LevelCase::kLower;
  bool include_trace_id = true;  // of the span that the record belongs to, if there is one
  bool include_span_id = true;
  /// Keys of JSON; with an empty one the field is left out. An attribute that has one of these keys gets the prefix
  /// `attribute.`.
  std::string time_key = "time";
  std::string level_key = "level";
  std::string message_key = "message";
  std::string logger_key = "logger";
  std::string event_key = "event";
  std::string trace_id_key = "trace_id";  // of text too
  std::string span_id_key = "span_id";
};

/// JSON as Go's log/slog writes it: time (to the second), level in upper case, msg, attributes, trace_id, span_id.
LogOutput slog_json(LogTarget target = LogTarget::kStdout);
/// Of `stdout`, `stderr`, or the path of a file.
LogOutput log_output(std::string_view target);

/// Reads json or text.
Result<LogFormat> parse_log_format(std::string_view text);
/// Reads none, rfc3339, rfc3339_ms, rfc3339_nano, iso8601, unix, unix_ms, unix_us or unix_ns.
Result<LogTimeFormat> parse_log_time_format(std::string_view text);

/// Every file is opened anew with the next line that goes to it. Safe in signal handlers: for SIGHUP, by which rotating
/// tools tell.
void reopen_log_files() noexcept;

}  // namespace sextant
