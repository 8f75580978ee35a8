// Which rows of a stripe satisfy a filter, found on encoded columns: a condition is tested once for each value of a
// dictionary, and only its code is then looked for.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/core/result.h"
#include "data/model/scan.h"
#include "persist/segment/segment.h"

namespace sextant::persist {

/// How often each shape of a segment has the key, by shape.
std::vector<uint32_t> key_counts(const data::Batch& globals, data::KeyCode key);

/// A set of the rows of a stripe. Value.
class RowSet {
 public:
  explicit RowSet(uint32_t rows, bool all = false);

  uint32_t rows() const { return rows_; }
  void add(uint32_t row) { words_[row / 64] |= uint64_t{1} << row % 64; }
  bool contains(uint32_t row) const { return (words_[row / 64] >> row % 64 & 1) != 0; }
  bool empty() const;
  void keep(const RowSet& other);
  void join(const RowSet& other);
  void remove(const RowSet& other);
  void invert();
  std::vector<uint32_t> list() const;

 private:
  void clear_rest();
  uint32_t rows_;
  std::vector<uint64_t> words_;
};

/// Thread-confined. Lifetime: not longer than filter and contents.
class StripeFilter {
 public:
  StripeFilter(const data::SpanFilter& filter, SegmentContents& contents) : filter_(filter), contents_(contents) {}

  /// False when no span of the segment can satisfy the filter: a key or a value is nowhere in it.
  Result<bool> segment_may_match();
  /// The same for one stripe, by its number, before anything of it is read.
  Result<bool> stripe_may_match(uint32_t stripe);
  Result<RowSet> matching_rows(StripeReader& stripe);

 private:
  /// What a condition says of the values of a column's dictionary, or of resources or scopes.
  using Bits = std::vector<uint64_t>;

  /// Where values may be that satisfy a condition.
  struct Prospect {
    /// What stripes keep themselves of a column.
    struct InStripes {
      std::shared_ptr<const ColumnFilters> filters;
      std::optional<uint64_t> hash;  // of the value that is looked for; nothing: any may satisfy
      bool in_segment() const { return hash ? filters->may_have(*hash) : filters->value_count() > 0; }
      bool in_stripe(uint32_t stripe) const {
        return hash ? filters->stripe_may_have(stripe, *hash) : filters->stripe_has_values(stripe);
      }
    };
    bool anywhere = false;  // in any stripe
    std::vector<InStripes> in_stripes;
  };
  using MayMatch = std::function<bool(const Prospect&)>;
  Result<bool> may_match(const data::SpanFilter& filter, const MayMatch& decide);
  Result<const Prospect*> prospect_of(const data::Condition& condition);
  Result<void> look_for(const data::Condition& condition, Prospect& prospect);
  Result<void> look_in_column(const data::Condition& condition, ColumnFamily family, Prospect& prospect);
  Result<bool> dictionary_may_have(const data::Condition& condition, ColumnId id, const ColumnDictionary& dictionary);
  Result<void> look_in_filters(const data::Condition& condition, ColumnId id, Prospect& prospect);
  /// False when no long value of the segment can satisfy.
  Result<bool> texts_may_satisfy(const data::Condition& condition);
  Result<RowSet> rows_of(const data::SpanFilter& filter, StripeReader& stripe);
  Result<RowSet> rows_of_condition(const data::Condition& condition, StripeReader& stripe);
  Result<RowSet> rows_of_numbers(const data::Condition& condition, StripeReader& stripe);
  Result<RowSet> rows_of_times(const data::Condition& condition, StripeReader& stripe);
  Result<RowSet> rows_of_names(const data::Condition& condition, StripeReader& stripe);
  Result<RowSet> rows_of_attribute(const data::Condition& condition, StripeReader& stripe);
  /// Rows whose first value under the key satisfies the condition; `present`: rows that have the key at all.
  Result<void> look_in_spans(const data::Condition& condition, StripeReader& stripe, RowSet& present,
                             RowSet& satisfied);
  /// The same for values of events or links, any of which will do.
  Result<void> look_in_items(const data::Condition& condition, ColumnFamily family, StripeReader& stripe,
                             RowSet& present, RowSet& satisfied);
  Result<void> look_in_tables(const data::Condition& condition, data::AttributeScope scope, StripeReader& stripe,
                              RowSet& present, RowSet& satisfied);
  /// Bit i: value i of the slice satisfies.
  Result<Bits> satisfied_values(const data::Condition& condition, ColumnId id, const ValueSlice& slice);
  Result<const Bits*> dictionary_bits(const data::Condition& condition, ColumnId id,
                                      const ColumnDictionary& dictionary);
  /// The same for a condition that may have to read long values: only of codes that occur in the slice.
  Result<Bits> tested_values(const data::Condition& condition, ColumnId id, const ValueSlice& slice);
  Result<bool> satisfies(const data::Condition& condition, const StoredValue& value);
  Result<bool> text_contains(const data::Condition& condition, TextId text);

  const data::SpanFilter& filter_;
  SegmentContents& contents_;
  std::map<std::pair<const data::Condition*, uint64_t>, Bits> dictionaries_;
  std::map<const data::Condition*, Prospect> prospects_;
  /// What was found of values when they were first met.
  enum class Found : uint8_t { kUnknown, kNo, kYes };
  std::map<std::pair<const data::Condition*, uint64_t>, std::vector<Found>> tested_;  // of codes, by column
  std::map<const data::Condition*, std::vector<Found>> tested_texts_;                 // of texts
  std::map<const data::Condition*, bool> texts_may_;                                  // kContains
};

}  // namespace sextant::persist
