#include "data/otlp/batch_builder.h"

#include <algorithm>

namespace sextant::data {
namespace {

/// Applies `f` to every column of SpanColumns.
template <typename F>
void each_column(SpanColumns& s, F f) {
  f(s.trace_id);
  f(s.span_id);
  f(s.parent_span_id);
  f(s.start_unix_nanos);
  f(s.end_unix_nanos);
  f(s.name);
  f(s.trace_state);
  f(s.status_message);
  f(s.kind);
  f(s.status);
  f(s.flags);
  f(s.resource);
  f(s.scope);
  f(s.attributes);
  f(s.dropped_attributes);
  f(s.dropped_events);
  f(s.dropped_links);
  f(s.events_end);
  f(s.links_end);
}

template <typename F>
void each_column(EventColumns& e, F f) {
  f(e.time_unix_nanos);
  f(e.name);
  f(e.attributes);
  f(e.dropped_attributes);
}

template <typename F>
void each_column(LinkColumns& l, F f) {
  f(l.trace_id);
  f(l.span_id);
  f(l.trace_state);
  f(l.flags);
  f(l.attributes);
  f(l.dropped_attributes);
}

template <typename Columns>
void truncate(Columns& columns, size_t rows) {
  each_column(columns, [rows](auto& column) { column.resize(rows); });
}

}  // namespace

BatchBuilder::Mark BatchBuilder::mark() const {
  return {batch_.span_count(), static_cast<uint32_t>(batch_.events.name.size()),
          static_cast<uint32_t>(batch_.links.trace_id.size()), static_cast<uint32_t>(batch_.attribute_values.size()),
          static_cast<uint32_t>(batch_.scopes.size())};
}

void BatchBuilder::roll_back(const Mark& mark) {
  truncate(batch_.spans, mark.spans);
  truncate(batch_.events, mark.events);
  truncate(batch_.links, mark.links);
  batch_.attribute_values.resize(mark.values);
  batch_.scopes.resize(mark.scopes);
}

void BatchBuilder::begin_resource() {
  resource_begin_ = mark();
  resource_attributes_.clear();
  batch_.resources.emplace_back();
}

void BatchBuilder::end_resource(ValueCode schema_url) {
  refuse_owner(resource_begin_);
  if (batch_.span_count() == resource_begin_.spans) {
    batch_.resources.pop_back();
    return;
  }
  const uint32_t dropped = resource_attributes_.dropped;
  batch_.resources.back() = {close(resource_attributes_), dropped, schema_url};
}

void BatchBuilder::begin_scope(uint64_t spans_expected) {
  batch_.scopes.emplace_back();
  scope_begin_ = mark();
  scope_attributes_.clear();
  // At least doubled, so that many small scopes do not copy the columns once each.
  const size_t needed = batch_.span_count() + spans_expected;
  const size_t capacity = batch_.spans.trace_id.capacity();
  if (needed <= capacity) return;
  const size_t wanted = std::max(needed, 2 * capacity);
  each_column(batch_.spans, [wanted](auto& column) { column.reserve(wanted); });
}

void BatchBuilder::end_scope(ValueCode name, ValueCode version, ValueCode schema_url) {
  refuse_owner(scope_begin_);
  if (batch_.span_count() == scope_begin_.spans) {
    batch_.scopes.pop_back();
    return;
  }
  const uint32_t dropped = scope_attributes_.dropped;
  batch_.scopes.back() = {name, version, close(scope_attributes_), dropped, schema_url};
}

void BatchBuilder::refuse_owner(const Mark& begin) {
  if (cause_ == Refusal::kNone) return;
  refusals_.add(cause_, batch_.span_count() - begin.spans);
  roll_back(begin);
  cause_ = Refusal::kNone;
}

void BatchBuilder::begin_span() {
  span_begin_ = mark();
  span_ = {};
  span_attributes_.clear();
}

bool BatchBuilder::end_span() {
  if (span_.trace_id.is_zero()) refuse(Refusal::kTraceId);
  if (span_.span_id.is_zero()) refuse(Refusal::kSpanId);
  if (batch_.span_count() >= kBatchSpansMax) refuse(Refusal::kSpans);
  if (cause_ == Refusal::kNone) [[likely]] {
    commit_span();
  } else {
    refusals_.add(cause_, 1);
    roll_back(span_begin_);
    cause_ = Refusal::kNone;
  }
  ++items_;
  return memory_left();
}

void BatchBuilder::commit_span() {
  SpanColumns& s = batch_.spans;
  s.trace_id.push_back(span_.trace_id);
  s.span_id.push_back(span_.span_id);
  s.parent_span_id.push_back(span_.parent_span_id);
  s.start_unix_nanos.push_back(span_.start_unix_nanos);
  s.end_unix_nanos.push_back(span_.end_unix_nanos);
  s.name.push_back(span_.name);
  s.trace_state.push_back(span_.trace_state);
  s.status_message.push_back(span_.status_message);
  s.kind.push_back(static_cast<int32_t>(span_.kind));
  s.status.push_back(static_cast<int32_t>(span_.status));
  s.flags.push_back(span_.flags);
  s.resource.push_back(static_cast<uint32_t>(batch_.resources.size() - 1));
  s.scope.push_back(static_cast<uint32_t>(batch_.scopes.size() - 1));
  s.dropped_attributes.push_back(span_attributes_.dropped);
  s.attributes.push_back(close(span_attributes_));
  s.dropped_events.push_back(span_.dropped_events);
  s.dropped_links.push_back(span_.dropped_links);
  s.events_end.push_back(static_cast<uint32_t>(batch_.events.name.size()));
  s.links_end.push_back(static_cast<uint32_t>(batch_.links.trace_id.size()));
}

AttributeList BatchBuilder::close(AttributeDraft& draft) {
  const AttributeList list{draft.shape, static_cast<uint32_t>(batch_.attribute_values.size())};
  batch_.attribute_values.insert(batch_.attribute_values.end(), draft.values.begin(), draft.values.end());
  return list;
}

void BatchBuilder::add_event(const EventDraft& event, AttributeDraft& attributes) {
  EventColumns& e = batch_.events;
  e.time_unix_nanos.push_back(event.time_unix_nanos);
  e.name.push_back(event.name);
  e.dropped_attributes.push_back(attributes.dropped);
  e.attributes.push_back(close(attributes));
  ++items_;
}

void BatchBuilder::add_link(const LinkDraft& link, AttributeDraft& attributes) {
  LinkColumns& l = batch_.links;
  l.trace_id.push_back(link.trace_id);
  l.span_id.push_back(link.span_id);
  l.trace_state.push_back(link.trace_state);
  l.flags.push_back(link.flags);
  l.dropped_attributes.push_back(attributes.dropped);
  l.attributes.push_back(close(attributes));
  ++items_;
}

ValueCode BatchBuilder::text(std::string_view text) {
  if (text.size() > kValueBytesMax) [[unlikely]] {
    refuse(Refusal::kTooLarge);
    return 0;
  }
  return batch_.values.intern_string(text);
}

ValueCode BatchBuilder::value(const ValueView& value) {
  if (value.bytes.size() > kValueBytesMax) [[unlikely]] {
    refuse(Refusal::kTooLarge);
    return 0;
  }
  return batch_.values.intern(value);
}

bool BatchBuilder::begin_list(ValueType container, int depth) {
  if (depth >= kValueDepthMax) {
    refuse(Refusal::kTooDeep);
    return false;
  }
  if (nested_.lists() >= kNestedListsMax) {
    refuse(Refusal::kNestedLists);
    return false;
  }
  nested_.begin(container);
  return true;
}

bool BatchBuilder::check_memory() {
  items_ = 0;
  return hold_ == nullptr || hold_->resize(batch_.byte_size() + nested_.byte_size());
}

}  // namespace sextant::data
