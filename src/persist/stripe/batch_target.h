// Rows of stripes as an ordinary batch, with a dictionary of its own.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "persist/stripe/stripe_reader.h"

namespace sextant::persist {

/// Thread-confined. Lifetime: not longer than context and batch; all rows are of the context's segment.
class BatchTarget final : public ValueTarget {
 public:
  /// `value_bytes_max`: of attributes' strings and bytes that are longer, so many bytes will do; never less than what
  /// batches share. What is cut is noted in the batch.
  BatchTarget(StripeContext& context, data::Batch& out, uint64_t value_bytes_max = UINT64_MAX);

  Result<uint32_t> coded(ColumnId id, const ColumnDictionary& dictionary, uint32_t code) override;
  Result<uint32_t> direct(ColumnId id, const StoredValue& value) override;
  data::ShapeId shape(data::ShapeId shape) override;
  uint32_t resource(uint32_t index) override;
  uint32_t scope(uint32_t index) override;

  /// Bytes of blocks of texts that had to be unfolded.
  uint64_t text_bytes_unfolded() const { return texts_->unfolded_bytes(); }

 private:
  static constexpr uint32_t kUnknown = UINT32_MAX;
  Result<uint32_t> take(ColumnId id, const StoredValue& value);
  data::AttributeList copy_list(const data::AttributeList& list);
  data::ValueCode copy_text(data::ValueCode code);

  StripeContext& context_;
  data::Batch& out_;
  const uint64_t value_bytes_max_;
  std::unique_ptr<TextReading> texts_;
  std::unordered_map<uint64_t, uint32_t> known_texts_;  // type, text and whether it may be cut -> code
  std::vector<data::ShapeId> shapes_;
  std::vector<uint32_t> resources_;
  std::vector<uint32_t> scopes_;
};

}  // namespace sextant::persist
