// Puts rows of a stripe together from its columns: of each column what these rows need, where that can be told.
//
// Values of attributes stand one after the other in the column of their key, whatever row they are of. Where a row's
// values stand follows from the shapes of the rows before it: a cursor for each key counts along.
#include <algorithm>

#include "base/core/check.h"
#include "persist/stripe/limits.h"
#include "persist/stripe/stripe_reader.h"

namespace sextant::persist {
namespace {

std::unexpected<Error> damage(std::string_view what) {
  return fail(ErrorCode::kDataLoss, "a stripe does not follow the format ({})", what);
}

template <typename Id>
Id id_at(std::string_view raw, uint32_t index) {
  return *Id::from_bytes(raw.substr(index * sizeof(Id), sizeof(Id)));
}

/// Appends what the rows have in a column of numbers.
template <typename Numbers, typename To, typename Convert>
void append(std::span<const uint32_t> rows, const Numbers& numbers, std::vector<To>& to, Convert convert) {
  const size_t begin = to.size();
  to.resize(begin + rows.size());
  for (size_t i = 0; i < rows.size(); ++i) to[begin + i] = convert(numbers.at(rows[i]));
}

/// `begins`: of all rows, and the end; empty when the stripe has no items.
data::RowRange items_of(std::span<const uint32_t> begins, uint32_t row) {
  return begins.empty() ? data::RowRange{} : data::RowRange{begins[row], begins[row + 1]};
}

}  // namespace

/// Thread-confined. Lifetime: that of one call of read_rows().
class RowReading {
 public:
  RowReading(StripeReader& reader, ValueTarget& target, data::Batch& out, bool whole_slices)
      : reader_(reader), target_(target), out_(out), whole_slices_(whole_slices) {}

  Result<void> read(std::span<const uint32_t> rows) {
    if (rows.empty()) return {};
    CHECK(rows.front() <= rows.back() && rows.back() < reader_.rows());
    TRY(open(rows.front(), rows.back() + 1));
    TRY(add_ids(rows));
    add_numbers(rows);
    TRY(add_texts(rows));
    for (const uint32_t row : rows) {
      TRY(add_events(row));
      TRY(add_links(row));
      const data::AttributeList list = TRY(add_list(span_lists_, row));
      out_.spans.attributes.push_back(list);
    }
    return {};
  }

 private:
  /// A column of values and how far it was read.
  struct Cursor {
    bool opened = false;
    const ValueSlice* slice = nullptr;
    std::vector<uint32_t> codes;  // the target's, of the whole slice, where it is read at once
    std::unique_ptr<ValueColumn::Scratch> scratch;
    uint32_t position = 0;
  };
  /// Lists of attributes of one family: of spans, events or links.
  struct Lists {
    ColumnFamily family = ColumnFamily::kSpanAttribute;
    std::span<const uint32_t> shapes;
    std::vector<Cursor> cursors;  // by key
    uint32_t next = 0;            // list up to which positions count
  };
  /// A column of numbers that may have been left out; all of it at once where most is needed.
  struct Numbers {
    std::optional<IntColumn> column;
    std::vector<uint64_t> all;
    uint64_t at(uint32_t index) const {
      if (!all.empty()) return all[index];
      return column ? column->at(index) : 0;
    }
  };
  /// Numbers of rows that follow each other.
  struct Stretch {
    uint32_t begin = 0;
    std::vector<uint64_t> numbers;
    uint64_t at(uint32_t row) const { return numbers[row - begin]; }
  };

  Result<void> open(uint32_t begin, uint32_t end);
  Result<void> open_times(uint32_t begin, uint32_t end);
  Result<void> open_events();
  Result<void> open_links();
  Result<Stretch> stretch(ColumnId id, uint32_t begin, uint32_t end);
  Result<Lists> lists_of(ColumnFamily family, std::span<const uint32_t> shapes);
  Result<std::optional<IntColumn>> bounded(ColumnId id, uint32_t count, uint64_t max);
  Result<Numbers> numbers(ColumnId id, uint32_t count, uint64_t max);
  Result<void> add_ids(std::span<const uint32_t> rows);
  void add_numbers(std::span<const uint32_t> rows);
  Result<data::SpanId> parent_of(uint32_t row, uint32_t trace);
  Result<data::SpanId> far_parent_of(uint32_t row);
  Result<void> add_texts(std::span<const uint32_t> rows);
  Result<void> add_events(uint32_t row);
  Result<void> add_links(uint32_t row);
  Result<data::AttributeList> add_list(Lists& lists, uint32_t list);
  void skip_to(Lists& lists, uint32_t list);
  Result<uint32_t> value_at(Cursor& cursor, ColumnId id, uint32_t position) {
    if (position < cursor.codes.size()) return cursor.codes[position];  // its slice has been read
    return read_value(cursor, id, position);
  }
  Result<uint32_t> read_value(Cursor& cursor, ColumnId id, uint32_t position);
  Result<void> open_cursor(Cursor& cursor, ColumnId id);

  StripeReader& reader_;
  ValueTarget& target_;
  data::Batch& out_;
  const bool whole_slices_;

  std::span<const uint32_t> traces_;
  Stretch starts_;
  Stretch ends_;
  std::string_view span_ids_;
  Stretch parents_;
  std::vector<uint64_t> all_parents_;  // where a parent stands among parent_ids_
  std::string_view parent_ids_;
  uint32_t parents_passed_ = 0;  // rows whose parent stands among parent_ids_, up to parent_row_
  uint32_t parent_row_ = 0;
  Numbers kinds_;
  Numbers statuses_;
  Numbers flags_;
  Numbers resources_;
  Numbers scopes_;
  Numbers dropped_attributes_;
  Numbers dropped_events_;
  Numbers dropped_links_;
  Cursor names_;
  Cursor trace_states_;
  Cursor status_messages_;
  std::vector<uint32_t> shapes_;  // of the rows up to the last one that is read
  Lists span_lists_;

  std::span<const uint32_t> events_;  // empty: the stripe has none
  Numbers event_times_;
  Numbers event_dropped_;
  Cursor event_names_;
  Lists event_lists_;

  std::span<const uint32_t> links_;  // empty: the stripe has none
  std::string_view link_traces_;
  std::string_view link_spans_;
  Numbers link_flags_;
  Numbers link_dropped_;
  Cursor link_states_;
  Lists link_lists_;

  std::vector<data::KeyCode> keys_;  // of the list at hand
  std::vector<uint32_t> skipped_;    // lists that were passed over, by shape
};

/// A column of numbers up to `max`, which may have been left out.
Result<std::optional<IntColumn>> RowReading::bounded(ColumnId id, uint32_t count, uint64_t max) {
  std::optional<IntColumn> column = TRY(reader_.int_column(id, count));
  if (column && column->max() > max) return damage("a number that is too large");
  return column;
}

Result<RowReading::Numbers> RowReading::numbers(ColumnId id, uint32_t count, uint64_t max) {
  Numbers numbers;
  numbers.column = TRY(bounded(id, count, max));
  if (numbers.column && whole_slices_) {
    numbers.all.resize(count);
    numbers.column->read(0, numbers.all);
  }
  return numbers;
}

Result<RowReading::Lists> RowReading::lists_of(ColumnFamily family, std::span<const uint32_t> shapes) {
  Lists lists{family, shapes, {}, 0};
  lists.cursors.resize(reader_.context().globals().keys.size());
  return lists;
}

Result<RowReading::Stretch> RowReading::stretch(ColumnId id, uint32_t begin, uint32_t end) {
  Stretch out{begin, std::vector<uint64_t>(end - begin)};
  const std::optional<IntColumn> column = TRY(reader_.int_column(id, reader_.rows()));
  if (column) column->read(begin, out.numbers);
  return out;
}

/// Opens what is needed of rows [begin, end).
Result<void> RowReading::open(uint32_t begin, uint32_t end) {
  const StripeDirectory& d = reader_.directory();
  const data::Batch& globals = reader_.context().globals();
  TRY(open_times(begin, end));
  span_ids_ = TRY(reader_.raw(SpanFieldColumn::kSpanIds, d.rows, sizeof(data::SpanId)));
  parents_ = TRY(stretch(SpanFieldColumn::kParents, begin, end));
  kinds_ = TRY(numbers(SpanFieldColumn::kKinds, d.rows, UINT32_MAX));
  statuses_ = TRY(numbers(SpanFieldColumn::kStatuses, d.rows, UINT32_MAX));
  flags_ = TRY(numbers(SpanFieldColumn::kFlags, d.rows, UINT32_MAX));
  if (globals.resources.empty() || globals.scopes.empty()) return damage("resources");
  resources_ = TRY(numbers(SpanFieldColumn::kResources, d.rows, globals.resources.size() - 1));
  scopes_ = TRY(numbers(SpanFieldColumn::kScopes, d.rows, globals.scopes.size() - 1));
  dropped_attributes_ = TRY(numbers(SpanFieldColumn::kDroppedAttributes, d.rows, UINT32_MAX));
  dropped_events_ = TRY(numbers(SpanFieldColumn::kDroppedEvents, d.rows, UINT32_MAX));
  dropped_links_ = TRY(numbers(SpanFieldColumn::kDroppedLinks, d.rows, UINT32_MAX));
  // Of the rows before, too: where values stand follows from them.
  const auto shapes = TRY(bounded(SpanFieldColumn::kShapes, d.rows, globals.shapes.size() - 1));
  shapes_.resize(end);
  if (shapes) shapes->read(0, shapes_);
  span_lists_ = TRY(lists_of(ColumnFamily::kSpanAttribute, shapes_));
  if (d.events > 0) TRY(open_events());
  if (d.links > 0) TRY(open_links());
  return {};
}

Result<void> RowReading::open_times(uint32_t begin, uint32_t end) {
  traces_ = TRY(reader_.trace_begins());
  uint32_t trace = reader_.trace_of(begin);
  const uint32_t first = traces_[trace];  // gaps add up from there
  starts_ = TRY(stretch(SpanFieldColumn::kStartGaps, first, end));
  ends_ = TRY(stretch(SpanFieldColumn::kDurations, first, end));
  std::vector<uint64_t> trace_starts(reader_.trace_of(end - 1) + 1 - trace);
  const auto column = TRY(reader_.int_column(SpanFieldColumn::kTraceStarts, reader_.directory().traces));
  if (column) column->read(trace, trace_starts);
  const uint32_t first_trace = trace;
  uint64_t at = trace_starts.front();
  for (uint32_t row = first; row < end; ++row) {
    while (row >= traces_[trace + 1]) at = trace_starts[++trace - first_trace];
    uint64_t& start = starts_.numbers[row - first];
    uint64_t& stop = ends_.numbers[row - first];
    start = at += start;
    stop = start + static_cast<uint64_t>(unzigzag(stop));
  }
  return {};
}

Result<void> RowReading::open_events() {
  const StripeDirectory& d = reader_.directory();
  events_ = TRY(reader_.event_begins());
  event_times_ = TRY(numbers(EventFieldColumn::kTimes, d.events, UINT64_MAX));
  event_dropped_ = TRY(numbers(EventFieldColumn::kDroppedAttributes, d.events, UINT32_MAX));
  const auto event_shapes = TRY(reader_.item_shapes(ColumnFamily::kEventAttribute));
  event_lists_ = TRY(lists_of(ColumnFamily::kEventAttribute, event_shapes));
  return {};
}

Result<void> RowReading::open_links() {
  const StripeDirectory& d = reader_.directory();
  links_ = TRY(reader_.link_begins());
  link_traces_ = TRY(reader_.raw(LinkFieldColumn::kTraceIds, d.links, sizeof(data::TraceId)));
  link_spans_ = TRY(reader_.raw(LinkFieldColumn::kSpanIds, d.links, sizeof(data::SpanId)));
  link_flags_ = TRY(numbers(LinkFieldColumn::kFlags, d.links, UINT32_MAX));
  link_dropped_ = TRY(numbers(LinkFieldColumn::kDroppedAttributes, d.links, UINT32_MAX));
  const auto link_shapes = TRY(reader_.item_shapes(ColumnFamily::kLinkAttribute));
  link_lists_ = TRY(lists_of(ColumnFamily::kLinkAttribute, link_shapes));
  return {};
}

Result<void> RowReading::add_ids(std::span<const uint32_t> rows) {
  data::SpanColumns& s = out_.spans;
  uint32_t trace = reader_.trace_of(rows.front());
  data::TraceId id = TRY(reader_.trace_id(trace));
  for (const uint32_t row : rows) {
    if (row >= traces_[trace + 1]) {
      trace = reader_.trace_of(row);
      id = TRY(reader_.trace_id(trace));
    }
    s.trace_id.push_back(id);
    s.span_id.push_back(id_at<data::SpanId>(span_ids_, row));
    const data::SpanId parent = TRY(parent_of(row, trace));
    s.parent_span_id.push_back(parent);
  }
  return {};
}

void RowReading::add_numbers(std::span<const uint32_t> rows) {
  data::SpanColumns& s = out_.spans;
  const auto same = [](uint64_t number) { return static_cast<uint32_t>(number); };
  const auto of_either_sign = [](uint64_t number) { return static_cast<int32_t>(unzigzag(number)); };
  append(rows, starts_, s.start_unix_nanos, [](uint64_t start) { return start; });
  append(rows, ends_, s.end_unix_nanos, [](uint64_t end) { return end; });
  append(rows, kinds_, s.kind, of_either_sign);
  append(rows, statuses_, s.status, of_either_sign);
  append(rows, flags_, s.flags, same);
  append(rows, resources_, s.resource, [&](uint64_t index) { return target_.resource(static_cast<uint32_t>(index)); });
  append(rows, scopes_, s.scope, [&](uint64_t index) { return target_.scope(static_cast<uint32_t>(index)); });
  append(rows, dropped_attributes_, s.dropped_attributes, same);
  append(rows, dropped_events_, s.dropped_events, same);
  append(rows, dropped_links_, s.dropped_links, same);
}

Result<data::SpanId> RowReading::parent_of(uint32_t row, uint32_t trace) {
  const uint64_t place = parents_.at(row);
  if (place == 0) return data::SpanId{};
  if (place == 1) return far_parent_of(row);
  const uint64_t parent = place - 2;
  if (parent >= traces_[trace + 1] - traces_[trace]) return damage("a parent outside its trace");
  return id_at<data::SpanId>(span_ids_, traces_[trace] + static_cast<uint32_t>(parent));
}

/// A parent that is not in the stripe: its place among the others follows from the rows before.
Result<data::SpanId> RowReading::far_parent_of(uint32_t row) {
  if (all_parents_.empty()) {
    all_parents_ = TRY(reader_.ints(SpanFieldColumn::kParents, reader_.rows()));
    const auto far = static_cast<uint32_t>(std::ranges::count(all_parents_, uint64_t{1}));
    parent_ids_ = TRY(reader_.raw(SpanFieldColumn::kParentIds, far, sizeof(data::SpanId)));
  }
  for (; parent_row_ < row; ++parent_row_) parents_passed_ += all_parents_[parent_row_] == 1 ? 1 : 0;
  return id_at<data::SpanId>(parent_ids_, parents_passed_);
}

Result<void> RowReading::add_texts(std::span<const uint32_t> rows) {
  data::SpanColumns& s = out_.spans;
  for (const uint32_t row : rows) s.name.push_back(TRY(value_at(names_, SpanFieldColumn::kNames, row)));
  for (const uint32_t row : rows) {
    s.trace_state.push_back(TRY(value_at(trace_states_, SpanFieldColumn::kTraceStates, row)));
  }
  for (const uint32_t row : rows) {
    s.status_message.push_back(TRY(value_at(status_messages_, SpanFieldColumn::kStatusMessages, row)));
  }
  return {};
}

Result<void> RowReading::add_events(uint32_t row) {
  data::EventColumns& e = out_.events;
  const data::RowRange range = items_of(events_, row);
  for (uint32_t i = range.begin; i < range.end; ++i) {
    e.time_unix_nanos.push_back(starts_.at(row) + static_cast<uint64_t>(unzigzag(event_times_.at(i))));
    e.name.push_back(TRY(value_at(event_names_, EventFieldColumn::kNames, i)));
    const data::AttributeList list = TRY(add_list(event_lists_, i));
    e.attributes.push_back(list);
    e.dropped_attributes.push_back(static_cast<uint32_t>(event_dropped_.at(i)));
  }
  out_.spans.events_end.push_back(static_cast<uint32_t>(e.name.size()));
  return {};
}

Result<void> RowReading::add_links(uint32_t row) {
  data::LinkColumns& l = out_.links;
  const data::RowRange range = items_of(links_, row);
  for (uint32_t i = range.begin; i < range.end; ++i) {
    l.trace_id.push_back(id_at<data::TraceId>(link_traces_, i));
    l.span_id.push_back(id_at<data::SpanId>(link_spans_, i));
    l.trace_state.push_back(TRY(value_at(link_states_, LinkFieldColumn::kTraceStates, i)));
    l.flags.push_back(static_cast<uint32_t>(link_flags_.at(i)));
    const data::AttributeList list = TRY(add_list(link_lists_, i));
    l.attributes.push_back(list);
    l.dropped_attributes.push_back(static_cast<uint32_t>(link_dropped_.at(i)));
  }
  out_.spans.links_end.push_back(static_cast<uint32_t>(l.span_id.size()));
  return {};
}

/// Moves the cursors over the lists that are not wanted: shape by shape where there are many.
void RowReading::skip_to(Lists& lists, uint32_t list) {
  if (lists.next == list) return;
  const data::ShapeTable& shapes = reader_.context().globals().shapes;
  skipped_.assign(shapes.size(), 0);
  for (; lists.next < list; ++lists.next) ++skipped_[lists.shapes[lists.next]];
  // A list holds what the one it extends holds: from the longest to the shortest, counts add up on the way.
  for (data::ShapeId shape = shapes.size() - 1; shape != data::ShapeTable::kEmpty; --shape) {
    if (skipped_[shape] == 0) continue;
    lists.cursors[shapes.last_key(shape)].position += skipped_[shape];
    skipped_[shapes.parent(shape)] += skipped_[shape];
  }
}

Result<data::AttributeList> RowReading::add_list(Lists& lists, uint32_t index) {
  skip_to(lists, index);
  const data::ShapeTable& shapes = reader_.context().globals().shapes;
  const data::ShapeId shape = lists.shapes[index];
  const data::AttributeList list{target_.shape(shape), static_cast<uint32_t>(out_.attribute_values.size())};
  keys_.resize(shapes.key_count(shape));
  shapes.keys_of(shape, keys_);
  out_.attribute_values.resize(list.values_begin + keys_.size());
  uint32_t* value = out_.attribute_values.data() + list.values_begin;
  for (const data::KeyCode key : keys_) {
    Cursor& cursor = lists.cursors[key];
    const uint32_t position = cursor.position++;
    const bool read = position < cursor.codes.size();
    *value++ = read ? cursor.codes[position] : TRY(value_at(cursor, {lists.family, key}, position));
  }
  lists.next = index + 1;
  return list;
}

Result<void> RowReading::open_cursor(Cursor& cursor, ColumnId id) {
  cursor.opened = true;
  cursor.slice = TRY(reader_.values(id));
  if (cursor.slice == nullptr || !whole_slices_) return {};
  const ValueSlice& slice = *cursor.slice;
  cursor.codes.resize(slice.count);
  if (slice.is_coded()) {
    slice.codes.read(0, cursor.codes);
    return target_.coded_all(id, *slice.dictionary, cursor.codes);
  }
  Result<void> taken;
  TRY(slice.direct->read([&](uint32_t i, const StoredValue& value) {
    if (!taken) return;
    const Result<uint32_t> code = target_.direct(id, value);
    if (code) {
      cursor.codes[i] = *code;
    } else {
      taken = std::unexpected(code.error());
    }
  }));
  return taken;
}

Result<uint32_t> RowReading::read_value(Cursor& cursor, ColumnId id, uint32_t position) {
  if (!cursor.opened) TRY(open_cursor(cursor, id));
  const ValueSlice* slice = cursor.slice;
  if (slice == nullptr || position >= slice->count) return damage("a value that is not there");
  if (whole_slices_) return cursor.codes[position];
  if (slice->is_coded()) return target_.coded(id, *slice->dictionary, slice->codes.at(position));
  if (!cursor.scratch) cursor.scratch = std::make_unique<ValueColumn::Scratch>();
  const StoredValue value = TRY(slice->direct->at(position, *cursor.scratch));
  return target_.direct(id, value);
}

Result<void> StripeReader::read_rows(std::span<const uint32_t> rows, ValueTarget& target, data::Batch& out) {
  const bool whole = rows.size() > kRowsByOneMax && rows.size() >= directory_->rows / kWholeSlicesShare;
  return RowReading(*this, target, out, whole).read(rows);
}

}  // namespace sextant::persist
