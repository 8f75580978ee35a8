#include "logs/line_format.h"

#include <cstring>
#include <utility>

#include "base/json_text.h"
#include "logs/time_text.h"

namespace sextant::logs {
namespace {

constexpr std::string_view kTakenPrefix = "attribute.";
constexpr std::size_t kLevelColumns = 5;  // of text: as wide as ERROR

void append_time(LineBuffer& out, std::int64_t wall_ns, LogTimeFormat format) noexcept {
  if (char* at = out.reserve(kTimeBytesMax); at != nullptr) out.set_end(write_time(at, wall_ns, format));
}

template <std::size_t kBytes>
void append_hex(LineBuffer& out, const Id<kBytes>& id) noexcept {
  char* at = out.reserve(2 * kBytes);
  if (at == nullptr) return;
  id.write_hex(at);
  out.set_end(at + 2 * kBytes);
}

/// A field's key, after a comma where it is not the first.
void begin_field(LineBuffer& out, std::string_view key) noexcept {
  if (out.size() > 1) out.append(",");
  append_json_text(out, key);
  out.append(":");
}

/// The same for an attribute whose key a field of the line itself has.
void begin_taken_field(LineBuffer& out, std::string_view key) noexcept {
  if (out.size() > 1) out.append(",");
  const std::size_t quote_at = out.size() + kTakenPrefix.size();
  out.append(kTakenPrefix);
  append_json_text(out, key);
  out.append(":");
  // The opening quote changes places with what stands before it.
  if (out.failed()) return;
  std::memmove(out.data() + quote_at - kTakenPrefix.size() + 1, kTakenPrefix.data(), kTakenPrefix.size());
  out.data()[quote_at - kTakenPrefix.size()] = '"';
}

template <std::size_t kBytes>
void append_id_field(LineBuffer& out, std::string_view key, const Id<kBytes>& id) noexcept {
  begin_field(out, key);
  out.append("\"");
  append_hex(out, id);
  out.append("\"");
}

void append_visible(LineBuffer& out, std::string_view text) noexcept {
  if (char* at = out.reserve(visible_text_bytes(text)); at != nullptr) out.set_end(write_visible_text(at, text));
}

bool is_word(std::string_view text) noexcept {
  for (const char c : text) {
    if (c <= ' ' || c >= 0x7f || c == '"' || c == '=' || c == '\\') return false;
  }
  return !text.empty();
}

/// As it is where that is one word, else in quotes.
void append_word(LineBuffer& out, std::string_view text) noexcept {
  if (is_word(text)) return out.append(text);
  append_json_text(out, text);
}

void append_text_value(LineBuffer& out, const Value& value, const otlp::ValueLimits& limits) noexcept {
  if (value.kind() == ValueKind::kString) return append_word(out, otlp::cut(value.as_string(), limits));
  append_json_value(out, value, limits);
}

void begin_pair(LineBuffer& out, std::string_view key) noexcept {
  out.append(" ");
  append_word(out, key);
  out.append("=");
}

}  // namespace

LineFormat::LineFormat(LogOutput options) : options_(std::move(options)) {}

void LineFormat::append(LineBuffer& out, const RecordView& record) const noexcept {
  options_.format == LogFormat::kJson ? append_json(out, record) : append_text(out, record);
  out.append("\n");
}

void LineFormat::append_level(LineBuffer& out, const RecordView& record) const noexcept {
  const std::string_view level = severity_text(record.severity);
  char* at = out.reserve(level.size());
  if (at == nullptr) return;
  const bool lower = options_.level_case == LevelCase::kLower;
  for (const char c : level) *at++ = lower && c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  out.set_end(at);
}

/// Whether a field of the line itself has this key.
bool LineFormat::is_taken(std::string_view key) const noexcept {
  const LogOutput& o = options_;
  return key == o.time_key || key == o.level_key || key == o.message_key || key == o.logger_key || key == o.event_key ||
         (o.include_trace_id && key == o.trace_id_key) || (o.include_span_id && key == o.span_id_key);
}

void LineFormat::append_json(LineBuffer& out, const RecordView& record) const noexcept {
  const LogOutput& o = options_;
  out.append("{");
  if (!o.time_key.empty() && o.time_format != LogTimeFormat::kNone) {
    const std::string_view quote = is_number(o.time_format) ? "" : "\"";
    begin_field(out, o.time_key);
    out.append(quote);
    append_time(out, record.time_ns, o.time_format);
    out.append(quote);
  }
  if (!o.level_key.empty()) {
    begin_field(out, o.level_key);
    out.append("\"");
    append_level(out, record);
    out.append("\"");
  }
  if (!o.logger_key.empty() && !record.scope.name.empty()) {
    begin_field(out, o.logger_key);
    append_json_text(out, record.scope.name);
  }
  if (!o.message_key.empty()) {
    begin_field(out, o.message_key);
    append_json_value(out, record.body, {});
  }
  if (!o.event_key.empty() && !record.event_name.empty()) {
    begin_field(out, o.event_key);
    append_json_text(out, record.event_name);
  }
  record.for_each_attribute([&](const Attribute& attribute) {
    is_taken(attribute.key) ? begin_taken_field(out, attribute.key) : begin_field(out, attribute.key);
    append_json_value(out, attribute.value, record.limits);
  });
  if (o.include_trace_id && !o.trace_id_key.empty() && record.span.valid())
    append_id_field(out, o.trace_id_key, record.span.trace_id);
  if (o.include_span_id && !o.span_id_key.empty() && record.span.valid())
    append_id_field(out, o.span_id_key, record.span.span_id);
  out.append("}");
}

void LineFormat::append_text(LineBuffer& out, const RecordView& record) const noexcept {
  const LogOutput& o = options_;
  if (o.time_format != LogTimeFormat::kNone) {
    append_time(out, record.time_ns, o.time_format);
    out.append(" ");
  }
  const std::size_t level_at = out.size();
  append_level(out, record);
  while (out.size() - level_at < kLevelColumns && !out.failed()) out.append(" ");
  out.append(" ");
  if (!record.scope.name.empty()) {
    append_visible(out, record.scope.name);
    out.append(": ");
  }
  if (record.body.kind() == ValueKind::kString) {
    append_visible(out, record.body.as_string());
  } else {
    append_json_value(out, record.body, {});
  }
  if (!record.event_name.empty()) {
    begin_pair(out, "event");
    append_word(out, record.event_name);
  }
  record.for_each_attribute([&](const Attribute& attribute) {
    begin_pair(out, attribute.key);
    append_text_value(out, attribute.value, record.limits);
  });
  if (!record.span.valid()) return;
  if (o.include_trace_id && !o.trace_id_key.empty()) {
    begin_pair(out, o.trace_id_key);
    append_hex(out, record.span.trace_id);
  }
  if (o.include_span_id && !o.span_id_key.empty()) {
    begin_pair(out, o.span_id_key);
    append_hex(out, record.span.span_id);
  }
}

}  // namespace sextant::logs
