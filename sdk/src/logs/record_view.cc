#include "logs/record_view.h"

#include "otlp/wire.h"

namespace sextant::logs {
namespace {

using otlp::bytes_field_size;
using otlp::WireType;
using otlp::write_tag;

// message LogRecord: time_unix_nano = 1, severity_number = 2, severity_text = 3, body = 5, attributes = 6,
// dropped_attributes_count = 7, flags = 8 (fixed32), trace_id = 9, span_id = 10, observed_time_unix_nano = 11,
// event_name = 12.
constexpr std::size_t kFixedBytesMax = 9 + 2 + (1 + otlp::kVarintBytesMax) + 5 + 18 + 10 + 9;

char* write_span(char* out, const SpanContext& span) noexcept {
  if (!span.valid()) return out;
  out = otlp::write_fixed32(write_tag<8>(out, WireType::kFixed32), span.flags);
  out = otlp::write_bytes<9>(out, otlp::raw(span.trace_id));
  return otlp::write_bytes<10>(out, otlp::raw(span.span_id));
}

char* write_time(char* out, std::int64_t wall_ns) noexcept {
  return otlp::write_fixed64(out, static_cast<std::uint64_t>(wall_ns));
}

}  // namespace

void encode_head(RecordBuffer& buffer, const RecordView& record) noexcept {
  record.for_each_attribute(
      [&](const Attribute& attribute) { otlp::append_attribute<6>(buffer, attribute, record.limits); });
  char* out = buffer.reserve(kFixedBytesMax + bytes_field_size(record.severity_text.size()) +
                             bytes_field_size(record.event_name.size()));
  if (out == nullptr) return;
  out = write_time(write_tag<1>(out, WireType::kFixed64), record.time_ns);
  out = otlp::write_varint(write_tag<2>(out, WireType::kVarint), static_cast<std::uint64_t>(record.severity));
  out = otlp::write_text<3>(out, record.severity_text);
  out = otlp::write_count<7>(out, record.kept.dropped());
  out = write_span(out, record.span);
  out = write_time(write_tag<11>(out, WireType::kFixed64), record.observed_ns);
  if (!record.event_name.empty()) out = otlp::write_text<12>(out, record.event_name);
  buffer.set_end(out);
}

std::size_t body_size(const RecordView& record) noexcept {
  if (record.body.kind() == ValueKind::kEmpty) return 0;
  return bytes_field_size(otlp::value_size(record.body, {}));
}

char* write_body(char* out, const RecordView& record) noexcept {
  if (record.body.kind() == ValueKind::kEmpty) return out;
  out = otlp::write_varint(write_tag<5>(out, WireType::kBytes), otlp::value_size(record.body, {}));
  return otlp::write_value(out, record.body, {});
}

}  // namespace sextant::logs
