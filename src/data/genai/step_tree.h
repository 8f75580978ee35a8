// The spans of one run as a tree, reduced to what sums need: who stands under whom, and whose tokens count.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/genai/words.h"
#include "data/model/dictionary.h"
#include "data/model/ids.h"
#include "data/model/run.h"

namespace sextant::data {

/// One span of a run. Spans that are no steps of an agent's are kOther: they still lead from child to parent.
struct StepNode {
  static constexpr uint32_t kNoUsage = UINT32_MAX;
  SpanId id;
  SpanId parent;
  uint32_t usage = kNoUsage;  // index into the usages of the run
  StepKind kind = StepKind::kOther;
  bool error = false;
};

/// Finds nodes by span id: few by looking at each, many by a table. Thread-confined value.
class StepNodes {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  uint32_t find(const SpanId& id) const;
  /// Index of the new node. Requires: find() gave kNone for its id.
  uint32_t add(const StepNode& node);

  uint32_t size() const { return static_cast<uint32_t>(nodes_.size()); }
  StepNode& operator[](uint32_t index) { return nodes_[index]; }
  const StepNode& operator[](uint32_t index) const { return nodes_[index]; }

 private:
  std::vector<StepNode> nodes_;
  CodeTable table_;  // empty while nodes_ is short
};

/// Value. Spans come from clients: parents may be missing, a span may be its own ancestor. Such a one is a root here.
struct StepTree {
  explicit StepTree(const StepNodes& nodes);

  std::vector<uint32_t> parent;          // StepNodes::kNone: a root
  std::vector<uint32_t> children_first;  // every node, each after all of its children
  std::vector<uint32_t> depths() const;
};

/// The tokens of a run, each counted once.
/// - A model call's usage counts, unless model calls directly below it report at least as much: then it is the same
///   call seen by an outer library, or their sum.
/// - Any other step's usage is the sum of what is below it; it counts only when nothing below it counted.
struct TokenSum {
  TokenCounts tokens;
  bool from_calls = false;  // at least one model call was counted
};
TokenSum sum_tokens(const StepNodes& nodes, const StepTree& tree, std::span<const TokenCounts> usages);

}  // namespace sextant::data
