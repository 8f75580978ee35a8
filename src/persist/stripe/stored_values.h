// Lists of typed values as bytes and back: the dictionary of a column, and the part of a column in one stripe where a
// dictionary does not pay. Format: docs/formats/segment.md, "Values".
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "data/model/value.h"
#include "persist/column/code_column.h"
#include "persist/column/int_column.h"
#include "persist/column/text_column.h"

namespace sextant::persist {

/// A value as a segment keeps it: a short one whole, a long one as the number of a text of the segment. Never owns.
struct StoredValue {
  data::ValueType type = data::ValueType::kEmpty;
  bool in_texts = false;
  int64_t number = 0;      // as ValueView::number; in_texts: the text's number
  std::string_view bytes;  // as ValueView::bytes; in_texts: none

  static StoredValue of(const data::ValueView& value) { return {value.type, false, value.number, value.bytes}; }
  static StoredValue text(data::ValueType type, uint32_t id) { return {type, true, id, {}}; }
  data::ValueView view() const { return {type, number, bytes}; }
  bool operator==(const StoredValue&) const = default;
};

void encode_values(std::span<const StoredValue> values, Effort effort, std::string& out);

/// Immutable. Lifetime: not longer than the bytes.
class ValueColumn {
 public:
  /// kDataLoss when the bytes are not what encode_values() makes of `count` values, or name a text that is not below
  /// `text_count`.
  static Result<ValueColumn> open(std::string_view bytes, uint32_t count, uint32_t text_count);

  uint32_t size() const { return count_; }
  /// What one who asks for single values one after the other keeps meanwhile. Value; of one column.
  struct Scratch {
    std::string bytes;
    uint8_t tag = 0;  // of the texts that were unfolded
    TextColumn::Unfolded unfolded;
  };
  /// `scratch` keeps the bytes of the answer. kDataLoss where they do not unfold.
  Result<StoredValue> at(uint32_t index, Scratch& scratch) const;
  /// All values in order. Lifetime of the views: the call.
  Result<void> read(const std::function<void(uint32_t, const StoredValue&)>& visit) const;

 private:
  /// Type and place of a value in one number.
  static constexpr size_t kTags = (size_t{data::kValueTypeLast} + 1) * 2;
  struct Part {
    uint8_t tag = 0;
    uint32_t count = 0;
    std::optional<IntColumn> numbers;
    std::optional<TextColumn> texts;
  };
  Result<void> open_parts(std::span<const uint32_t> counts, std::string_view bytes, uint32_t text_count);
  Result<void> open_part(Part& part, std::string_view bytes, uint32_t text_count) const;
  const Part& part_of(uint8_t tag) const;

  uint32_t count_ = 0;
  uint8_t single_tag_ = 0;      // of all values, when tags_ is empty
  std::vector<uint8_t> tags_;   // of each value
  std::vector<uint32_t> rank_;  // of each value among those with its tag
  std::vector<Part> parts_;     // of the tags that occur, ascending: one as a rule
};

/// Some values of a column that follow each other. Lifetime: not longer than the column's bytes.
class DirectValues {
 public:
  explicit DirectValues(ValueColumn&& column)
      : column_(std::make_shared<const ValueColumn>(std::move(column))), count_(column_->size()) {}
  /// `scratch` is used instead of that of those who ask.
  DirectValues(std::shared_ptr<const ValueColumn> column, uint32_t begin, uint32_t count,
               std::shared_ptr<ValueColumn::Scratch> scratch)
      : column_(std::move(column)), scratch_(std::move(scratch)), begin_(begin), count_(count) {}

  uint32_t size() const { return count_; }
  /// As ValueColumn's.
  Result<StoredValue> at(uint32_t index, ValueColumn::Scratch& scratch) const {
    return column_->at(begin_ + index, scratch_ ? *scratch_ : scratch);
  }
  Result<void> read(const std::function<void(uint32_t, const StoredValue&)>& visit) const;

 private:
  std::shared_ptr<const ValueColumn> column_;
  std::shared_ptr<ValueColumn::Scratch> scratch_;
  uint32_t begin_ = 0;
  uint32_t count_ = 0;
};

}  // namespace sextant::persist
