// Code that sees each log record before it goes anywhere: to redact it, to add to it, to leave it out.
#pragma once

#include <memory>
#include <string_view>

#include "sextant/context.h"
#include "sextant/severity.h"
#include "sextant/trace.h"
#include "sextant/value.h"

namespace sextant {

namespace detail {
struct LogDraft;
}

/// A record as a processor sees it. Valid during the call. What is set is copied.
class LogRecord {
 public:
  explicit LogRecord(detail::LogDraft& draft) noexcept : draft_(draft) {}
  LogRecord(const LogRecord&) = delete;
  LogRecord& operator=(const LogRecord&) = delete;

  std::string_view logger_name() const noexcept;
  Severity severity() const noexcept;
  const Value& body() const noexcept;
  std::string_view event_name() const noexcept;
  const Context& context() const noexcept;
  Time time() const noexcept;
  /// Keys are unique. Until the next change.
  Attributes attributes() const noexcept;
  /// Null where there is none. Until the next change.
  const Value* find(std::string_view key) const noexcept;

  void set_body(const Value& body) noexcept;
  void set_severity(Severity severity) noexcept;
  /// Replaces the value of a key where it stands, or adds one at the end.
  void set(std::string_view key, const Value& value) noexcept;
  void remove(std::string_view key) noexcept;
  /// The record goes nowhere, and no other processor sees it.
  void discard() noexcept;

 private:
  detail::LogDraft& draft_;
};

/// Any thread, several at once. In the order in which processors were added. Must be quick: the program waits. What it
/// logs itself is dropped.
class LogProcessor {
 public:
  virtual ~LogProcessor() = default;
  virtual void on_emit(LogRecord& record) noexcept = 0;
};

/// Adds records that have an event name to the current span too, as events of that name.
std::shared_ptr<LogProcessor> events_to_spans();

}  // namespace sextant
