// Logs: what happened, as text and attributes, with the span within which it did.
//
//   sextant::Logger logger = sextant::logger("planner");
//   logger.info("Starting agent", {{"version", "1.0.0"}, {"env", "production"}});
//
// A record goes to the exporters as an OTLP log record, and as a line to each output that LogOptions name; trace id and
// span id of the current span are added. A level that is off costs one look at a number.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

#include "sextant/context.h"
#include "sextant/severity.h"
#include "sextant/trace.h"
#include "sextant/value.h"

namespace sextant {

namespace logs {
struct Runtime;
}

namespace detail {
/// Of all loggers of one scope. Lives as long as the process.
struct LoggerState {
  std::atomic<std::uint8_t> least{static_cast<std::uint8_t>(Severity::kOff)};  // severity that is kept
  std::atomic<bool> sampled_only{false};                                       // not within traces that are not sampled
  const ScopeInfo* scope = nullptr;                                            // null: the nameless one
};
extern LoggerState nameless_logger;
}  // namespace detail

/// What is to be logged. Views: what is given must live until emit() returns.
class LogEntry {
 public:
  /// The body is text as a rule; any other value stands as it is.
  LogEntry(Severity severity, const Value& body) noexcept : severity_(severity), body_(body) {}
  /// The last value of a key counts.
  LogEntry& attributes(Attributes attributes) noexcept { return attributes_ = attributes, *this; }
  /// What kind of event this is: records with the same name have attributes of the same meaning.
  LogEntry& event_name(std::string_view name) noexcept { return event_name_ = name, *this; }
  /// When it happened; otherwise now.
  LogEntry& time(Time time) noexcept { return time_ = time, *this; }
  /// When it was noticed; otherwise now.
  LogEntry& observed_time(Time time) noexcept { return observed_time_ = time, *this; }
  /// Instead of the current context.
  LogEntry& context(const Context& context) noexcept { return context_ = &context, *this; }
  /// What its source calls the severity; otherwise severity_text().
  LogEntry& severity_text(std::string_view text) noexcept { return severity_text_ = text, *this; }
  /// Adds `exception.type` and `exception.message`, where the attributes have none of their own.
  LogEntry& exception(const std::exception& error) noexcept { return exception_ = &error, *this; }

 private:
  friend class Logger;
  Severity severity_;
  Value body_;
  Attributes attributes_;
  std::string_view event_name_;
  std::string_view severity_text_;
  Time time_{};
  Time observed_time_{};
  const Context* context_ = nullptr;
  const std::exception* exception_ = nullptr;
};

/// A handle; copies are cheap, any thread. May be made before the SDK starts, and kept for ever. Where no SDK runs
/// nothing is logged.
class Logger {
 public:
  /// A logger of the scope without a name.
  Logger() noexcept : state_(&detail::nameless_logger) {}

  /// Whether a record of this severity could be kept: to save the making of costly attributes.
  bool enabled(Severity severity) const noexcept {
    return static_cast<std::uint8_t>(severity) >= state_->least.load(std::memory_order_relaxed);
  }
  /// The same for a record of this context: false within traces that are not sampled, where such are left out.
  bool enabled(Severity severity, const Context& context) const noexcept;

  void emit(const LogEntry& entry) const noexcept {
    if (enabled(entry.severity_)) emit_enabled(entry);
  }
  void log(Severity severity, std::string_view message, Attributes attributes = {}) const noexcept {
    if (enabled(severity)) emit_message(severity, message, attributes, nullptr);
  }
  void log(Severity severity, const Context& context, std::string_view message,
           Attributes attributes = {}) const noexcept {
    if (enabled(severity)) emit_message(severity, message, attributes, &context);
  }

  void trace(std::string_view message, Attributes attributes = {}) const noexcept {
    log(Severity::kTrace, message, attributes);
  }
  void trace(const Context& context, std::string_view message, Attributes attributes = {}) const noexcept {
    log(Severity::kTrace, context, message, attributes);
  }
  void debug(std::string_view message, Attributes attributes = {}) const noexcept {
    log(Severity::kDebug, message, attributes);
  }
  void debug(const Context& context, std::string_view message, Attributes attributes = {}) const noexcept {
    log(Severity::kDebug, context, message, attributes);
  }
  void info(std::string_view message, Attributes attributes = {}) const noexcept {
    log(Severity::kInfo, message, attributes);
  }
  void info(const Context& context, std::string_view message, Attributes attributes = {}) const noexcept {
    log(Severity::kInfo, context, message, attributes);
  }
  void warn(std::string_view message, Attributes attributes = {}) const noexcept {
    log(Severity::kWarn, message, attributes);
  }
  void warn(const Context& context, std::string_view message, Attributes attributes = {}) const noexcept {
    log(Severity::kWarn, context, message, attributes);
  }
  void error(std::string_view message, Attributes attributes = {}) const noexcept {
    log(Severity::kError, message, attributes);
  }
  void error(const Context& context, std::string_view message, Attributes attributes = {}) const noexcept {
    log(Severity::kError, context, message, attributes);
  }
  void error(const std::exception& error, std::string_view message, Attributes attributes = {}) const noexcept {
    emit(LogEntry(Severity::kError, message).attributes(attributes).exception(error));
  }
  /// Does not end the program.
  void fatal(std::string_view message, Attributes attributes = {}) const noexcept {
    log(Severity::kFatal, message, attributes);
  }
  void fatal(const Context& context, std::string_view message, Attributes attributes = {}) const noexcept {
    log(Severity::kFatal, context, message, attributes);
  }

 private:
  friend Logger logger(std::string_view, std::string_view, std::string_view, Attributes);
  void emit_enabled(const LogEntry& entry) const noexcept;
  void handle(const logs::Runtime& runtime, const LogEntry& entry) const noexcept;
  void emit_message(Severity severity, std::string_view message, Attributes attributes,
                    const Context* context) const noexcept;
  const detail::LoggerState* state_;
};

/// The logger of a library or a part of a program (OpenTelemetry's instrumentation scope). Scopes live as long as the
/// process: names are those of code, not of data.
Logger logger(std::string_view name, std::string_view version = {}, std::string_view schema_url = {},
              Attributes attributes = {});

/// A level of its own for some loggers.
struct LoggerRule {
  std::string name;  // of loggers; with a `*` at its end, of all that begin with what stands before it
  Severity least = Severity::kTrace;
  bool sampled_only = false;  // records within traces that are not sampled are left out
};

}  // namespace sextant

/// Evaluates what follows the severity only where that is enabled:
///   SEXTANT_LOG(logger, sextant::Severity::kDebug, "state", {{"dump", costly_dump()}});
#define SEXTANT_LOG(logger, severity, ...)                               \
  do {                                                                   \
    if ((logger).enabled(severity)) (logger).log(severity, __VA_ARGS__); \
  } while (false)
