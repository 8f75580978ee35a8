// Whether a span satisfies a filter, and whether a block can hold one that does.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "data/model/batch.h"
#include "data/model/scan.h"
#include "persist/segment/segment_index.h"

namespace sextant::persist {

/// Tests spans of one batch. What the batch's keys and shapes mean for the filter is found out once. Thread-confined.
/// Lifetime: not longer than filter and batch.
class SpanMatcher {
 public:
  SpanMatcher(const data::SpanFilter& filter, const data::Batch& batch);

  bool matches(uint32_t row) const { return holds(0, row); }

 private:
  /// A filter node; its children stand behind one another in `children_`.
  struct Node {
    const data::SpanFilter* filter;
    uint32_t children_begin = 0;
    uint32_t children_end = 0;
    data::KeyCode key = data::CodeTable::kNone;  // kAttribute: the key in this batch
  };
  uint32_t add(const data::SpanFilter& filter);
  bool holds(uint32_t node, uint32_t row) const;
  bool condition_holds(const Node& node, uint32_t row) const;
  bool attribute_holds(const Node& node, uint32_t row) const;
  std::optional<data::ValueView> first_value(const data::AttributeList& list, data::KeyCode key) const;

  const data::Batch& batch_;
  std::vector<Node> nodes_;
  std::vector<uint32_t> children_;
};

/// Compares as data::Condition says. Requires: op is not kExists.
bool compare_values(const data::ValueView& value, data::CompareOp op, const data::ValueView& literal);

/// False when no span of the batch can satisfy the filter: a key or a value is not in its dictionary.
bool batch_may_match(const data::SpanFilter& filter, const data::Batch& batch);
/// False when no span of the block can satisfy the filter.
bool block_may_match(const data::SpanFilter& filter, const BlockZone& zone, const SegmentIndex& index);
/// True when the run, summed up over all its parts, satisfies the conditions on runs.
bool run_matches(const data::RunFilter& filter, const data::RunSummary& run);

}  // namespace sextant::persist
