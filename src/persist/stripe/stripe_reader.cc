#include "persist/stripe/stripe_reader.h"

#include <algorithm>

#include "base/core/check.h"
#include "persist/stripe/limits.h"

namespace sextant::persist {
namespace {

std::unexpected<Error> damage(std::string_view what) {
  return fail(ErrorCode::kDataLoss, "a stripe does not follow the format ({})", what);
}

}  // namespace

Result<std::string_view> StripeReader::slice_bytes(const StripeDirectory::Slice& slice) {
  SliceBytes& loaded = loaded_[place_of(slice)];
  if (!loaded.owner) loaded = TRY(load_(slice));
  return loaded.bytes;
}

Result<std::optional<IntColumn>> StripeReader::int_column(ColumnId id, uint32_t count) {
  const StripeDirectory::Slice* slice = directory_->find(id);
  if (slice == nullptr) return std::optional<IntColumn>();
  if (slice->count != count) return damage("number of entries");
  const std::string_view bytes = TRY(slice_bytes(*slice));
  IntColumn column = TRY(IntColumn::open(bytes, count));
  return std::optional<IntColumn>(std::move(column));
}

Result<std::vector<uint64_t>> StripeReader::ints(ColumnId id, uint32_t count) {
  std::vector<uint64_t> out;
  TRY(read_ints(id, count, out));
  return out;
}

Result<void> StripeReader::read_ints(ColumnId id, uint32_t count, std::vector<uint64_t>& out) {
  const std::optional<IntColumn> column = TRY(int_column(id, count));
  out.resize(count);
  if (column) {
    column->read(0, out);
  } else {
    std::ranges::fill(out, 0);
  }
  return {};
}

Result<std::vector<uint32_t>> StripeReader::numbers(ColumnId id, uint32_t count, uint64_t bound) {
  std::vector<uint32_t> out(count);
  const std::optional<IntColumn> column = TRY(int_column(id, count));
  if (count > 0 && (column ? column->max() : 0) >= bound) return damage("a number that is too large");
  if (column) column->read(0, out);
  return out;
}

Result<const ValueSlice*> StripeReader::values(ColumnId id) {
  const StripeDirectory::Slice* slice = directory_->find(id);
  if (slice == nullptr) return rare_values(id);
  std::unique_ptr<ValueSlice>& known = values_[place_of(*slice)];
  if (known) return known.get();
  const std::string_view bytes = TRY(slice_bytes(*slice));
  if (bytes.empty()) return damage("slice of values");
  auto opened = std::make_unique<ValueSlice>();
  ValueSlice& values = *opened;
  values.count = slice->count;
  if (bytes.front() == static_cast<char>(SliceKind::kDirect)) {
    values.direct = DirectValues(TRY(ValueColumn::open(bytes.substr(1), slice->count, context_.text_count())));
  } else if (bytes.front() == static_cast<char>(SliceKind::kCodes)) {
    values.codes = TRY(CodeColumn::open(bytes.substr(1), slice->count));
    values.dictionary = TRY(context_.dictionary(id));
    if (values.codes.max() >= values.dictionary->size()) return damage("a code that is not in the dictionary");
  } else {
    return damage("kind of a slice");
  }
  known = std::move(opened);
  return known.get();
}

/// The values of a key that shares a slice with others.
Result<const ValueSlice*> StripeReader::rare_values(ColumnId id) {
  const auto opened = rare_columns_.find(id.packed());
  if (opened != rare_columns_.end()) return &opened->second;
  const StripeDirectory::Slice* slice = directory_->find(ColumnId(id.family, kRareColumn));
  if (slice == nullptr) return nullptr;
  auto known = rare_.find(id.family);
  if (known == rare_.end()) {
    const std::string_view bytes = TRY(slice_bytes(*slice));
    RareValues rare = TRY(RareValues::open(bytes, slice->count, context_.text_count()));
    known = rare_.emplace(id.family, std::move(rare)).first;
  }
  ValueSlice values;
  values.direct = known->second.find(id.number);
  if (!values.direct) return nullptr;
  values.count = values.direct->size();
  return &rare_columns_.emplace(id.packed(), std::move(values)).first->second;
}

Result<std::string_view> StripeReader::raw(ColumnId id, uint32_t count, size_t size) {
  const StripeDirectory::Slice* slice = directory_->find(id);
  if (slice == nullptr) return count == 0 ? Result<std::string_view>(std::string_view()) : damage("ids");
  if (slice->count != count || slice->bytes != count * size) return damage("ids");
  return slice_bytes(*slice);
}

Result<std::span<const uint32_t>> StripeReader::shapes() {
  if (!shapes_) shapes_ = TRY(numbers(SpanFieldColumn::kShapes, rows(), context_.globals().shapes.size()));
  return std::span<const uint32_t>(*shapes_);
}

/// Counts as places: where each part begins, and the end.
Result<std::vector<uint32_t>> StripeReader::begins(ColumnId counts, uint32_t parts, uint32_t total) {
  const std::vector<uint64_t> sizes = TRY(ints(counts, parts));
  std::vector<uint32_t> out;
  out.reserve(parts + 1);
  uint64_t at = 0;
  for (const uint64_t size : sizes) {
    out.push_back(static_cast<uint32_t>(at));
    if (size > total - at) return damage("counts");
    at += size;
  }
  if (at != total) return damage("counts");
  out.push_back(total);
  return out;
}

Result<std::span<const uint32_t>> StripeReader::trace_begins() {
  if (!trace_begins_) trace_begins_ = TRY(begins(SpanFieldColumn::kTraceRows, directory_->traces, rows()));
  return std::span<const uint32_t>(*trace_begins_);
}

Result<std::span<const uint32_t>> StripeReader::event_begins() {
  if (!event_begins_) event_begins_ = TRY(begins(SpanFieldColumn::kEventCounts, rows(), directory_->events));
  return std::span<const uint32_t>(*event_begins_);
}

Result<std::span<const uint32_t>> StripeReader::link_begins() {
  if (!link_begins_) link_begins_ = TRY(begins(SpanFieldColumn::kLinkCounts, rows(), directory_->links));
  return std::span<const uint32_t>(*link_begins_);
}

Result<std::span<const uint32_t>> StripeReader::item_shapes(ColumnFamily family) {
  auto known = item_shapes_.find(family);
  if (known == item_shapes_.end()) {
    const bool events = family == ColumnFamily::kEventAttribute;
    const ColumnId id = events ? ColumnId(EventFieldColumn::kShapes) : ColumnId(LinkFieldColumn::kShapes);
    const uint32_t count = events ? directory_->events : directory_->links;
    std::vector<uint32_t> shapes = TRY(numbers(id, count, context_.globals().shapes.size()));
    known = item_shapes_.emplace(family, std::move(shapes)).first;
  }
  return std::span<const uint32_t>(known->second);
}

Result<std::span<const uint64_t>> StripeReader::starts() {
  if (!starts_) {
    const auto traces = TRY(trace_begins());
    const std::vector<uint64_t> firsts = TRY(ints(SpanFieldColumn::kTraceStarts, directory_->traces));
    std::vector<uint64_t> starts = TRY(ints(SpanFieldColumn::kStartGaps, rows()));
    for (uint32_t trace = 0; trace < firsts.size(); ++trace) {
      uint64_t at = firsts[trace];
      for (uint32_t row = traces[trace]; row < traces[trace + 1]; ++row) starts[row] = at += starts[row];
    }
    starts_ = std::move(starts);
  }
  return std::span<const uint64_t>(*starts_);
}

Result<std::span<const uint64_t>> StripeReader::ends() {
  if (!ends_) {
    const auto begins = TRY(starts());
    std::vector<uint64_t> ends = TRY(ints(SpanFieldColumn::kDurations, rows()));
    for (uint32_t row = 0; row < rows(); ++row) ends[row] = begins[row] + static_cast<uint64_t>(unzigzag(ends[row]));
    ends_ = std::move(ends);
  }
  return std::span<const uint64_t>(*ends_);
}

Result<data::TraceId> StripeReader::trace_id(uint32_t trace) {
  const std::string_view ids = TRY(raw(SpanFieldColumn::kTraceIds, directory_->traces, sizeof(data::TraceId)));
  return *data::TraceId::from_bytes(ids.substr(trace * sizeof(data::TraceId), sizeof(data::TraceId)));
}

uint32_t StripeReader::trace_of(uint32_t row) const {
  const auto after = std::ranges::upper_bound(*trace_begins_, row);
  return static_cast<uint32_t>(after - trace_begins_->begin() - 1);
}

}  // namespace sextant::persist
