#include "trace/span_record.h"

#include "otlp/kept_attributes.h"
#include "otlp/value_writer.h"
#include "otlp/wire.h"

namespace sextant::trace {
namespace {

using otlp::bytes_field_size;
using otlp::count_size;
using otlp::key_bit;
using otlp::raw;
using otlp::tag;
using otlp::WireType;
using otlp::write_count;

// message Span: trace_id = 1, span_id = 2, trace_state = 3, parent_span_id = 4, name = 5, kind = 6,
// start_time_unix_nano = 7, end_time_unix_nano = 8, attributes = 9, dropped_attributes_count = 10, events = 11,
// dropped_events_count = 12, links = 13, dropped_links_count = 14, status = 15, flags = 16.
constexpr std::uint32_t kAttributes = 9;
constexpr std::uint32_t kHasIsRemote = 0x100;  // SpanFlags of trace.proto
constexpr std::uint32_t kIsRemote = 0x200;

std::uint32_t flags_of(const SpanContext& context, bool parent_remote) noexcept {
  return context.flags | kHasIsRemote | (parent_remote ? kIsRemote : 0);
}

/// Takes an attribute out of the record, if it has that key.
bool remove_attribute(SpanRecord& record, std::string_view key) noexcept {
  otlp::Reader fields(record.body.view().substr(record.attributes_at));
  while (fields.next()) {
    if (fields.field() != kAttributes) continue;
    otlp::Reader pair(fields.bytes());
    if (!pair.next() || pair.bytes() != key) continue;
    record.body.erase(static_cast<std::size_t>(fields.begin() - record.body.data()),
                      static_cast<std::size_t>(fields.position() - fields.begin()));
    --record.attributes;
    return true;
  }
  return false;
}

}  // namespace

void begin_record(SpanRecord& record, const Beginning& b) noexcept {
  record.scope = b.scope;
  record.runtime = b.runtime;
  record.context = b.context;
  record.start_ns = b.wall_ns;
  record.begun_at_ns.store(b.monotonic_ns, std::memory_order_relaxed);
  record.key_bits = 0;
  record.attributes = record.events = record.links = 0;
  record.attributes_dropped = record.events_dropped = record.links_dropped = 0;
  record.status = StatusCode::kUnset;
  record.status_message.reset(0);
  record.name.reset(SpanRecord::kKeptBytes);
  record.name.append(b.name);
  record.body.reset(SpanRecord::kKeptBytes);

  const std::string_view state =
      b.context.trace_state != nullptr ? std::string_view(*b.context.trace_state) : std::string_view();
  char* out = record.body.reserve(64 + (state.empty() ? 0 : bytes_field_size(state.size())));
  if (out == nullptr) return;
  out = otlp::write_bytes<1>(out, raw(b.context.trace_id));
  out = otlp::write_bytes<2>(out, raw(b.context.span_id));
  if (b.parent.valid()) out = otlp::write_bytes<4>(out, raw(b.parent.span_id));
  out = otlp::write_varint(otlp::write_tag<6>(out, WireType::kVarint), static_cast<std::uint64_t>(b.kind));
  out = otlp::write_fixed64(otlp::write_tag<7>(out, WireType::kFixed64), static_cast<std::uint64_t>(b.wall_ns));
  out = otlp::write_varint(out, tag(16, WireType::kFixed32));
  out = otlp::write_fixed32(out, flags_of(b.context, b.parent.remote));
  if (!state.empty()) out = otlp::write_text<3>(out, state);
  record.body.set_end(out);
  record.attributes_at = static_cast<std::uint32_t>(record.body.size());
}

void add_attribute(SpanRecord& record, const Attribute& attribute) noexcept {
  if (attribute.key.empty()) return;
  const std::uint64_t bit = key_bit(attribute.key);
  if ((record.key_bits & bit) != 0) remove_attribute(record, attribute.key);
  if (record.attributes >= record.runtime->limits.attributes_max) {
    ++record.attributes_dropped;
    return;
  }
  record.key_bits |= bit;
  ++record.attributes;
  otlp::append_attribute<kAttributes>(record.body, attribute, {record.runtime->limits.value_length_max});
}

// message Event: time_unix_nano = 1, name = 2, attributes = 3, dropped_attributes_count = 4.
void add_event(SpanRecord& record, std::string_view name, Attributes attributes, std::int64_t wall_ns) noexcept {
  const Limits& limits = record.runtime->limits;
  if (record.events >= limits.events_max) {
    ++record.events_dropped;
    return;
  }
  const otlp::ValueLimits values{limits.value_length_max};
  otlp::KeptAttributes kept(attributes, limits.event_attributes_max);
  const std::size_t pairs = kept.size(values);
  const std::size_t size = 9 + bytes_field_size(name.size()) + pairs + count_size(kept.dropped());
  char* out = record.body.reserve(bytes_field_size(size));
  if (out == nullptr) return;
  ++record.events;
  out = otlp::write_varint(otlp::write_tag<11>(out, WireType::kBytes), size);
  out = otlp::write_fixed64(otlp::write_tag<1>(out, WireType::kFixed64), static_cast<std::uint64_t>(wall_ns));
  out = otlp::write_text<2>(out, name);
  out = write_count<4>(out, kept.dropped());
  record.body.set_end(out);
  kept.for_each([&](const Attribute& attribute) { otlp::append_attribute<3>(record.body, attribute, values); });
}

// message Link: trace_id = 1, span_id = 2, trace_state = 3, attributes = 4, dropped_attributes_count = 5, flags = 6.
void add_link(SpanRecord& record, const SpanContext& span, Attributes attributes) noexcept {
  const Limits& limits = record.runtime->limits;
  const std::string_view state = span.trace_state != nullptr ? std::string_view(*span.trace_state) : std::string_view();
  if (!span.valid() && attributes.empty() && state.empty()) return;
  if (record.links >= limits.links_max) {
    ++record.links_dropped;
    return;
  }
  const otlp::ValueLimits values{limits.value_length_max};
  otlp::KeptAttributes kept(attributes, limits.link_attributes_max);
  const std::size_t pairs = kept.size(values);
  const std::size_t size =
      18 + 10 + 5 + (state.empty() ? 0 : bytes_field_size(state.size())) + pairs + count_size(kept.dropped());
  char* out = record.body.reserve(bytes_field_size(size));
  if (out == nullptr) return;
  ++record.links;
  out = otlp::write_varint(otlp::write_tag<13>(out, WireType::kBytes), size);
  out = otlp::write_bytes<1>(out, raw(span.trace_id));
  out = otlp::write_bytes<2>(out, raw(span.span_id));
  if (!state.empty()) out = otlp::write_text<3>(out, state);
  out = write_count<5>(out, kept.dropped());
  out = otlp::write_fixed32(otlp::write_tag<6>(out, WireType::kFixed32), flags_of(span, span.remote));
  record.body.set_end(out);
  kept.for_each([&](const Attribute& attribute) { otlp::append_attribute<4>(record.body, attribute, values); });
}

void set_status(SpanRecord& record, StatusCode code, std::string_view message) noexcept {
  if (record.status == StatusCode::kOk || code == StatusCode::kUnset) return;
  record.status = code;
  record.status_message.reset(0);
  if (code == StatusCode::kError) record.status_message.append(message);
}

namespace {

// message Status: message = 2, code = 3.
std::size_t status_size(const SpanRecord& record) noexcept {
  if (record.status == StatusCode::kUnset) return 0;
  return 2 + (record.status_message.size() == 0 ? 0 : bytes_field_size(record.status_message.size()));
}

char* write_status(char* out, const SpanRecord& record) noexcept {
  const std::size_t size = status_size(record);
  if (size == 0) return out;
  out = otlp::write_varint(otlp::write_tag<15>(out, WireType::kBytes), size);
  if (record.status_message.size() != 0) out = otlp::write_text<2>(out, record.status_message.view());
  return otlp::write_varint(otlp::write_tag<3>(out, WireType::kVarint), static_cast<std::uint64_t>(record.status));
}

}  // namespace

std::size_t message_size(const SpanRecord& record) noexcept {
  const std::size_t status = status_size(record);
  return record.body.size() + bytes_field_size(record.name.size()) + 9 + (status == 0 ? 0 : bytes_field_size(status)) +
         count_size(record.attributes_dropped) + count_size(record.events_dropped) + count_size(record.links_dropped);
}

char* write_message(char* out, const SpanRecord& record, std::int64_t end_ns) noexcept {
  out = otlp::write_raw(out, record.body.view());
  out = otlp::write_text<5>(out, record.name.view());
  out = otlp::write_fixed64(otlp::write_tag<8>(out, WireType::kFixed64), static_cast<std::uint64_t>(end_ns));
  out = write_count<10>(out, record.attributes_dropped);
  out = write_count<12>(out, record.events_dropped);
  out = write_count<14>(out, record.links_dropped);
  return write_status(out, record);
}

}  // namespace sextant::trace
