// Rows of one segment on their way into another: codes of dictionaries become the codes of the segment being written,
// each once, without the values being put together.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "persist/segment/segment.h"
#include "persist/stripe/segment_tables.h"
#include "persist/stripe/stripe_reader.h"

namespace sextant::persist {

/// Thread-confined. Lifetime: not longer than contents and tables.
class SegmentTarget final : public ValueTarget {
 public:
  SegmentTarget(SegmentContents& contents, SegmentTables& tables);

  Result<uint32_t> coded(ColumnId id, const ColumnDictionary& dictionary, uint32_t code) override;
  Result<void> coded_all(ColumnId id, const ColumnDictionary& dictionary, std::span<uint32_t> codes) override;
  Result<uint32_t> direct(ColumnId id, const StoredValue& value) override;
  data::ShapeId shape(data::ShapeId shape) override;
  uint32_t resource(uint32_t index) override;
  uint32_t scope(uint32_t index) override;

 private:
  static constexpr uint32_t kUnknown = UINT32_MAX;
  void translate(const ColumnDictionary& dictionary, std::vector<SegmentCode>& codes);
  /// By the codes of the column's dictionary; kUnknown where take() was not asked yet.
  std::vector<SegmentCode>& codes_of(ColumnId id, const ColumnDictionary& dictionary);
  Result<SegmentCode> take(const StoredValue& value);
  Result<void> note_name(const StoredValue& value, SegmentCode code);

  SegmentContents& contents_;
  SegmentTables& tables_;
  RowSource globals_;  // shapes, resources and scopes of the other segment
  std::optional<TextSource> texts_;
  std::unordered_map<uint64_t, std::vector<SegmentCode>> codes_;  // by column, of its dictionary's codes
  uint64_t last_column_ = UINT64_MAX;
  std::vector<SegmentCode>* last_codes_ = nullptr;
};

}  // namespace sextant::persist
