#include "data/model/nested_set.h"

#include "base/core/check.h"

namespace sextant::data {
namespace {

/// Thread-confined. Lifetime: not longer than the tree.
class Walk {
 public:
  explicit Walk(const SpanTree& tree) : nodes_(tree.nodes), sets_(tree.nodes.size()) {}

  void through(uint32_t root) {
    enter(root, nodes_[root].parent_missing ? kNestedSetParentUnknown : kNestedSetRoot);
    for (uint32_t node = root; node != SpanTree::kNone;) {
      if (const uint32_t child = nodes_[node].first_child; child != SpanTree::kNone) {
        enter(child, sets_[node].left);
        node = child;
      } else {
        node = next_of(node);
      }
    }
  }
  std::vector<NestedSet> take() { return std::move(sets_); }

 private:
  /// Leaves the node and all that it was the last child of, and enters what follows; kNone after the root.
  uint32_t next_of(uint32_t node) {
    leave(node);
    while (node != SpanTree::kNone && nodes_[node].next_sibling == SpanTree::kNone) {
      node = nodes_[node].parent;
      if (node != SpanTree::kNone) leave(node);
    }
    if (node == SpanTree::kNone) return node;
    const uint32_t sibling = nodes_[node].next_sibling;
    enter(sibling, sets_[node].parent);
    return sibling;
  }
  void enter(uint32_t node, int32_t parent) {
    sets_[node].left = ++last_;
    sets_[node].parent = parent;
  }
  void leave(uint32_t node) { sets_[node].right = ++last_; }

  const std::vector<SpanTree::Node>& nodes_;
  std::vector<NestedSet> sets_;
  int32_t last_ = 0;
};

}  // namespace

std::vector<NestedSet> number_nested_sets(const SpanTree& tree) {
  CHECK(tree.nodes.size() < size_t{1} << 30);
  Walk walk(tree);
  for (const uint32_t root : tree.roots) walk.through(root);
  return walk.take();
}

}  // namespace sextant::data
