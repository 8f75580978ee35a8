// Rows of a batch as the columns that an aggregation takes. What keys, shapes and values of the batch mean is found out
// once for the batch, not once a row.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/model/batch.h"
#include "persist/scan/aggregation.h"

namespace sextant::persist {

/// Finds an attribute in the lists of one batch. Thread-confined. Lifetime: not longer than the batch.
class AttributeColumn {
 public:
  AttributeColumn(const data::Batch& batch, const data::SpanColumn& column);

  static constexpr data::ValueCode kAbsent = data::CodeTable::kNone;
  /// Code of the row's value in the batch, or kAbsent.
  data::ValueCode at(uint32_t row) {
    if (key_ == data::CodeTable::kNone) return kAbsent;
    if (scope_ == data::AttributeScope::kScope) return in(batch_.scopes[batch_.spans.scope[row]].attributes);
    if (scope_ != data::AttributeScope::kResource) {
      const data::ValueCode code = in(batch_.spans.attributes[row]);
      if (code != kAbsent || scope_) return code;
    }
    return in(batch_.resources[batch_.spans.resource[row]].attributes);
  }

 private:
  static constexpr uint32_t kUnknown = UINT32_MAX;
  static constexpr uint32_t kNowhere = UINT32_MAX - 1;
  data::ValueCode in(const data::AttributeList& list) {
    uint32_t& place = places_[list.shape];
    if (place == kUnknown) [[unlikely]]
      place = find(list.shape);
    return place == kNowhere ? kAbsent : batch_.attribute_values[list.values_begin + place];
  }
  uint32_t find(data::ShapeId shape) const;

  const data::Batch& batch_;
  const std::optional<data::AttributeScope> scope_;
  const data::KeyCode key_;
  std::vector<uint32_t> places_;  // [shape]: which of its values is under the key
};

/// Thread-confined. Lifetime: not longer than plan, batch and values.
class BatchColumns {
 public:
  BatchColumns(const AggregatePlan& plan, const data::Batch& batch, GroupValues& values);

  /// Writes the rows' columns over what stands in `out`.
  void read(std::span<const uint32_t> rows, AggregateRows& out);

 private:
  void read_group(size_t column, std::span<const uint32_t> rows, std::vector<uint32_t>& out);
  void read_measure(size_t measure, std::span<const uint32_t> rows, std::vector<double>& out);
  uint32_t code_of_value(data::ValueCode code);
  uint32_t code_of_service(uint32_t resource);

  const AggregatePlan& plan_;
  const data::Batch& batch_;
  GroupValues& values_;
  std::vector<AttributeColumn> groups_;      // as AggregateSpec::by; unused where that is no attribute
  std::vector<AttributeColumn> measures_;    // as AggregatePlan::measures
  std::vector<uint32_t> codes_of_values_;    // [value code of the batch]; kUnknown: not asked for yet
  std::vector<uint32_t> codes_of_services_;  // [resource]
};

}  // namespace sextant::persist
