// Log records as lines.
#include <ctime>

#include "base/base64.h"
#include "export/console_text.h"
#include "otlp/any_value.h"
#include "otlp/items.h"

namespace sextant::exporting {
namespace {

/// What is read of a LogRecord. Lifetime: views into it.
struct LogView {
  static constexpr std::uint32_t kAttributes = 6;
  std::uint64_t time_ns = 0;
  std::uint64_t observed_ns = 0;
  std::uint64_t severity = 0;
  std::string_view severity_text;
  std::string_view body;
  std::string_view trace_id;
  std::string_view span_id;
  std::string_view event_name;
};

// LogRecord: time_unix_nano = 1, severity_number = 2, severity_text = 3, body = 5, trace_id = 9, span_id = 10,
// observed_time_unix_nano = 11, event_name = 12.
LogView read_log(std::string_view bytes) noexcept {
  LogView log;
  otlp::Reader fields(bytes);
  while (fields.next()) {
    if (fields.field() == 1) log.time_ns = fields.number();
    if (fields.field() == 2) log.severity = fields.number();
    if (fields.field() == 3) log.severity_text = fields.bytes();
    if (fields.field() == 5) log.body = fields.bytes();
    if (fields.field() == 9) log.trace_id = fields.bytes();
    if (fields.field() == 10) log.span_id = fields.bytes();
    if (fields.field() == 11) log.observed_ns = fields.number();
    if (fields.field() == 12) log.event_name = fields.bytes();
  }
  return log;
}

/// Four numbers each: TRACE 1 to 4, and so on to FATAL 21 to 24 (logs data model, "Severity Fields").
const char* severity_name(std::uint64_t number) noexcept {
  static constexpr const char* kNames[] = {"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"};
  return number >= 1 && number <= 24 ? kNames[(number - 1) / 4] : "";
}

/// RFC 3339 in UTC with nanoseconds.
void append_time(std::string& out, std::uint64_t ns) {
  const auto seconds = static_cast<std::time_t>(ns / 1'000'000'000);
  std::tm date{};
  gmtime_r(&seconds, &date);
  char text[40];
  out.append(text, std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S.", &date));
  const std::string fraction = std::to_string(ns % 1'000'000'000);
  out.append(9 - fraction.size(), '0').append(fraction).append("Z");
}

void append_log(std::string& out, std::string_view bytes) {
  const LogView log = read_log(bytes);
  out += "log ";
  append_time(out, log.time_ns != 0 ? log.time_ns : log.observed_ns);
  out += "  ";
  append_shown(out, log.severity_text.empty() ? std::string_view(severity_name(log.severity)) : log.severity_text);
  if (!log.event_name.empty()) out += "  event ";
  append_shown(out, log.event_name);
  if (!log.body.empty()) out += "  ";
  if (!log.body.empty()) append_shown(out, otlp::plain_text(log.body));
  append_attributes_text(out, bytes, LogView::kAttributes);
  if (!log.trace_id.empty()) {
    out += "  trace=";
    append_hex(out, log.trace_id);
    out += " span=";
    append_hex(out, log.span_id);
  }
  out += '\n';
}

}  // namespace

bool append_logs_text(std::string& out, std::string_view request) {
  return otlp::for_each_item(request, [&](const otlp::Place&, std::string_view item) { append_log(out, item); });
}

}  // namespace sextant::exporting
