// A batch's rows as OTLP/JSON: protobuf's JSON mapping with ids in hexadecimal and enums as numbers (OTLP
// specification, "JSON Protobuf Encoding"). Fields with their default value are left out.
#include "data/otlp/limits.h"
#include "data/otlp/row_groups.h"
#include "data/otlp/traces.h"

namespace sextant::data {
namespace {

/// Thread-confined, used once. Lifetime: not longer than the batch and the writer.
class JsonEncoder {
 public:
  JsonEncoder(const Batch& batch, JsonWriter& json) : batch_(batch), json_(json) {}

  void encode(std::span<const uint32_t> rows);

 private:
  void resource_spans(std::span<const uint32_t> rows);
  void scope_spans(std::span<const uint32_t> rows);
  void span(uint32_t row);
  void status(uint32_t row);
  void event(uint32_t index);
  void link(uint32_t index);
  void attributes(const AttributeList& list, uint32_t dropped);
  void key_value(std::string_view key, const ValueView& value, int depth);
  void any_value(const ValueView& value, int depth);
  void list(std::string_view name, const ValueView& value, int depth);
  void text(std::string_view name, ValueCode code) {
    const std::string_view text = batch_.values.text(code);
    if (!text.empty()) json_.key(name).string(text);
  }
  void count(std::string_view name, uint32_t value) {
    if (value != 0) json_.key(name).unsigned_integer(value);
  }
  void number(std::string_view name, int32_t value) {
    if (value != 0) json_.key(name).integer(value);
  }
  void time(std::string_view name, uint64_t nanos) {
    if (nanos != 0) json_.key(name).unsigned_string(nanos);
  }
  const Batch& batch_;
  JsonWriter& json_;
  std::vector<KeyCode> keys_;  // scratch
};

void JsonEncoder::encode(std::span<const uint32_t> rows) {
  const auto grouped = grouped_rows(batch_, rows);
  json_.begin_object().key("resourceSpans").begin_array();
  for (std::span<const uint32_t> left = grouped; !left.empty();) {
    const size_t length = run_length(batch_.spans.resource, left);
    resource_spans(left.first(length));
    left = left.subspan(length);
  }
  json_.end_array().end_object();
}

void JsonEncoder::resource_spans(std::span<const uint32_t> rows) {
  const Resource& resource = batch_.resources[batch_.spans.resource[rows[0]]];
  json_.begin_object().key("resource").begin_object();
  attributes(resource.attributes, resource.dropped_attributes);
  json_.end_object().key("scopeSpans").begin_array();
  for (auto left = rows; !left.empty();) {
    const size_t length = run_length(batch_.spans.scope, left);
    scope_spans(left.first(length));
    left = left.subspan(length);
  }
  json_.end_array();
  text("schemaUrl", resource.schema_url);
  json_.end_object();
}

void JsonEncoder::scope_spans(std::span<const uint32_t> rows) {
  const Scope& scope = batch_.scopes[batch_.spans.scope[rows[0]]];
  json_.begin_object().key("scope").begin_object();
  text("name", scope.name);
  text("version", scope.version);
  attributes(scope.attributes, scope.dropped_attributes);
  json_.end_object().key("spans").begin_array();
  for (const uint32_t row : rows) span(row);
  json_.end_array();
  text("schemaUrl", scope.schema_url);
  json_.end_object();
}

void JsonEncoder::span(uint32_t row) {
  const SpanColumns& s = batch_.spans;
  json_.begin_object().key("traceId").hex(s.trace_id[row].view()).key("spanId").hex(s.span_id[row].view());
  text("traceState", s.trace_state[row]);
  if (!s.parent_span_id[row].is_zero()) json_.key("parentSpanId").hex(s.parent_span_id[row].view());
  count("flags", s.flags[row]);
  text("name", s.name[row]);
  number("kind", s.kind[row]);
  time("startTimeUnixNano", s.start_unix_nanos[row]);
  time("endTimeUnixNano", s.end_unix_nanos[row]);
  attributes(s.attributes[row], s.dropped_attributes[row]);
  const RowRange events = batch_.events_of(row);
  if (events.size() != 0) {
    json_.key("events").begin_array();
    for (uint32_t i = events.begin; i < events.end; ++i) event(i);
    json_.end_array();
  }
  count("droppedEventsCount", s.dropped_events[row]);
  const RowRange links = batch_.links_of(row);
  if (links.size() != 0) {
    json_.key("links").begin_array();
    for (uint32_t i = links.begin; i < links.end; ++i) link(i);
    json_.end_array();
  }
  count("droppedLinksCount", s.dropped_links[row]);
  status(row);
  json_.end_object();
}

void JsonEncoder::status(uint32_t row) {
  const SpanColumns& s = batch_.spans;
  if (s.status[row] == 0 && batch_.values.text(s.status_message[row]).empty()) return;
  json_.key("status").begin_object();
  text("message", s.status_message[row]);
  number("code", s.status[row]);
  json_.end_object();
}

void JsonEncoder::event(uint32_t index) {
  const EventColumns& e = batch_.events;
  json_.begin_object();
  time("timeUnixNano", e.time_unix_nanos[index]);
  text("name", e.name[index]);
  attributes(e.attributes[index], e.dropped_attributes[index]);
  json_.end_object();
}

void JsonEncoder::link(uint32_t index) {
  const LinkColumns& l = batch_.links;
  json_.begin_object().key("traceId").hex(l.trace_id[index].view()).key("spanId").hex(l.span_id[index].view());
  text("traceState", l.trace_state[index]);
  attributes(l.attributes[index], l.dropped_attributes[index]);
  count("flags", l.flags[index]);
  json_.end_object();
}

/// The members that every owner of attributes has.
void JsonEncoder::attributes(const AttributeList& list, uint32_t dropped) {
  const auto values = batch_.values_of(list);
  if (!values.empty()) {
    keys_.resize(values.size());
    batch_.shapes.keys_of(list.shape, keys_);
    json_.key("attributes").begin_array();
    for (size_t i = 0; i < values.size(); ++i) {
      key_value(batch_.keys.text(keys_[i]), batch_.values.view(values[i]), 0);
    }
    json_.end_array();
  }
  count("droppedAttributesCount", dropped);
}

void JsonEncoder::key_value(std::string_view key, const ValueView& value, int depth) {
  json_.begin_object().key("key").string(key).key("value");
  any_value(value, depth);
  json_.end_object();
}

void JsonEncoder::any_value(const ValueView& value, int depth) {
  json_.begin_object();
  switch (value.type) {
    case ValueType::kEmpty:
      break;
    case ValueType::kString:
      json_.key("stringValue").string(value.bytes);
      break;
    case ValueType::kBool:
      json_.key("boolValue").boolean(value.as_bool());
      break;
    case ValueType::kInt:
      json_.key("intValue").integer_string(value.number);
      break;
    case ValueType::kDouble:
      json_.key("doubleValue").real(value.as_double());
      break;
    case ValueType::kBytes:
      json_.key("bytesValue").base64(value.bytes);
      break;
    case ValueType::kArray:
      list("arrayValue", value, depth);
      break;
    case ValueType::kMap:
      list("kvlistValue", value, depth);
      break;
  }
  json_.end_object();
}

/// Levels beyond the limit cannot have been decoded; were the bytes damaged, they end here.
void JsonEncoder::list(std::string_view name, const ValueView& value, int depth) {
  json_.key(name).begin_object().key("values").begin_array();
  NestedReader reader(value.bytes, value.type);
  while (depth < kValueDepthMax && reader.next()) {
    if (value.type == ValueType::kMap) {
      key_value(reader.key(), reader.value(), depth + 1);
    } else {
      any_value(reader.value(), depth + 1);
    }
  }
  json_.end_array().end_object();
}

}  // namespace

void encode_traces_json(const Batch& batch, std::span<const uint32_t> rows, JsonWriter& json) {
  JsonEncoder(batch, json).encode(rows);
}

}  // namespace sextant::data
