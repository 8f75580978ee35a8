#include "data/otlp/batch_builder.h"

#include <algorithm>

namespace sextant::data {
namespace {

/// What is expected of a request after the one before is reserved with one part in so many to spare; unused capacity
/// beyond another such part is given back.
constexpr uint64_t kSpareShare = 16;
constexpr size_t kSlackShare = 8;

/// Most that is reserved on expectation alone, in entries of a column and in bytes of values.
constexpr uint64_t kExpectedEntriesMax = 65'536;
constexpr uint64_t kExpectedBytesMax = 8ULL << 20;

/// Applies `f` to the columns that get an entry with every span.
template <typename F>
void each_full_column(SpanColumns& s, F f) {
  f(s.trace_id);
  f(s.span_id);
  f(s.parent_span_id);
  f(s.start_unix_nanos);
  f(s.end_unix_nanos);
  f(s.name);
  f(s.kind);
  f(s.status);
  f(s.attributes);
}

/// And to those that are zero in most batches: they are as long as needed for the last entry that is not, until the
/// batch is done.
template <typename F>
void each_sparse_column(SpanColumns& s, F f) {
  f(s.trace_state);
  f(s.status_message);
  f(s.flags);
  f(s.dropped_attributes);
  f(s.dropped_events);
  f(s.dropped_links);
  f(s.events_end);
  f(s.links_end);
}

template <typename F>
void each_column(SpanColumns& s, F f) {
  each_full_column(s, f);
  each_sparse_column(s, f);
  f(s.resource);
  f(s.scope);
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
  each_column(columns, [rows](auto& column) { column.resize(std::min(column.size(), rows)); });
}

template <typename T>
void set_sparse(std::vector<T>& column, uint32_t row, T value) {
  if (value == 0) [[likely]]
    return;
  column.resize(row);
  column.push_back(value);
}

/// Gives back what was reserved and is not used, when that is worth a copy.
template <typename T>
void trim(std::vector<T>& column) {
  if (column.capacity() - column.size() > column.size() / kSlackShare) column.shrink_to_fit();
}

}  // namespace

BatchBuilder::BatchBuilder(const DecodeOptions& options, uint64_t wire_bytes)
    : hold_(options.hold), scratch_(options.scratch), wire_bytes_(wire_bytes) {
  if (scratch_ == nullptr) return;
  batch_.values.attach_index(std::move(scratch_->values));
  batch_.shapes.attach_index(std::move(scratch_->shapes));
  reserve(wire_bytes);
}

/// Room for what is expected: as much for each byte as in the request before.
void BatchBuilder::reserve(uint64_t wire_bytes) {
  const DecodeScratch::Sizes& last = scratch_->last;
  if (last.wire_bytes == 0) return;
  const double ratio = static_cast<double>(wire_bytes) / static_cast<double>(last.wire_bytes);
  const auto expected = [ratio](uint64_t count, uint64_t max) {
    const auto scaled = static_cast<uint64_t>(static_cast<double>(count) * ratio);
    return std::min(scaled + scaled / kSpareShare, max);
  };
  const uint64_t spans = expected(last.spans, kExpectedEntriesMax);
  each_full_column(batch_.spans, [spans](auto& column) { column.reserve(spans); });
  batch_.attribute_values.reserve(expected(last.attribute_values, kExpectedEntriesMax));
  batch_.values.reserve(expected(last.values, kExpectedEntriesMax), expected(last.value_bytes, kExpectedBytesMax));
  // Lists of keys are the same from request to request, however many spans there are.
  batch_.shapes.reserve(std::min(last.shapes, kExpectedEntriesMax));
}

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
  batch_.spans.resource.resize(batch_.span_count(), static_cast<uint32_t>(batch_.resources.size() - 1));
  const uint32_t dropped = resource_attributes_.dropped;
  batch_.resources.back() = {close(resource_attributes_), dropped, schema_url};
}

void BatchBuilder::begin_scope() {
  batch_.scopes.emplace_back();
  scope_begin_ = mark();
  scope_attributes_.clear();
}

void BatchBuilder::end_scope(ValueCode name, ValueCode version, ValueCode schema_url) {
  refuse_owner(scope_begin_);
  if (batch_.span_count() == scope_begin_.spans) {
    batch_.scopes.pop_back();
    return;
  }
  batch_.spans.scope.resize(batch_.span_count(), static_cast<uint32_t>(batch_.scopes.size() - 1));
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
  const uint32_t row = batch_.span_count();
  s.trace_id.push_back(span_.trace_id);
  s.span_id.push_back(span_.span_id);
  s.parent_span_id.push_back(span_.parent_span_id);
  s.start_unix_nanos.push_back(span_.start_unix_nanos);
  s.end_unix_nanos.push_back(span_.end_unix_nanos);
  s.name.push_back(span_.name);
  s.kind.push_back(static_cast<int32_t>(span_.kind));
  s.status.push_back(static_cast<int32_t>(span_.status));
  s.attributes.push_back(close(span_attributes_));
  set_sparse(s.trace_state, row, span_.trace_state);
  set_sparse(s.status_message, row, span_.status_message);
  set_sparse(s.flags, row, span_.flags);
  set_sparse(s.dropped_attributes, row, span_attributes_.dropped);
  set_sparse(s.dropped_events, row, span_.dropped_events);
  set_sparse(s.dropped_links, row, span_.dropped_links);
  set_sparse(s.events_end, row, static_cast<uint32_t>(batch_.events.name.size()));
  set_sparse(s.links_end, row, static_cast<uint32_t>(batch_.links.trace_id.size()));
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

void BatchBuilder::fill_columns() {
  const uint32_t rows = batch_.span_count();
  each_sparse_column(batch_.spans, [rows](auto& column) {
    column.reserve(rows);
    column.resize(rows);
  });
  const auto trim_it = [](auto& column) { trim(column); };
  each_column(batch_.spans, trim_it);
  each_column(batch_.events, trim_it);
  each_column(batch_.links, trim_it);
  trim(batch_.attribute_values);
  trim(batch_.resources);
  trim(batch_.scopes);
}

Batch BatchBuilder::finish() {
  fill_columns();
  CodeTable values = batch_.values.detach_index();
  CodeTable shapes = batch_.shapes.detach_index();
  if (scratch_ != nullptr) {
    scratch_->values = std::move(values);
    scratch_->shapes = std::move(shapes);
    scratch_->last = {.wire_bytes = wire_bytes_,
                      .spans = batch_.span_count(),
                      .attribute_values = batch_.attribute_values.size(),
                      .values = batch_.values.size(),
                      .value_bytes = batch_.values.all_bytes().size(),
                      .shapes = batch_.shapes.size()};
  }
  return std::move(batch_);
}

bool BatchBuilder::check_memory() {
  items_ = 0;
  return hold_ == nullptr || hold_->resize(batch_.byte_size() + nested_.byte_size());
}

}  // namespace sextant::data
