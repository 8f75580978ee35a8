// Rows of a stripe as the columns that an aggregation takes, straight from encoded columns: what a value of a
// dictionary means to the question is found out once for a segment.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "persist/scan/aggregation.h"
#include "persist/segment/segment.h"

namespace sextant::persist {

/// Thread-confined. Lifetime: not longer than plan, contents and values.
class StripeColumns {
 public:
  StripeColumns(const AggregatePlan& plan, SegmentContents& contents, GroupValues& values);

  /// Takes the stripe's columns that the plan asks for.
  Result<void> load(const BlockZone& zone, StripeReader& stripe);
  /// The columns of all its rows.
  const AggregateRows& all() const { return all_; }
  /// Writes those of some of its rows over what stands in `out`.
  void read(std::span<const uint32_t> rows, AggregateRows& out) const;

 private:
  /// Codes or numbers of a dictionary's values, by column.
  template <typename T>
  using Known = std::unordered_map<uint64_t, std::vector<T>>;

  Result<void> load_group(const data::SpanColumn& column, StripeReader& stripe, std::vector<uint32_t>& out);
  Result<void> load_measure(const data::SpanColumn& column, const BlockZone& zone, StripeReader& stripe,
                            std::vector<double>& out);
  Result<void> load_starts(const BlockZone& zone, StripeReader& stripe);
  Result<void> load_durations(const BlockZone& zone, StripeReader& stripe, std::vector<double>& out);
  /// The values of an attribute: of the span, else of its resource, as the column's scope says.
  template <typename T, typename Meaning>
  Result<void> load_attribute(const data::SpanColumn& column, StripeReader& stripe, Known<T>& known, T missing,
                              const Meaning& meaning, std::vector<T>& out);
  template <typename T, typename Meaning>
  Result<void> load_from_tables(const data::SpanColumn& column, data::AttributeScope scope, StripeReader& stripe,
                                T missing, const Meaning& meaning, std::vector<T>& out);
  template <typename T, typename Meaning>
  Result<void> meanings(ColumnId id, const ValueSlice& slice, Known<T>& known, const Meaning& meaning,
                        std::vector<T>& out);
  Result<uint32_t> group_of(const StoredValue& value);

  const AggregatePlan& plan_;
  SegmentContents& contents_;
  GroupValues& values_;
  Known<uint32_t> group_codes_;
  Known<double> numbers_;

  AggregateRows all_;
  // Of the stripe being loaded, kept for the next: large pieces of memory cost as much as what is done with them.
  std::vector<uint32_t> codes_;
  std::vector<uint64_t> lengths_;
};

}  // namespace sextant::persist
