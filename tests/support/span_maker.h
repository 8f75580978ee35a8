// Spans written down in a test as one expression each, and turned into batches.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "data/model/batch.h"

namespace sextant::testing {

using PlainValue = std::variant<std::string, int64_t, double, bool>;
using PlainAttributes = std::vector<std::pair<std::string, PlainValue>>;

/// One span in words. Value.
struct PlainSpan {
  uint64_t trace = 1;
  uint64_t span = 1;
  uint64_t parent = 0;
  std::string name = "step";
  std::string service = "svc";
  uint64_t start = 0;
  uint64_t end = 0;
  int32_t status = data::kUnset;
  std::string status_message = {};
  int32_t kind = data::kInternal;
  PlainAttributes attributes = {};
  PlainAttributes resource = {};  // besides service.name
  PlainAttributes event = {};     // of one event; empty: no event
};

inline data::TraceId trace_id(uint64_t number) {
  data::TraceId id;
  for (int i = 0; i < 8; ++i) id.bytes[15 - i] = static_cast<uint8_t>(number >> (8 * i));
  return id;
}

inline data::SpanId span_id(uint64_t number) {
  data::SpanId id;
  for (int i = 0; i < 8; ++i) id.bytes[7 - i] = static_cast<uint8_t>(number >> (8 * i));
  return id;
}

inline data::ValueView view_of(const PlainValue& value) {
  switch (value.index()) {
    case 0:
      return data::ValueView::string(std::get<0>(value));
    case 1:
      return data::ValueView::integer(std::get<1>(value));
    case 2:
      return data::ValueView::real(std::get<2>(value));
    default:
      return data::ValueView::boolean(std::get<3>(value));
  }
}

inline data::AttributeList add_list(data::Batch& batch, const PlainAttributes& attributes) {
  data::AttributeList list{data::ShapeTable::kEmpty, static_cast<uint32_t>(batch.attribute_values.size())};
  for (const auto& [key, value] : attributes) {
    list.shape = batch.shapes.extend(list.shape, key, batch.keys);
    batch.attribute_values.push_back(batch.values.intern(view_of(value)));
  }
  return list;
}

inline void add_span(data::Batch& batch, const PlainSpan& span) {
  PlainAttributes of_resource = span.resource;
  of_resource.emplace_back("service.name", span.service);
  data::SpanColumns& to = batch.spans;
  to.resource.push_back(static_cast<uint32_t>(batch.resources.size()));
  batch.resources.push_back({add_list(batch, of_resource), 0, 0});
  to.scope.push_back(static_cast<uint32_t>(batch.scopes.size()));
  batch.scopes.push_back({batch.values.intern_string("tests"), 0, {}, 0, 0});
  to.trace_id.push_back(trace_id(span.trace));
  to.span_id.push_back(span_id(span.span));
  to.parent_span_id.push_back(span_id(span.parent));
  to.start_unix_nanos.push_back(span.start);
  to.end_unix_nanos.push_back(span.end);
  to.name.push_back(batch.values.intern_string(span.name));
  to.trace_state.push_back(0);
  to.status_message.push_back(batch.values.intern_string(span.status_message));
  to.kind.push_back(span.kind);
  to.status.push_back(span.status);
  to.flags.push_back(0);
  to.attributes.push_back(add_list(batch, span.attributes));
  to.dropped_attributes.push_back(0);
  to.dropped_events.push_back(0);
  to.dropped_links.push_back(0);
  if (!span.event.empty()) {
    batch.events.time_unix_nanos.push_back(span.start);
    batch.events.name.push_back(batch.values.intern_string("event"));
    batch.events.attributes.push_back(add_list(batch, span.event));
    batch.events.dropped_attributes.push_back(0);
  }
  to.events_end.push_back(static_cast<uint32_t>(batch.events.name.size()));
  to.links_end.push_back(0);
}

inline data::Batch batch_of(const std::vector<PlainSpan>& spans) {
  data::Batch batch;
  for (const PlainSpan& span : spans) add_span(batch, span);
  return batch;
}

}  // namespace sextant::testing
