// The tree of a trace from its spans' parent ids, whatever these say: parents that never came, several roots, spans
// that are their own parent or go round in a circle, ids that several spans have. A million spans deep costs no stack.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/model/ids.h"

namespace sextant::data {

/// What the tree is made of, one entry a node, in the order in which siblings shall stand.
struct TreeInput {
  SpanId id;  // of several entries with the same one, the first is whom children mean
  SpanId parent;
};

/// Value. Indices refer to the input.
struct SpanTree {
  static constexpr uint32_t kNone = UINT32_MAX;

  struct Node {
    uint32_t parent = kNone;
    uint32_t first_child = kNone;
    uint32_t next_sibling = kNone;
    bool parent_missing = false;  // names a parent, but that was not received, or following parents leads back here
    bool circle_opened = false;   // the latter: the parent is there, but not above this node
  };
  std::vector<Node> nodes;
  std::vector<uint32_t> roots;  // in input order
};

SpanTree build_tree(std::span<const TreeInput> spans);

}  // namespace sextant::data
