// What the rows of a segment being written share: keys, shapes, resources, scopes, values; and how the codes of a batch
// become theirs.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/core/result.h"
#include "data/model/batch.h"
#include "persist/stripe/segment_values.h"

namespace sextant::persist {

/// Thread-confined. Lifetime: not longer than the texts.
class SegmentTables {
 public:
  explicit SegmentTables(TextWriter& texts) : values_(texts) {}

  /// Keys, shapes, resources and scopes, as a batch without spans; its values are those of resources and scopes alone.
  const data::Batch& globals() const { return globals_; }
  SegmentValues& values() { return values_; }
  const SegmentValues& values() const { return values_; }
  ColumnDictionaries& dictionaries() { return dictionaries_; }
  const ColumnDictionaries& dictionaries() const { return dictionaries_; }

  /// Shape of the same keys, resource and scope of the same content, here.
  data::ShapeId shape_of(const data::Batch& batch, data::ShapeId shape);
  /// A key, and a list longer by one, here.
  data::KeyCode key_of(std::string_view key) { return globals_.keys.intern(key); }
  data::ShapeId shape_with(data::ShapeId shape, data::KeyCode key) { return globals_.shapes.extend(shape, key); }
  uint32_t resource_of(const data::Batch& batch, uint32_t index);
  uint32_t scope_of(const data::Batch& batch, uint32_t index);
  /// Numbers of the columns that hold the values of lists of a shape, in the order of its keys.
  const std::vector<uint32_t>& columns_of(ColumnFamily family, data::ShapeId shape);
  /// Names of spans that lie among the texts are remembered, as many as lists of names show.
  void note_name(SegmentCode code, std::string_view text);
  /// The text of a span's name; of one that was not remembered: nothing.
  std::optional<std::string_view> name_text(SegmentCode code) const;
  /// Number of the column of a field that holds values: found without a search.
  uint32_t column_of_field(ColumnId id) {
    auto& known = fields_[static_cast<size_t>(id.family)][id.number];
    if (known == kUnknown) known = dictionaries_.column_of(id);
    return known;
  }
  uint64_t byte_size() const;

 private:
  static constexpr uint32_t kUnknown = UINT32_MAX;
  static constexpr size_t kFieldsMax = 32;
  using FieldColumns = std::array<uint32_t, kFieldsMax>;
  static constexpr FieldColumns kNoFields = [] {
    FieldColumns none{};
    none.fill(kUnknown);
    return none;
  }();
  data::AttributeList copy_list(const data::Batch& batch, const data::AttributeList& list);

  data::Batch globals_;
  SegmentValues values_;
  ColumnDictionaries dictionaries_;
  std::unordered_map<SegmentCode, std::string> long_names_;
  std::unordered_map<std::string, uint32_t> resources_;  // by content
  std::unordered_map<std::string, uint32_t> scopes_;
  std::array<std::vector<std::vector<uint32_t>>, kColumnFamilyLast + 1> columns_;  // by family and shape
  std::array<FieldColumns, kColumnFamilyLast + 1> fields_{kNoFields, kNoFields, kNoFields,
                                                          kNoFields, kNoFields, kNoFields};  // by family and field
};

/// Rows of a batch on their way into a segment: translates each code of the batch once. Thread-confined.
/// Lifetime: not longer than batch and tables.
class RowSource {
 public:
  enum class Codes : uint8_t {
    kOfBatch,    // codes are the batch's own
    kOfSegment,  // codes are the segment's already: the batch was read from another segment
  };
  RowSource(const data::Batch& batch, SegmentTables& tables, Codes codes = Codes::kOfBatch);

  const data::Batch& batch() const { return *batch_; }
  SegmentTables& tables() { return *tables_; }

  /// The segment's code of a value; kUnknown for a text that was not looked for yet, which then find_value() does.
  SegmentCode known_value(data::ValueCode code) const { return codes_ == Codes::kOfSegment ? code : values_[code]; }
  Result<SegmentCode> find_value(data::ValueCode code);
  data::ShapeId shape(data::ShapeId shape) {
    if (codes_ == Codes::kOfSegment) return shape;
    return shapes_[shape] != kUnknown ? shapes_[shape] : find_shape(shape);
  }
  uint32_t resource(uint32_t index);
  uint32_t scope(uint32_t index);
  /// A name whose code is of a text: where the batch has it, it is remembered.
  void note_name(SegmentCode code, data::ValueCode name) {
    if (codes_ == Codes::kOfBatch) tables_->note_name(code, batch_->values.text(name));
  }

 private:
  static constexpr uint32_t kUnknown = SegmentValues::kUnknown;
  data::ShapeId find_shape(data::ShapeId shape);

  const data::Batch* batch_;
  SegmentTables* tables_;
  Codes codes_;
  std::vector<SegmentCode> values_;
  std::vector<data::KeyCode> keys_;
  std::vector<data::ShapeId> shapes_;
  std::vector<data::ShapeId> path_;  // of find_shape(), kept for the next call
  std::vector<uint32_t> resources_;
  std::vector<uint32_t> scopes_;
};

}  // namespace sextant::persist
