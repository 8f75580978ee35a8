// The nested-set model of a trace: each span gets the numbers of when a walk through the tree, children in order,
// enters and leaves it. Who stands above, below or beside whom is then a comparison of numbers, without a walk: what
// TraceQL's structural operators and its intrinsics nestedSetLeft, nestedSetRight and nestedSetParent are about.
//
// They are derived from the tree whenever they are asked for: a span that arrives late changes the numbers of all that
// follow it.
#pragma once

#include <cstdint>
#include <vector>

#include "data/model/span_tree.h"

namespace sextant::data {

/// Parent's number of a span that names no parent: a root of the trace.
inline constexpr int32_t kNestedSetRoot = -1;
/// Of a span that names a parent which was not received, or which leads round in a circle: it is numbered as a tree of
/// its own, but is no root of the trace: `nestedSetParent<0` finds roots alone.
inline constexpr int32_t kNestedSetParentUnknown = 0;

/// Numbers of one span, from 1 to twice the spans of the trace, each given once. Value.
struct NestedSet {
  int32_t left = 0;    // when the walk enters the span
  int32_t right = 0;   // when it leaves: those of all spans below lie between
  int32_t parent = 0;  // left of the parent, or one of the two above

  bool operator==(const NestedSet&) const = default;
};

/// By node. The walk takes roots and siblings in the order of the tree's input: by start, then span id, to number a
/// trace as everyone does. Linear, needs no stack. Requires: less than 2^30 nodes.
std::vector<NestedSet> number_nested_sets(const SpanTree& tree);

}  // namespace sextant::data
