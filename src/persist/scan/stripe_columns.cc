#include "persist/scan/stripe_columns.h"

#include <algorithm>
#include <cmath>

#include "persist/scan/stripe_filter.h"

namespace sextant::persist {
namespace {

using data::AttributeScope;
using data::SpanColumn;
using data::SpanField;
using data::ValueView;

/// A finite number, or AggregateRows::kAbsent.
Result<double> number_of(const StoredValue& value) {
  if (value.type == data::ValueType::kInt) return static_cast<double>(value.number);
  if (value.type != data::ValueType::kDouble || !std::isfinite(value.view().as_double())) return AggregateRows::kAbsent;
  return value.view().as_double();
}

}  // namespace

StripeColumns::StripeColumns(const AggregatePlan& plan, SegmentContents& contents, GroupValues& values)
    : plan_(plan), contents_(contents), values_(values) {
  all_.groups.resize(plan.spec->by.size());
  all_.measures.resize(plan.measures.size());
}

Result<uint32_t> StripeColumns::group_of(const StoredValue& value) {
  if (!value.in_texts) return values_.intern(value.view());
  const std::string text = TRY(contents_.text(static_cast<uint32_t>(value.number)));
  return values_.intern({value.type, 0, text});
}

/// What each value of a slice means: of a dictionary's values each is asked for once.
template <typename T, typename Meaning>
Result<void> StripeColumns::meanings(ColumnId id, const ValueSlice& slice, Known<T>& known, const Meaning& meaning,
                                     std::vector<T>& out) {
  out.resize(slice.count);
  if (slice.is_coded()) {
    std::vector<T>& of_codes = known[id.packed()];
    for (auto code = static_cast<uint32_t>(of_codes.size()); code < slice.dictionary->size(); ++code) {
      of_codes.push_back(TRY(meaning(slice.dictionary->value(code))));
    }
    codes_.resize(slice.count);
    slice.codes.read(0, codes_);
    for (uint32_t i = 0; i < slice.count; ++i) out[i] = of_codes[codes_[i]];
    return {};
  }
  Result<void> taken;
  TRY(slice.direct->read([&](uint32_t i, const StoredValue& value) {
    if (!taken) return;
    const Result<T> one = meaning(value);
    if (one) {
      out[i] = *one;
    } else {
      taken = std::unexpected(one.error());
    }
  }));
  return taken;
}

template <typename T, typename Meaning>
Result<void> StripeColumns::load_from_tables(const SpanColumn& column, AttributeScope scope, StripeReader& stripe,
                                             T missing, const Meaning& meaning, std::vector<T>& out) {
  const data::Batch& globals = contents_.globals();
  const bool of_resource = scope == AttributeScope::kResource;
  const size_t count = of_resource ? globals.resources.size() : globals.scopes.size();
  std::vector<T> of_table(count, missing);
  bool any = false;
  for (size_t i = 0; i < count; ++i) {
    bool found = false;
    const ValueView value = globals.attribute(
        of_resource ? globals.resources[i].attributes : globals.scopes[i].attributes, column.key, &found);
    if (found) of_table[i] = TRY(meaning(StoredValue::of(value)));
    any = any || found;
  }
  if (!any) return {};
  const ColumnId id = of_resource ? SpanFieldColumn::kResources : SpanFieldColumn::kScopes;
  const std::vector<uint32_t> numbers = TRY(stripe.numbers(id, stripe.rows(), count));
  for (uint32_t row = 0; row < stripe.rows(); ++row) out[row] = of_table[numbers[row]];
  return {};
}

template <typename T, typename Meaning>
Result<void> StripeColumns::load_attribute(const SpanColumn& column, StripeReader& stripe, Known<T>& known, T missing,
                                           const Meaning& meaning, std::vector<T>& out) {
  out.assign(stripe.rows(), missing);
  const data::KeyCode key = contents_.globals().keys.find(column.key);
  if (key == data::CodeTable::kNone) return {};
  if (column.scope == AttributeScope::kScope) {
    return load_from_tables(column, AttributeScope::kScope, stripe, missing, meaning, out);
  }
  if (!column.scope || column.scope == AttributeScope::kResource) {
    TRY(load_from_tables(column, AttributeScope::kResource, stripe, missing, meaning, out));
  }
  if (column.scope == AttributeScope::kResource) return {};
  const ColumnId id(ColumnFamily::kSpanAttribute, key);
  const ValueSlice* slice = TRY(stripe.values(id));
  if (slice == nullptr) return {};
  std::vector<T> values;
  TRY(meanings(id, *slice, known, meaning, values));
  const auto shapes = TRY(stripe.shapes());
  const std::vector<uint32_t> counts = key_counts(contents_.globals(), key);
  uint64_t at = 0;
  for (uint32_t row = 0; row < stripe.rows(); ++row) {
    const uint32_t count = counts[shapes[row]];
    if (count == 0) continue;
    if (at + count > values.size()) return fail(ErrorCode::kDataLoss, "a stripe has fewer values than its rows say");
    out[row] = values[at];
    at += count;
  }
  return {};
}

Result<void> StripeColumns::load_group(const SpanColumn& column, StripeReader& stripe, std::vector<uint32_t>& out) {
  const auto meaning = [this](const StoredValue& value) { return group_of(value); };
  switch (column.field) {
    case SpanField::kService: {
      const auto text_only = [this](const StoredValue& value) -> Result<uint32_t> {
        return value.type == data::ValueType::kString ? values_.intern(value.view()) : GroupValues::kMissing;
      };
      out.assign(stripe.rows(), GroupValues::kMissing);
      const SpanColumn service{SpanField::kAttribute, AttributeScope::kResource, "service.name"};
      return load_from_tables(service, AttributeScope::kResource, stripe, GroupValues::kMissing, text_only, out);
    }
    case SpanField::kName: {
      const ValueSlice* slice = TRY(stripe.values(SpanFieldColumn::kNames));
      if (slice == nullptr || slice->count != stripe.rows()) {
        return fail(ErrorCode::kDataLoss, "a stripe has not as many names as rows");
      }
      return meanings(SpanFieldColumn::kNames, *slice, group_codes_, meaning, out);
    }
    case SpanField::kKind:
    case SpanField::kStatus: {
      const ColumnId id = column.field == SpanField::kKind ? SpanFieldColumn::kKinds : SpanFieldColumn::kStatuses;
      const std::vector<uint64_t> numbers = TRY(stripe.ints(id, stripe.rows()));
      out.resize(numbers.size());
      for (size_t row = 0; row < numbers.size(); ++row) {
        const bool repeated = row > 0 && numbers[row] == numbers[row - 1];
        out[row] = repeated ? out[row - 1] : values_.intern(ValueView::integer(unzigzag(numbers[row])));
      }
      return {};
    }
    default:
      return load_attribute(column, stripe, group_codes_, GroupValues::kMissing, meaning, out);
  }
}

Result<void> StripeColumns::load_measure(const SpanColumn& column, const BlockZone& zone, StripeReader& stripe,
                                         std::vector<double>& out) {
  if (column.field == SpanField::kDuration) return load_durations(zone, stripe, out);
  return load_attribute(column, stripe, numbers_, AggregateRows::kAbsent, number_of, out);
}

/// Durations are stored: starts are of no interest, unless some span has not ended (an end of 0), ended before it
/// began, or could end beyond the last time there is.
Result<void> StripeColumns::load_durations(const BlockZone& zone, StripeReader& stripe, std::vector<double>& out) {
  TRY(stripe.read_ints(SpanFieldColumn::kDurations, stripe.rows(), lengths_));
  out.resize(stripe.rows());
  uint64_t negative = 0;  // in the last bit
  for (uint32_t row = 0; row < stripe.rows(); ++row) {
    negative |= lengths_[row];
    out[row] = static_cast<double>(static_cast<int64_t>(lengths_[row] >> 1));
  }
  if ((negative & 1) == 0 && zone.start_min > 0 && zone.start_max < uint64_t{1} << 63) return {};
  const auto starts = TRY(stripe.starts());
  const auto ends = TRY(stripe.ends());
  for (uint32_t row = 0; row < stripe.rows(); ++row) {
    const uint64_t length = std::max(starts[row], ends[row]) - starts[row];
    out[row] = ends[row] == 0 ? AggregateRows::kAbsent : static_cast<double>(length);
  }
  return {};
}

/// Starts are of no interest but for the step they lie in.
Result<void> StripeColumns::load_starts(const BlockZone& zone, StripeReader& stripe) {
  all_.starts.clear();
  const uint64_t step = plan_.spec->step_nanos;
  if (step == 0) return {};
  if (zone.start_min <= zone.start_max && zone.start_min / step == zone.start_max / step) {
    all_.starts.push_back(zone.start_min);
    return {};
  }
  const auto starts = TRY(stripe.starts());
  all_.starts.assign(starts.begin(), starts.end());
  return {};
}

Result<void> StripeColumns::load(const BlockZone& zone, StripeReader& stripe) {
  all_.count = stripe.rows();
  TRY(load_starts(zone, stripe));
  for (size_t i = 0; i < all_.groups.size(); ++i) TRY(load_group(plan_.spec->by[i], stripe, all_.groups[i]));
  for (size_t i = 0; i < all_.measures.size(); ++i)
    TRY(load_measure(plan_.measures[i].column, zone, stripe, all_.measures[i]));
  return {};
}

void StripeColumns::read(std::span<const uint32_t> rows, AggregateRows& out) const {
  const auto gather = [&](const auto& from, auto& to) {
    to.resize(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) to[i] = from[rows[i]];
  };
  out.count = static_cast<uint32_t>(rows.size());
  out.groups.resize(all_.groups.size());
  for (size_t i = 0; i < all_.groups.size(); ++i) gather(all_.groups[i], out.groups[i]);
  out.measures.resize(all_.measures.size());
  for (size_t i = 0; i < all_.measures.size(); ++i) gather(all_.measures[i], out.measures[i]);
  if (all_.starts.size() > 1) {
    gather(all_.starts, out.starts);
  } else {
    out.starts = all_.starts;
  }
}

}  // namespace sextant::persist
