#include "data/model/span_tree.h"

#include <algorithm>
#include <unordered_map>

namespace sextant::data {
namespace {

using Node = SpanTree::Node;

/// Sets each node's parent from the ids; a parent that is not there or the span itself leaves it at the root.
void link_parents(std::span<const TreeInput> spans, std::vector<Node>& nodes) {
  std::unordered_map<SpanId, uint32_t, IdHash> places;
  places.reserve(spans.size());
  for (uint32_t i = 0; i < spans.size(); ++i) places.emplace(spans[i].id, i);
  for (uint32_t i = 0; i < spans.size(); ++i) {
    if (spans[i].parent.is_zero()) continue;
    const auto parent = places.find(spans[i].parent);
    if (parent == places.end() || parent->second == i) {
      nodes[i].parent_missing = true;
      nodes[i].circle_opened = parent != places.end();
    } else {
      nodes[i].parent = parent->second;
    }
  }
}

/// Opens every circle of parents at its first node in input order.
void break_circles(std::vector<Node>& nodes) {
  enum class Seen : uint8_t { kNo, kOnThisPath, kDone };
  std::vector<Seen> seen(nodes.size(), Seen::kNo);
  std::vector<uint32_t> path;
  for (uint32_t start = 0; start < nodes.size(); ++start) {
    path.clear();
    uint32_t at = start;
    while (at != SpanTree::kNone && seen[at] == Seen::kNo) {
      seen[at] = Seen::kOnThisPath;
      path.push_back(at);
      at = nodes[at].parent;
    }
    if (at != SpanTree::kNone && seen[at] == Seen::kOnThisPath) {
      const auto circle = std::ranges::find(path, at);
      const uint32_t first = *std::min_element(circle, path.end());
      nodes[first].parent = SpanTree::kNone;
      nodes[first].parent_missing = true;
      nodes[first].circle_opened = true;
    }
    for (const uint32_t node : path) seen[node] = Seen::kDone;
  }
}

}  // namespace

SpanTree build_tree(std::span<const TreeInput> spans) {
  SpanTree tree;
  tree.nodes.resize(spans.size());
  link_parents(spans, tree.nodes);
  break_circles(tree.nodes);
  // From last to first, so that each list of children comes out in input order.
  for (auto i = static_cast<uint32_t>(spans.size()); i > 0; --i) {
    Node& node = tree.nodes[i - 1];
    if (node.parent == SpanTree::kNone) continue;
    Node& parent = tree.nodes[node.parent];
    node.next_sibling = parent.first_child;
    parent.first_child = i - 1;
  }
  for (uint32_t i = 0; i < spans.size(); ++i) {
    if (tree.nodes[i].parent == SpanTree::kNone) tree.roots.push_back(i);
  }
  return tree;
}

}  // namespace sextant::data
