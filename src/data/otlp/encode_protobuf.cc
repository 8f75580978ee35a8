// A batch's rows as OTLP protobuf. Fields with their default value are left out, as proto3 writers do.
#include "base/codec/protobuf_writer.h"
#include "data/otlp/fields.h"
#include "data/otlp/limits.h"
#include "data/otlp/row_groups.h"
#include "data/otlp/traces.h"

namespace sextant::data {
namespace {

/// Guess of a message's size; a wrong one costs a move of some bytes.
constexpr size_t kSpanBytesGuess = 256;

/// Thread-confined, used once. Lifetime: not longer than the batch.
class ProtobufEncoder {
 public:
  explicit ProtobufEncoder(const Batch& batch) : batch_(batch) {}

  std::string encode(std::span<const uint32_t> rows);

 private:
  void resource_spans(std::span<const uint32_t> rows);
  void scope_spans(std::span<const uint32_t> rows);
  void scope(const Scope& scope);
  void span(uint32_t row);
  void status(uint32_t row);
  void event(uint32_t index);
  void link(uint32_t index);
  void attributes(uint32_t field, const AttributeList& list);
  void key_value(uint32_t field, std::string_view key, const ValueView& value, int depth);
  void any_value(uint32_t field, const ValueView& value, int depth);
  void list(uint32_t field, const ValueView& value, int depth);
  void text(uint32_t field, ValueCode code) {
    const std::string_view text = batch_.values.text(code);
    if (!text.empty()) out_.bytes(field, text);
  }
  void count(uint32_t field, uint32_t value) {
    if (value != 0) out_.varint(field, value);
  }
  const Batch& batch_;
  ProtobufWriter out_;
  std::vector<KeyCode> keys_;  // scratch
};

std::string ProtobufEncoder::encode(std::span<const uint32_t> rows) {
  const auto grouped = grouped_rows(batch_, rows);
  for (std::span<const uint32_t> left = grouped; !left.empty();) {
    const size_t length = run_length(batch_.spans.resource, left);
    resource_spans(left.first(length));
    left = left.subspan(length);
  }
  return out_.take();
}

void ProtobufEncoder::resource_spans(std::span<const uint32_t> rows) {
  const Resource& resource = batch_.resources[batch_.spans.resource[rows[0]]];
  const auto mark = out_.begin_message(field::kTracesResourceSpans, rows.size() * kSpanBytesGuess);
  const auto inner = out_.begin_message(field::kResourceSpansResource, kSpanBytesGuess);
  attributes(field::kResourceAttributes, resource.attributes);
  count(field::kResourceDroppedAttributes, resource.dropped_attributes);
  out_.end_message(inner);
  for (auto left = rows; !left.empty();) {
    const size_t length = run_length(batch_.spans.scope, left);
    scope_spans(left.first(length));
    left = left.subspan(length);
  }
  text(field::kResourceSpansSchemaUrl, resource.schema_url);
  out_.end_message(mark);
}

void ProtobufEncoder::scope_spans(std::span<const uint32_t> rows) {
  const Scope& owner = batch_.scopes[batch_.spans.scope[rows[0]]];
  const auto mark = out_.begin_message(field::kResourceSpansScopeSpans, rows.size() * kSpanBytesGuess);
  scope(owner);
  for (const uint32_t row : rows) span(row);
  text(field::kScopeSpansSchemaUrl, owner.schema_url);
  out_.end_message(mark);
}

void ProtobufEncoder::scope(const Scope& scope) {
  const auto mark = out_.begin_message(field::kScopeSpansScope, 0);
  text(field::kScopeName, scope.name);
  text(field::kScopeVersion, scope.version);
  attributes(field::kScopeAttributes, scope.attributes);
  count(field::kScopeDroppedAttributes, scope.dropped_attributes);
  out_.end_message(mark);
}

void ProtobufEncoder::span(uint32_t row) {
  const SpanColumns& s = batch_.spans;
  const auto mark = out_.begin_message(field::kScopeSpansSpans, kSpanBytesGuess);
  out_.bytes(field::kSpanTraceId, s.trace_id[row].view());
  out_.bytes(field::kSpanSpanId, s.span_id[row].view());
  text(field::kSpanTraceState, s.trace_state[row]);
  if (!s.parent_span_id[row].is_zero()) out_.bytes(field::kSpanParentSpanId, s.parent_span_id[row].view());
  text(field::kSpanName, s.name[row]);
  if (s.kind[row] != 0) out_.sint64(field::kSpanKind, s.kind[row]);
  if (s.start_unix_nanos[row] != 0) out_.fixed64(field::kSpanStart, s.start_unix_nanos[row]);
  if (s.end_unix_nanos[row] != 0) out_.fixed64(field::kSpanEnd, s.end_unix_nanos[row]);
  attributes(field::kSpanAttributes, s.attributes[row]);
  count(field::kSpanDroppedAttributes, s.dropped_attributes[row]);
  const RowRange events = batch_.events_of(row);
  for (uint32_t i = events.begin; i < events.end; ++i) event(i);
  count(field::kSpanDroppedEvents, s.dropped_events[row]);
  const RowRange links = batch_.links_of(row);
  for (uint32_t i = links.begin; i < links.end; ++i) link(i);
  count(field::kSpanDroppedLinks, s.dropped_links[row]);
  status(row);
  if (s.flags[row] != 0) out_.fixed32(field::kSpanFlags, s.flags[row]);
  out_.end_message(mark);
}

void ProtobufEncoder::status(uint32_t row) {
  const SpanColumns& s = batch_.spans;
  if (s.status[row] == 0 && batch_.values.text(s.status_message[row]).empty()) return;
  const auto mark = out_.begin_message(field::kSpanStatus, 0);
  text(field::kStatusMessage, s.status_message[row]);
  if (s.status[row] != 0) out_.sint64(field::kStatusCode, s.status[row]);
  out_.end_message(mark);
}

void ProtobufEncoder::event(uint32_t index) {
  const EventColumns& e = batch_.events;
  const auto mark = out_.begin_message(field::kSpanEvents, 0);
  if (e.time_unix_nanos[index] != 0) out_.fixed64(field::kEventTime, e.time_unix_nanos[index]);
  text(field::kEventName, e.name[index]);
  attributes(field::kEventAttributes, e.attributes[index]);
  count(field::kEventDroppedAttributes, e.dropped_attributes[index]);
  out_.end_message(mark);
}

void ProtobufEncoder::link(uint32_t index) {
  const LinkColumns& l = batch_.links;
  const auto mark = out_.begin_message(field::kSpanLinks, 0);
  out_.bytes(field::kLinkTraceId, l.trace_id[index].view());
  out_.bytes(field::kLinkSpanId, l.span_id[index].view());
  text(field::kLinkTraceState, l.trace_state[index]);
  attributes(field::kLinkAttributes, l.attributes[index]);
  count(field::kLinkDroppedAttributes, l.dropped_attributes[index]);
  if (l.flags[index] != 0) out_.fixed32(field::kLinkFlags, l.flags[index]);
  out_.end_message(mark);
}

void ProtobufEncoder::attributes(uint32_t field, const AttributeList& list) {
  const auto values = batch_.values_of(list);
  keys_.resize(values.size());
  batch_.shapes.keys_of(list.shape, keys_);
  for (size_t i = 0; i < values.size(); ++i) {
    key_value(field, batch_.keys.text(keys_[i]), batch_.values.view(values[i]), 0);
  }
}

void ProtobufEncoder::key_value(uint32_t field, std::string_view key, const ValueView& value, int depth) {
  const auto mark = out_.begin_message(field, key.size() + value.bytes.size());
  if (!key.empty()) out_.bytes(field::kKeyValueKey, key);
  any_value(field::kKeyValueValue, value, depth);
  out_.end_message(mark);
}

void ProtobufEncoder::any_value(uint32_t field, const ValueView& value, int depth) {
  const auto mark = out_.begin_message(field, value.bytes.size());
  switch (value.type) {
    case ValueType::kEmpty:
      break;
    case ValueType::kString:
      out_.bytes(field::kAnyString, value.bytes);
      break;
    case ValueType::kBool:
      out_.varint(field::kAnyBool, value.as_bool() ? 1 : 0);
      break;
    case ValueType::kInt:
      out_.sint64(field::kAnyInt, value.number);
      break;
    case ValueType::kDouble:
      out_.fixed64(field::kAnyDouble, static_cast<uint64_t>(value.number));  // the bits, so that NaNs stay as they are
      break;
    case ValueType::kBytes:
      out_.bytes(field::kAnyBytes, value.bytes);
      break;
    case ValueType::kArray:
      list(field::kAnyArray, value, depth);
      break;
    case ValueType::kMap:
      list(field::kAnyMap, value, depth);
      break;
  }
  out_.end_message(mark);
}

/// Levels beyond the limit cannot have been decoded; were the bytes damaged, they end here.
void ProtobufEncoder::list(uint32_t field, const ValueView& value, int depth) {
  const auto mark = out_.begin_message(field, value.bytes.size());
  NestedReader reader(value.bytes, value.type);
  while (depth < kValueDepthMax && reader.next()) {
    if (value.type == ValueType::kMap) {
      key_value(field::kListValues, reader.key(), reader.value(), depth + 1);
    } else {
      any_value(field::kListValues, reader.value(), depth + 1);
    }
  }
  out_.end_message(mark);
}

}  // namespace

std::string encode_traces_protobuf(const Batch& batch, std::span<const uint32_t> rows) {
  return ProtobufEncoder(batch).encode(rows);
}

}  // namespace sextant::data
