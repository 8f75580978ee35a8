// Filters of the values that stripes keep themselves: the dictionary of their column does not know them, and a search
// for one of them would read all of them. One filter for each stripe of a column, all of a column together, so that
// both a segment and a stripe can be left out. Format: docs/formats/segment.md, "Filters".
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "persist/stripe/column_id.h"
#include "persist/stripe/stored_values.h"

namespace sextant::persist {

/// Of a short value. Stable, and equal for numbers that compare equal though one is stored as int, one as double.
uint64_t filter_hash(const data::ValueView& value);
/// Of a value of a key that shares its slice, and its filter, with other rare keys.
uint64_t rare_filter_hash(uint32_t key, uint64_t hash);

/// Makes the filters while stripes are written. Long values are left out: they are never asked for here.
/// Thread-confined.
class ColumnFiltersWriter {
 public:
  /// What the stripe at hand keeps of a column. Columns that no condition names are left out.
  void add_direct(ColumnId id, std::span<const StoredValue> values);
  /// What it keeps of a rare key.
  void add_rare(ColumnId id, std::span<const StoredValue> values);
  void end_stripe();
  /// True for columns that have filters, be they without values.
  static bool is_filtered(ColumnId id);
  /// Appends the filters of a column; false when they would be too large to be read at once.
  bool encode(ColumnId id, std::string& out) const;
  uint64_t byte_size() const;

 private:
  struct Column {
    uint32_t stripes = 0;
    uint32_t last_stripe = 0;
    std::string heads;
    std::string filters;
  };
  void add(ColumnId id, std::span<const uint64_t> hashes);

  uint32_t stripe_ = 0;
  std::map<ColumnId, Column> columns_;
  std::map<ColumnFamily, std::vector<uint64_t>> rare_;  // of the stripe at hand
  std::vector<uint64_t> hashes_;                        // kept for the next call
};

/// The filters of one column. Immutable.
class ColumnFilters {
 public:
  /// What encode() appended, `bytes` being exactly that. kDataLoss otherwise.
  static Result<ColumnFilters> decode(std::string_view bytes);

  /// False when no stripe keeps such a value itself.
  bool may_have(uint64_t hash) const;
  /// False when this one does not. `stripe`: its place in the segment.
  bool stripe_may_have(uint32_t stripe, uint64_t hash) const;
  /// Whether the stripe keeps short values itself.
  bool stripe_has_values(uint32_t stripe) const { return find(stripe) != nullptr; }
  uint32_t stripe_count() const { return static_cast<uint32_t>(stripes_.size()); }
  uint64_t value_count() const;
  uint64_t byte_size() const { return sizeof(*this) + bits_.capacity() + stripes_.capacity() * sizeof(Stripe); }

 private:
  struct Stripe {
    uint32_t number = 0;
    uint64_t values = 0;
    uint64_t offset = 0;
    uint64_t bytes = 0;
  };
  const Stripe* find(uint32_t stripe) const;
  std::string_view filter_of(const Stripe& stripe) const {
    return std::string_view(bits_).substr(stripe.offset, stripe.bytes);
  }
  std::vector<Stripe> stripes_;  // ascending
  std::string bits_;
};

}  // namespace sextant::persist
