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
  BatchTarget(StripeContext& context, data::Batch& out);

  Result<uint32_t> coded(ColumnId id, const ColumnDictionary& dictionary, uint32_t code) override;
  Result<uint32_t> direct(const StoredValue& value) override;
  data::ShapeId shape(data::ShapeId shape) override;
  uint32_t resource(uint32_t index) override;
  uint32_t scope(uint32_t index) override;

 private:
  static constexpr uint32_t kUnknown = UINT32_MAX;
  Result<uint32_t> take(const StoredValue& value);
  data::AttributeList copy_list(const data::AttributeList& list);
  data::ValueCode copy_text(data::ValueCode code);

  StripeContext& context_;
  data::Batch& out_;
  std::unordered_map<uint64_t, uint32_t> texts_;  // type and text -> code
  std::vector<data::ShapeId> shapes_;
  std::vector<uint32_t> resources_;
  std::vector<uint32_t> scopes_;
};

}  // namespace sextant::persist
