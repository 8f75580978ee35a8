#include "otlp/items.h"

namespace sextant::otlp {

// Export…ServiceRequest { repeated Resource… = 1 }, Resource… { Resource = 1; repeated Scope… = 2 }, Scope… {
// InstrumentationScope = 1; repeated item = 2 }.
bool for_each_item(std::string_view request, const std::function<void(const Place&, std::string_view item)>& visit) {
  bool whole = true;
  const auto first = [](std::string_view message) {
    std::string_view found;
    for_each_field(message, 1, [&](std::string_view bytes) { found = bytes; });
    return found;
  };
  const bool read = for_each_field(request, 1, [&](std::string_view resource_list) {
    Place place;
    place.resource = first(resource_list);
    whole = for_each_field(
                resource_list, 2,
                [&](std::string_view scope_list) {
                  place.scope = first(scope_list);
                  whole = for_each_field(scope_list, 2, [&](std::string_view item) { visit(place, item); }) && whole;
                }) &&
            whole;
  });
  return read && whole;
}

// KeyValue { string key = 1; AnyValue value = 2 }
KeyValueView read_key_value(std::string_view bytes) noexcept {
  KeyValueView pair;
  Reader fields(bytes);
  while (fields.next()) {
    if (fields.field() == 1) pair.key = fields.bytes();
    if (fields.field() == 2) pair.value = fields.bytes();
  }
  return pair;
}

std::string_view find_attribute(std::string_view message, std::uint32_t field, std::string_view key) noexcept {
  Reader fields(message);
  while (fields.next()) {
    if (fields.field() != field) continue;
    const KeyValueView pair = read_key_value(fields.bytes());
    if (pair.key == key) return pair.value;
  }
  return {};
}

namespace {

// Status { string message = 2; StatusCode code = 3 }
void read_status(std::string_view bytes, SpanView& out) noexcept {
  Reader fields(bytes);
  while (fields.next()) {
    if (fields.field() == 2) out.status_message = fields.bytes();
    if (fields.field() == 3) out.status = static_cast<int>(fields.number());
  }
}

}  // namespace

// Span: trace_id = 1, span_id = 2, trace_state = 3, parent_span_id = 4, name = 5, kind = 6, start_time_unix_nano = 7,
// end_time_unix_nano = 8, status = 15.
bool read_span(std::string_view bytes, SpanView& out) noexcept {
  out = {};
  out.bytes = bytes;
  std::string_view* const texts[] = {&out.trace_id, &out.span_id, &out.trace_state, &out.parent_span_id, &out.name};
  Reader fields(bytes);
  while (fields.next()) {
    const std::uint32_t field = fields.field();
    if (field >= 1 && field <= 5) *texts[field - 1] = fields.bytes();
    if (field == 6) out.kind = static_cast<int>(fields.number());
    if (field == 7) out.start_ns = fields.number();
    if (field == 8) out.end_ns = fields.number();
    if (field == 15) read_status(fields.bytes(), out);
  }
  return !fields.failed();
}

// Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3 }
EventView read_event(std::string_view bytes) noexcept {
  EventView event;
  event.bytes = bytes;
  Reader fields(bytes);
  while (fields.next()) {
    if (fields.field() == 1) event.time_ns = fields.number();
    if (fields.field() == 2) event.name = fields.bytes();
  }
  return event;
}

// Link { bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; repeated KeyValue attributes = 4 }
LinkView read_link(std::string_view bytes) noexcept {
  LinkView link;
  link.bytes = bytes;
  Reader fields(bytes);
  while (fields.next()) {
    if (fields.field() == 1) link.trace_id = fields.bytes();
    if (fields.field() == 2) link.span_id = fields.bytes();
    if (fields.field() == 3) link.trace_state = fields.bytes();
  }
  return link;
}

// InstrumentationScope { string name = 1; string version = 2 }
ScopeView read_scope(std::string_view bytes) noexcept {
  ScopeView scope;
  Reader fields(bytes);
  while (fields.next()) {
    if (fields.field() == 1) scope.name = fields.bytes();
    if (fields.field() == 2) scope.version = fields.bytes();
  }
  return scope;
}

}  // namespace sextant::otlp
