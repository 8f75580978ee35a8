#include "persist/stripe/stripe_writer.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/core/check.h"
#include "base/core/hash.h"
#include "persist/column/int_column.h"
#include "persist/format/bytes.h"
#include "persist/stripe/limits.h"
#include "persist/stripe/rare_values.h"

namespace sextant::persist {
namespace {

using data::AttributeList;
using data::Batch;

/// About what a row and a value take before they are encoded.
constexpr uint64_t kRowBytes = 200;
constexpr uint64_t kValueBytes = 8;
/// Rows of a trace among which a parent is looked for one by one; beyond, by a table.
constexpr size_t kSearchedRowsMax = 24;

uint64_t zigzag_of(int32_t value) {
  return zigzag(value);
}

/// Appends what the rows have in a column of their batch.
template <typename To, typename From, typename Convert>
void append(std::vector<To>& to, const std::vector<From>& from, std::span<const uint32_t> rows, Convert convert) {
  const size_t begin = to.size();
  to.resize(begin + rows.size());
  for (size_t i = 0; i < rows.size(); ++i) to[begin + i] = convert(from[rows[i]]);
}

template <typename Id>
std::string_view raw_bytes(const std::vector<Id>& ids) {
  return {reinterpret_cast<const char*>(ids.data()), ids.size() * sizeof(Id)};
}

}  // namespace

StripeWriter::StripeWriter(SegmentTables& tables, Effort effort) : tables_(tables), effort_(effort) {}

/// Column by column: what one needs is at hand then, and most do nothing but copy.
Result<void> StripeWriter::add_rows(RowSource& source, std::span<const uint32_t> rows) {
  const data::SpanColumns& s = source.batch().spans;
  add_traces(s, rows);
  add_numbers(source, rows);
  TRY(add_names(source, rows));
  TRY(add_values(source, SpanFieldColumn::kTraceStates, s.trace_state, rows));
  TRY(add_values(source, SpanFieldColumn::kStatusMessages, s.status_message, rows));
  for (const uint32_t row : rows) TRY(add_list(source, ColumnFamily::kSpanAttribute, s.attributes[row], shapes_));
  return add_items(source, rows);
}

void StripeWriter::add_traces(const data::SpanColumns& spans, std::span<const uint32_t> rows) {
  for (const uint32_t row : rows) {
    if (trace_ids_.empty() || trace_ids_.back() != spans.trace_id[row]) {
      trace_ids_.push_back(spans.trace_id[row]);
      trace_rows_.push_back(0);
    }
    ++trace_rows_.back();
  }
}

void StripeWriter::add_numbers(RowSource& source, std::span<const uint32_t> rows) {
  const data::SpanColumns& s = source.batch().spans;
  const auto same = [](auto value) { return value; };
  append(span_ids_, s.span_id, rows, same);
  append(parents_, s.parent_span_id, rows, same);
  append(starts_, s.start_unix_nanos, rows, same);
  append(ends_, s.end_unix_nanos, rows, same);
  append(kinds_, s.kind, rows, zigzag_of);
  append(statuses_, s.status, rows, zigzag_of);
  append(flags_, s.flags, rows, same);
  append(resources_, s.resource, rows, [&](uint32_t index) { return source.resource(index); });
  append(scopes_, s.scope, rows, [&](uint32_t index) { return source.scope(index); });
  append(dropped_attributes_, s.dropped_attributes, rows, same);
  append(dropped_events_, s.dropped_events, rows, same);
  append(dropped_links_, s.dropped_links, rows, same);
}

Result<void> StripeWriter::add_names(RowSource& source, std::span<const uint32_t> rows) {
  const std::vector<data::ValueCode>& names = source.batch().spans.name;
  for (const uint32_t row : rows) {
    const SegmentCode name = TRY(add_value(source, SpanFieldColumn::kNames, names[row]));
    if ((name & kTextCode) != 0) source.note_name(name, names[row]);
    names_.push_back(name);
  }
  return {};
}

Result<void> StripeWriter::add_values(RowSource& source, ColumnId id, const std::vector<data::ValueCode>& codes,
                                      std::span<const uint32_t> rows) {
  for (const uint32_t row : rows) TRY(add_value(source, id, codes[row]));
  return {};
}

Result<void> StripeWriter::add_items(RowSource& source, std::span<const uint32_t> rows) {
  const Batch& batch = source.batch();
  for (const uint32_t row : rows) {
    event_counts_.push_back(batch.events_of(row).size());
    link_counts_.push_back(batch.links_of(row).size());
    if (event_counts_.back() > 0) TRY(add_events(source, row));
    if (link_counts_.back() > 0) TRY(add_links(source, row));
  }
  return {};
}

Result<void> StripeWriter::add_events(RowSource& source, uint32_t row) {
  const Batch& batch = source.batch();
  const data::EventColumns& e = batch.events;
  const data::RowRange range = batch.events_of(row);
  for (uint32_t i = range.begin; i < range.end; ++i) {
    event_times_.push_back(zigzag(static_cast<int64_t>(e.time_unix_nanos[i] - batch.spans.start_unix_nanos[row])));
    event_dropped_.push_back(e.dropped_attributes[i]);
    TRY(add_value(source, EventFieldColumn::kNames, e.name[i]));
    TRY(add_list(source, ColumnFamily::kEventAttribute, e.attributes[i], event_shapes_));
  }
  return {};
}

Result<void> StripeWriter::add_links(RowSource& source, uint32_t row) {
  const Batch& batch = source.batch();
  const data::LinkColumns& l = batch.links;
  const data::RowRange range = batch.links_of(row);
  for (uint32_t i = range.begin; i < range.end; ++i) {
    link_traces_.push_back(l.trace_id[i]);
    link_spans_.push_back(l.span_id[i]);
    link_flags_.push_back(l.flags[i]);
    link_dropped_.push_back(l.dropped_attributes[i]);
    TRY(add_value(source, LinkFieldColumn::kTraceStates, l.trace_state[i]));
    TRY(add_list(source, ColumnFamily::kLinkAttribute, l.attributes[i], link_shapes_));
  }
  return {};
}

Result<void> StripeWriter::add_list(RowSource& source, ColumnFamily family, const AttributeList& list,
                                    std::vector<uint64_t>& shapes) {
  const data::ShapeId shape = source.shape(list.shape);
  shapes.push_back(shape);
  const std::vector<uint32_t>& columns = tables_.columns_of(family, shape);
  const data::ValueCode* codes = source.batch().attribute_values.data() + list.values_begin;
  ColumnDictionaries& dictionaries = tables_.dictionaries();
  for (size_t i = 0; i < columns.size(); ++i) {
    SegmentCode code = source.known_value(codes[i]);
    if (code == SegmentValues::kUnknown) code = TRY(source.find_value(codes[i]));
    if (dictionaries.add(columns[i], code)) touched_.push_back(columns[i]);
  }
  values_ += columns.size();
  return {};
}

Result<SegmentCode> StripeWriter::add_value(RowSource& source, ColumnId id, data::ValueCode code) {
  const uint32_t column = tables_.column_of_field(id);
  SegmentCode value = source.known_value(code);
  if (value == SegmentValues::kUnknown) value = TRY(source.find_value(code));
  if (tables_.dictionaries().add(column, value)) touched_.push_back(column);
  return value;
}

uint64_t StripeWriter::byte_size() const {
  return rows() * kRowBytes + values_ * kValueBytes + (event_times_.size() + link_spans_.size()) * kRowBytes;
}

/// A column of zeros only is left out.
void StripeWriter::put_ints(ColumnId id, const std::vector<uint64_t>& values) {
  if (std::ranges::all_of(values, [](uint64_t value) { return value == 0; })) return;
  slices_.push_back({id, static_cast<uint32_t>(values.size()), {}});
  encode_ints(values, slices_.back().bytes);
}

void StripeWriter::put_raw(ColumnId id, uint32_t count, std::string_view bytes) {
  if (count > 0) slices_.push_back({id, count, std::string(bytes)});
}

void StripeWriter::put_traces() {
  put_raw(SpanFieldColumn::kTraceIds, static_cast<uint32_t>(trace_ids_.size()), raw_bytes(trace_ids_));
  put_ints(SpanFieldColumn::kTraceRows, trace_rows_);
  put_raw(SpanFieldColumn::kSpanIds, rows(), raw_bytes(span_ids_));
}

void StripeWriter::put_parents() {
  std::vector<uint64_t> places(rows());
  std::vector<data::SpanId> far;
  std::unordered_map<data::SpanId, uint32_t, data::IdHash> table;
  uint32_t begin = 0;
  for (const uint64_t trace_rows : trace_rows_) {
    const auto count = static_cast<uint32_t>(trace_rows);
    table.clear();
    if (count > kSearchedRowsMax) {
      for (uint32_t i = 0; i < count; ++i) table.try_emplace(span_ids_[begin + i], i);
    }
    for (uint32_t i = 0; i < count; ++i) {
      const data::SpanId& parent = parents_[begin + i];
      if (parent.is_zero()) continue;
      uint32_t place = count;
      if (count > kSearchedRowsMax) {
        const auto known = table.find(parent);
        if (known != table.end()) place = known->second;
      } else {
        place = 0;
        while (place < count && span_ids_[begin + place] != parent) ++place;
      }
      places[begin + i] = place < count ? place + 2 : 1;
      if (place == count) far.push_back(parent);
    }
    begin += count;
  }
  put_ints(SpanFieldColumn::kParents, places);
  put_raw(SpanFieldColumn::kParentIds, static_cast<uint32_t>(far.size()), raw_bytes(far));
}

/// Starts as distances: of a trace's first row from the stripe's least, of each other row from the one before.
void StripeWriter::put_times() {
  std::vector<uint64_t> trace_starts;
  std::vector<uint64_t> gaps(rows());
  std::vector<uint64_t> durations(rows());
  uint32_t row = 0;
  for (const uint64_t trace_rows : trace_rows_) {
    trace_starts.push_back(starts_[row]);
    for (uint64_t i = 0; i < trace_rows; ++i, ++row) {
      if (i > 0) gaps[row] = starts_[row] - starts_[row - 1];
      durations[row] = zigzag(static_cast<int64_t>(ends_[row] - starts_[row]));
    }
  }
  put_ints(SpanFieldColumn::kTraceStarts, trace_starts);
  put_ints(SpanFieldColumn::kStartGaps, gaps);
  put_ints(SpanFieldColumn::kDurations, durations);
}

void StripeWriter::put_events_and_links() {
  put_ints(SpanFieldColumn::kEventCounts, event_counts_);
  put_ints(EventFieldColumn::kTimes, event_times_);
  put_ints(EventFieldColumn::kShapes, event_shapes_);
  put_ints(EventFieldColumn::kDroppedAttributes, event_dropped_);
  put_ints(SpanFieldColumn::kLinkCounts, link_counts_);
  const auto links = static_cast<uint32_t>(link_spans_.size());
  put_raw(LinkFieldColumn::kTraceIds, links, raw_bytes(link_traces_));
  put_raw(LinkFieldColumn::kSpanIds, links, raw_bytes(link_spans_));
  put_ints(LinkFieldColumn::kFlags, link_flags_);
  put_ints(LinkFieldColumn::kShapes, link_shapes_);
  put_ints(LinkFieldColumn::kDroppedAttributes, link_dropped_);
}

bool StripeWriter::is_rare(uint32_t column) const {
  const ColumnDictionaries::Column& c = tables_.dictionaries().column(column);
  const bool attribute = c.id.family == ColumnFamily::kSpanAttribute || c.id.family == ColumnFamily::kEventAttribute ||
                         c.id.family == ColumnFamily::kLinkAttribute;
  return attribute && c.values.empty() && c.pending.size() <= kRareValuesMax;
}

/// Takes rare keys out of touched_, which is sorted, and writes them together.
void StripeWriter::put_rare_values() {
  const auto rare = [this](uint32_t column) { return is_rare(column); };
  if (static_cast<size_t>(std::ranges::count_if(touched_, rare)) < kRareKeysMin) return;
  ColumnDictionaries& dictionaries = tables_.dictionaries();
  RareValuesWriter writer;
  std::vector<StoredValue> values;
  const auto flush = [&](ColumnFamily family) {
    if (writer.empty()) return;
    const ColumnId id(family, kRareColumn);
    // So that the segment knows of them: a dictionary without values, and how many stand here.
    dictionaries.note_direct(dictionaries.column_of(id), writer.value_count());
    slices_.push_back({id, writer.value_count(), {}});
    writer.take(effort_, slices_.back().bytes);
  };
  ColumnFamily family = ColumnFamily::kSpanAttribute;
  for (const uint32_t column : touched_) {
    if (!is_rare(column)) continue;
    const ColumnId id = dictionaries.column(column).id;
    if (id.family != family) flush(std::exchange(family, id.family));
    values.clear();
    dictionaries.take_rare(column, tables_.values(), values);
    writer.add(id.number, values);
  }
  flush(family);
  std::erase_if(touched_, [&](uint32_t column) { return dictionaries.column(column).pending.empty(); });
}

/// Columns of values, in the order of their ids, so that the same rows make the same bytes.
void StripeWriter::put_values() {
  ColumnDictionaries& dictionaries = tables_.dictionaries();
  std::ranges::sort(touched_, {}, [&](uint32_t column) { return dictionaries.column(column).id; });
  put_rare_values();
  for (const uint32_t column : touched_) {
    const auto& pending = dictionaries.column(column).pending;
    slices_.push_back({dictionaries.column(column).id, static_cast<uint32_t>(pending.size()), {}});
    dictionaries.encode_pending(column, tables_.values(), effort_, slices_.back().bytes);
  }
  dictionaries.filters().end_stripe();
}

void StripeWriter::take(std::string& out, uint64_t& directory_bytes) {
  CHECK(rows() > 0);
  put_times();
  put_traces();
  put_parents();
  put_ints(SpanFieldColumn::kKinds, kinds_);
  put_ints(SpanFieldColumn::kStatuses, statuses_);
  put_ints(SpanFieldColumn::kFlags, flags_);
  put_ints(SpanFieldColumn::kResources, resources_);
  put_ints(SpanFieldColumn::kScopes, scopes_);
  put_ints(SpanFieldColumn::kShapes, shapes_);
  put_ints(SpanFieldColumn::kDroppedAttributes, dropped_attributes_);
  put_ints(SpanFieldColumn::kDroppedEvents, dropped_events_);
  put_ints(SpanFieldColumn::kDroppedLinks, dropped_links_);
  put_events_and_links();
  put_values();

  const size_t begin = out.size();
  for (const uint64_t count : {uint64_t{rows()}, uint64_t{trace_ids_.size()}, uint64_t{event_times_.size()},
                               uint64_t{link_spans_.size()}, uint64_t{slices_.size()}}) {
    put_varint(out, count);
  }
  for (const Slice& slice : slices_) {
    put_u8(out, static_cast<uint8_t>(slice.id.family));
    put_varint(out, slice.id.number);
    put_varint(out, slice.count);
    put_varint(out, slice.bytes.size());
    put_u32(out, crc32c(slice.bytes));
  }
  put_u32(out, crc32c(std::string_view(out).substr(begin)));
  directory_bytes = out.size() - begin;
  for (const Slice& slice : slices_) out.append(slice.bytes);
  clear();
}

void StripeWriter::clear() {
  slices_.clear();
  for (auto* column : {&trace_rows_,     &starts_,        &ends_,         &kinds_,       &statuses_,
                       &flags_,          &resources_,     &scopes_,       &shapes_,      &dropped_attributes_,
                       &dropped_events_, &dropped_links_, &event_counts_, &link_counts_, &event_times_,
                       &event_shapes_,   &event_dropped_, &link_flags_,   &link_shapes_, &link_dropped_}) {
    column->clear();
  }
  trace_ids_.clear();
  span_ids_.clear();
  parents_.clear();
  names_.clear();
  link_traces_.clear();
  link_spans_.clear();
  touched_.clear();
  values_ = 0;
}

}  // namespace sextant::persist
