#include "data/genai/step_tree.h"

#include "data/genai/limits.h"

namespace sextant::data {
namespace {

uint64_t hash_of(const SpanId& id) {
  return IdHash{}(id);
}

bool is_model_call(StepKind kind) {
  return kind == StepKind::kModel || kind == StepKind::kEmbeddings;
}

bool covers(const TokenCounts& whole, const TokenCounts& part) {
  return whole.known && part.input <= whole.input && part.output <= whole.output;
}

/// Sums of the nodes below one.
struct Below {
  TokenCounts counted;
  TokenCounts direct;  // model calls with neither agent nor tool in between
};

}  // namespace

uint32_t StepNodes::find(const SpanId& id) const {
  if (nodes_.size() <= kRunSpansListed) {
    for (uint32_t i = 0; i < nodes_.size(); ++i) {
      if (nodes_[i].id == id) return i;
    }
    return kNone;
  }
  const uint32_t found = table_.find(hash_of(id), [&](uint32_t index) { return nodes_[index].id == id; });
  return found == CodeTable::kNone ? kNone : found;
}

uint32_t StepNodes::add(const StepNode& node) {
  constexpr size_t kFirstNodes = 16;
  const uint32_t index = size();
  if (index == 0) nodes_.reserve(kFirstNodes);  // a run has several: not one allocation for each of the first
  nodes_.push_back(node);
  if (nodes_.size() == kRunSpansListed + 1) {
    for (uint32_t i = 0; i < index; ++i) table_.insert(hash_of(nodes_[i].id), i);
  }
  if (nodes_.size() > kRunSpansListed) table_.insert(hash_of(node.id), index);
  return index;
}

StepTree::StepTree(const StepNodes& nodes) : parent(nodes.size(), StepNodes::kNone) {
  std::vector<uint32_t> pending(nodes.size(), 0);  // children not yet in the order
  for (uint32_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].parent.is_zero() || nodes[i].parent == nodes[i].id) continue;
    parent[i] = nodes.find(nodes[i].parent);
    if (parent[i] != StepNodes::kNone) ++pending[parent[i]];
  }
  children_first.reserve(nodes.size());
  for (uint32_t i = 0; i < nodes.size(); ++i) {
    if (pending[i] == 0) children_first.push_back(i);
  }
  for (size_t next = 0; next < children_first.size(); ++next) {
    const uint32_t above = parent[children_first[next]];
    if (above != StepNodes::kNone && --pending[above] == 0) children_first.push_back(above);
  }
  // What is left stands in a ring of parents: each is cut loose.
  for (uint32_t i = 0; i < nodes.size(); ++i) {
    if (pending[i] == 0) continue;
    parent[i] = StepNodes::kNone;
    children_first.push_back(i);
  }
}

std::vector<uint32_t> StepTree::depths() const {
  std::vector<uint32_t> depth(parent.size(), 0);
  for (size_t i = children_first.size(); i > 0; --i) {
    const uint32_t node = children_first[i - 1];
    if (parent[node] != StepNodes::kNone) depth[node] = depth[parent[node]] + 1;
  }
  return depth;
}

TokenSum sum_tokens(const StepNodes& nodes, const StepTree& tree, std::span<const TokenCounts> usages) {
  TokenSum sum;
  if (usages.empty()) return sum;
  std::vector<Below> below(nodes.size());
  for (uint32_t i : tree.children_first) {
    Below& own = below[i];
    const StepNode& node = nodes[i];
    const bool has_usage = node.usage != StepNode::kNoUsage;
    if (is_model_call(node.kind)) {
      if (has_usage && !covers(own.direct, usages[node.usage])) {
        own.counted.add(usages[node.usage]);
        own.direct.add(usages[node.usage]);
        sum.from_calls = true;
      }
    } else {
      if (has_usage && !own.counted.known) own.counted = usages[node.usage];
      if (node.kind != StepKind::kOther) own.direct = {};
    }
    if (tree.parent[i] == StepNodes::kNone) {
      sum.tokens.add(own.counted);
      continue;
    }
    Below& above = below[tree.parent[i]];
    above.counted.add(own.counted);
    above.direct.add(own.direct);
  }
  return sum;
}

}  // namespace sextant::data
