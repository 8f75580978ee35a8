// Sextant's own log: a constant lower-case message and fields, one line each on standard error.
//
//   log.info("listening", {{"address", address}, {"protocol", "http"}});
//
// Never once per item; a message that repeats is written a few times and then counted (LogSuppressed). No prompt
// content and no secrets go in.
#pragma once

#include <fmt/format.h>

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "base/sys/clock.h"

namespace sextant {

class Metrics;

/// A key and its value as text. Value.
struct LogField {
  template <typename T>
  LogField(std::string_view name, const T& content) : key(name), value(fmt::format("{}", content)) {}
  std::string_view key;
  std::string value;
};

enum class LogLevel : uint8_t { kDebug, kInfo, kWarn, kError };

/// Internally locked.
class Log {
 public:
  using Fields = std::initializer_list<LogField>;

  /// Writes what is at `least` or above to standard error.
  Log(const Clock& clock, Metrics& metrics, LogLevel least);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void debug(std::string_view message, Fields fields = {}) { write(LogLevel::kDebug, message, fields); }
  void info(std::string_view message, Fields fields = {}) { write(LogLevel::kInfo, message, fields); }
  void warn(std::string_view message, Fields fields = {}) { write(LogLevel::kWarn, message, fields); }
  void error(std::string_view message, Fields fields = {}) { write(LogLevel::kError, message, fields); }

 private:
  void write(LogLevel level, std::string_view message, Fields fields);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sextant
