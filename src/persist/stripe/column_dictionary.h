// The dictionary of a column as it is read: what its codes stand for. Format: docs/formats/segment.md, "Dictionaries".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "persist/format/bytes.h"
#include "persist/stripe/segment_values.h"

namespace sextant::persist {

/// Immutable after construction.
class ColumnDictionary {
 public:
  ColumnDictionary() = default;

  uint32_t size() const { return static_cast<uint32_t>(entries_.size()); }
  /// Requires: code < size(). Lifetime of the view: that of the dictionary.
  StoredValue value(uint32_t code) const {
    const Entry& entry = entries_[code];
    return {entry.type, entry.in_texts, entry.number, std::string_view(arena_).substr(entry.offset, entry.size)};
  }
  /// The code of a short value; nothing when the dictionary does not have it.
  std::optional<uint32_t> find(const data::ValueView& value) const;
  /// How often each code occurs in the segment.
  const std::vector<uint64_t>& counts() const { return counts_; }
  /// Values of the column that stand in stripes without the dictionary.
  uint64_t direct() const { return direct_; }
  uint64_t byte_size() const {
    return sizeof(*this) + entries_.capacity() * sizeof(Entry) + arena_.capacity() + counts_.capacity() * 8;
  }

  static void encode(const ColumnDictionaries::Column& column, const SegmentValues& values, Effort effort,
                     std::string& out);
  /// What encode() appended, `bytes` being exactly that. kDataLoss otherwise.
  static Result<ColumnDictionary> decode(std::string_view bytes, uint32_t text_count);

 private:
  struct Entry {
    int64_t number = 0;
    uint64_t offset = 0;
    uint32_t size = 0;
    data::ValueType type = data::ValueType::kEmpty;
    bool in_texts = false;
  };
  std::vector<Entry> entries_;
  std::string arena_;
  std::vector<uint64_t> counts_;
  uint64_t direct_ = 0;
};

}  // namespace sextant::persist
