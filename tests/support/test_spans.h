// Builds batches of spans by hand, one call a span, for tests.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/model/batch.h"

namespace sextant::data {

using TestAttributes = std::vector<std::pair<std::string, ValueView>>;

struct TestEvent {
  std::string name = {};
  uint64_t time = 0;
  TestAttributes attributes = {};
};

/// Ids are small numbers: span 7 is the one whose last byte is 7. Parent 0: a root.
struct TestSpan {
  uint8_t trace = 1;
  uint16_t id = 1;
  uint16_t parent = 0;
  std::string name = "span";
  uint64_t start = 100;
  uint64_t end = 200;
  TestAttributes attributes = {};
  std::vector<TestEvent> events = {};
  std::string scope = {};
  TestAttributes resource = {{"service.name", ValueView::string("service")}};
  int32_t kind = kInternal;
  int32_t status = kUnset;
  std::string status_message = {};
};

inline AttributeList add_test_list(Batch& batch, const TestAttributes& attributes) {
  AttributeList list{ShapeTable::kEmpty, static_cast<uint32_t>(batch.attribute_values.size())};
  for (const auto& [key, value] : attributes) {
    list.shape = batch.shapes.extend(list.shape, key, batch.keys);
    batch.attribute_values.push_back(batch.values.intern(value));
  }
  return list;
}

inline SpanId test_span_id(uint16_t number) {
  return {{0, 0, 0, 0, 0, 0, static_cast<uint8_t>(number >> 8), static_cast<uint8_t>(number)}};
}

/// The row of the added span.
inline uint32_t add_test_span(Batch& batch, const TestSpan& span) {
  batch.resources.push_back({add_test_list(batch, span.resource), 0, 0});
  batch.scopes.push_back({batch.values.intern_string(span.scope), 0, {}, 0, 0});
  for (const TestEvent& event : span.events) {
    batch.events.time_unix_nanos.push_back(event.time);
    batch.events.name.push_back(batch.values.intern_string(event.name));
    batch.events.attributes.push_back(add_test_list(batch, event.attributes));
    batch.events.dropped_attributes.push_back(0);
  }
  SpanColumns& s = batch.spans;
  s.trace_id.push_back({{span.trace}});
  s.span_id.push_back(test_span_id(span.id));
  s.parent_span_id.push_back(test_span_id(span.parent));
  s.start_unix_nanos.push_back(span.start);
  s.end_unix_nanos.push_back(span.end);
  s.name.push_back(batch.values.intern_string(span.name));
  s.trace_state.push_back(0);
  s.status_message.push_back(batch.values.intern_string(span.status_message));
  s.kind.push_back(span.kind);
  s.status.push_back(span.status);
  s.flags.push_back(0);
  s.resource.push_back(static_cast<uint32_t>(batch.resources.size() - 1));
  s.scope.push_back(static_cast<uint32_t>(batch.scopes.size() - 1));
  s.attributes.push_back(add_test_list(batch, span.attributes));
  s.dropped_attributes.push_back(0);
  s.dropped_events.push_back(0);
  s.dropped_links.push_back(0);
  s.events_end.push_back(static_cast<uint32_t>(batch.events.name.size()));
  s.links_end.push_back(0);
  return batch.span_count() - 1;
}

}  // namespace sextant::data
