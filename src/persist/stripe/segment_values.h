// The values of a segment that is being written: each once, whatever column it is in; and the dictionaries of the
// columns, which grow with every stripe.
#pragma once

#include <array>
#include <cstdint>
#include <numeric>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/core/result.h"
#include "data/model/dictionary.h"
#include "persist/stripe/column_filter.h"
#include "persist/stripe/column_id.h"
#include "persist/stripe/stored_values.h"
#include "persist/text/text_writer.h"

namespace sextant::persist {

/// Code of a value in a segment being written. Equal values have equal codes.
using SegmentCode = uint32_t;
/// In codes of values that lie among the texts.
inline constexpr int kTextBit = 31;
inline constexpr SegmentCode kTextCode = 1U << kTextBit;

/// About what an entry of a hash map takes beyond its content.
inline constexpr uint64_t kMapEntryBytes = 40;

/// Thread-confined. Lifetime: not longer than the texts.
class SegmentValues {
 public:
  explicit SegmentValues(TextWriter& texts) : texts_(texts) {}

  /// Values longer than data::kInternBytesMax go to the texts, which may write a block of them: errors are the disk's.
  Result<SegmentCode> code_of(const data::ValueView& value);
  SegmentCode code_of_text(data::ValueType type, uint32_t text);
  /// Codes of the values of a whole dictionary in its order; kUnknown for long ones, which code_of() takes one by one.
  void codes_of(const data::ValueDictionary& dictionary, std::vector<SegmentCode>& codes);
  /// The same of values that are all short. Requires: codes.size() == values.size().
  void codes_of(std::span<const data::ValueView> values, std::span<SegmentCode> codes);
  static constexpr SegmentCode kUnknown = UINT32_MAX;
  /// Lifetime of the view: until the next new code.
  StoredValue stored(SegmentCode code) const;
  data::ValueType type_of(SegmentCode code) const {
    return (code & kTextCode) == 0 ? short_.view(code).type : long_[code & ~kTextCode].type;
  }
  TextWriter& texts() { return texts_; }
  uint64_t byte_size() const {
    return short_.byte_size() + long_.capacity() * sizeof(LongValue) + strings_.capacity() * sizeof(uint32_t) +
           others_.size() * kMapEntryBytes;
  }

 private:
  struct LongValue {
    data::ValueType type;
    uint32_t text;
  };
  TextWriter& texts_;
  data::ValueDictionary short_;
  std::vector<LongValue> long_;
  std::vector<uint32_t> strings_;                  // text -> index into long_ plus one; 0: no string has it
  std::unordered_map<uint64_t, uint32_t> others_;  // type and text -> index into long_, for other types
};

/// Dictionaries and the parts of columns that the stripe at hand has. Thread-confined.
class ColumnDictionaries {
 public:
  struct Column {
    ColumnId id;
    std::vector<SegmentCode> values;   // of the dictionary
    std::vector<uint32_t> counts;      // how often each occurs
    std::vector<SegmentCode> pending;  // of the stripe at hand
    bool has_slices = false;           // of its own: it is not rare in every stripe
    // Values that stand in stripes without dictionary, by type.
    std::array<uint64_t, data::kValueTypeLast + 1> direct{};
    uint64_t direct_count() const { return std::accumulate(direct.begin(), direct.end(), uint64_t{0}); }
  };

  /// Number of the column, made at the first call.
  uint32_t column_of(ColumnId id);
  /// True when it is the column's first value in the stripe at hand.
  bool add(uint32_t column, SegmentCode value) {
    columns_[column].pending.push_back(value);
    return columns_[column].pending.size() == 1;
  }
  /// So many values of the column stand elsewhere, whatever their types.
  void note_direct(uint32_t column, uint64_t count) {
    columns_[column].has_slices = true;
    columns_[column].direct[static_cast<size_t>(data::ValueType::kEmpty)] += count;
  }
  const Column& column(uint32_t number) const { return columns_[number]; }
  uint32_t column_count() const { return static_cast<uint32_t>(columns_.size()); }

  /// Appends what is pending, which is not nothing, as a slice of a stripe: by codes of the dictionary, or the values
  /// themselves where nearly all are new.
  void encode_pending(uint32_t column, const SegmentValues& values, Effort effort, std::string& out);
  /// Appends what is pending of a rare key as values, which then is no more: for those who write them elsewhere than in
  /// a slice of the column.
  void take_rare(uint32_t column, const SegmentValues& values, std::vector<StoredValue>& out);
  /// Of what stands in stripes without dictionary.
  ColumnFiltersWriter& filters() { return filters_; }
  const ColumnFiltersWriter& filters() const { return filters_; }
  uint64_t byte_size() const;

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  struct Place {
    uint32_t column = kNone;
    uint32_t code = 0;
  };
  uint32_t* find(uint32_t column, SegmentCode value);
  /// Most values occur in one column only: that one is found without a search.
  uint32_t find_or_add(uint32_t column, SegmentCode value) {
    const std::vector<Place>& first = first_[value >> kTextBit];
    const SegmentCode index = value & ~kTextCode;
    if (index < first.size() && first[index].column == column) [[likely]]
      return first[index].code;
    return find_further_or_add(column, value);
  }
  uint32_t find_further_or_add(uint32_t column, SegmentCode value);
  /// Where the value was first seen, made when it is not known yet.
  Place& first_place(SegmentCode value);
  void forget(uint32_t column, SegmentCode value);
  bool put_codes(uint32_t column, std::string& out);
  void take_pending(uint32_t column, const SegmentValues& values, std::vector<StoredValue>& out);

  std::vector<Column> columns_;
  std::unordered_map<uint64_t, uint32_t> numbers_;
  // Of a value, short ones and texts apart: the column it was first seen in, and its code there.
  std::array<std::vector<Place>, 2> first_;
  std::unordered_map<uint64_t, uint32_t> further_;  // column and value -> code, for all others
  std::vector<uint32_t> codes_;                     // of the slice at hand
  ColumnFiltersWriter filters_;
};

/// How a slice of values begins.
enum class SliceKind : uint8_t { kCodes = 0, kDirect = 1 };

}  // namespace sextant::persist
