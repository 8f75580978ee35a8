#include "data/model/span_tree.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/sys/random.h"
#include "tests/support/span_maker.h"

namespace sextant::data {
namespace {

std::vector<TreeInput> input_of(std::initializer_list<std::pair<uint64_t, uint64_t>> spans) {
  std::vector<TreeInput> input;
  for (const auto& [id, parent] : spans) input.push_back({testing::span_id(id), testing::span_id(parent)});
  return input;
}

std::vector<uint32_t> children_of(const SpanTree& tree, uint32_t node) {
  std::vector<uint32_t> children;
  for (uint32_t c = tree.nodes[node].first_child; c != SpanTree::kNone; c = tree.nodes[c].next_sibling) {
    children.push_back(c);
  }
  return children;
}

/// Every node is reached exactly once from the roots.
void expect_whole(const SpanTree& tree) {
  std::vector<int> visits(tree.nodes.size());
  std::vector<uint32_t> open = tree.roots;
  while (!open.empty()) {
    const uint32_t node = open.back();
    open.pop_back();
    ASSERT_EQ(++visits[node], 1);
    for (const uint32_t child : children_of(tree, node)) {
      EXPECT_EQ(tree.nodes[child].parent, node);
      open.push_back(child);
    }
  }
  EXPECT_EQ(std::ranges::count(visits, 1), static_cast<int64_t>(visits.size()));
}

TEST(Tree, KeepsOrderAmongSiblings) {
  const auto tree = build_tree(input_of({{1, 0}, {2, 1}, {3, 1}, {4, 2}, {5, 1}}));
  EXPECT_EQ(tree.roots, std::vector<uint32_t>{0});
  EXPECT_EQ(children_of(tree, 0), (std::vector<uint32_t>{1, 2, 4}));
  EXPECT_EQ(children_of(tree, 1), std::vector<uint32_t>{3});
  expect_whole(tree);
}

TEST(Tree, ParentMayComeAfterChild) {
  const auto tree = build_tree(input_of({{2, 1}, {1, 0}}));
  EXPECT_EQ(tree.roots, std::vector<uint32_t>{1});
  EXPECT_EQ(children_of(tree, 1), std::vector<uint32_t>{0});
}

TEST(Tree, MissingParentsStayAtTheRoot) {
  const auto tree = build_tree(input_of({{1, 0}, {2, 99}, {3, 2}}));
  EXPECT_EQ(tree.roots, (std::vector<uint32_t>{0, 1}));
  EXPECT_FALSE(tree.nodes[0].parent_missing);
  EXPECT_TRUE(tree.nodes[1].parent_missing);
  EXPECT_FALSE(tree.nodes[2].parent_missing);
  expect_whole(tree);
}

TEST(Tree, OwnParentsAndCirclesAreOpened) {
  const auto own = build_tree(input_of({{1, 1}}));
  EXPECT_EQ(own.roots, std::vector<uint32_t>{0});
  EXPECT_TRUE(own.nodes[0].parent_missing);

  const auto circle = build_tree(input_of({{10, 0}, {1, 3}, {2, 1}, {3, 2}, {4, 3}}));
  EXPECT_EQ(circle.roots, (std::vector<uint32_t>{0, 1}));
  EXPECT_TRUE(circle.nodes[1].parent_missing);
  expect_whole(circle);
}

TEST(Tree, AnyParentsGiveAWholeTree) {
  SeededRandom random(5);
  for (int round = 0; round < 300; ++round) {
    std::vector<TreeInput> input;
    const uint64_t count = 1 + random.below(40);
    for (uint64_t i = 1; i <= count; ++i)
      input.push_back({testing::span_id(i), testing::span_id(random.below(count + 3))});
    expect_whole(build_tree(input));
  }
}

TEST(Tree, AMillionDeep) {
  constexpr uint32_t kDepth = 1'000'000;
  std::vector<TreeInput> chain;
  for (uint64_t i = 1; i <= kDepth; ++i) chain.push_back({testing::span_id(i), testing::span_id(i - 1)});
  const auto tree = build_tree(chain);
  EXPECT_EQ(tree.roots, std::vector<uint32_t>{0});
  uint32_t depth = 0;
  for (uint32_t node = 0; node != SpanTree::kNone; node = tree.nodes[node].first_child) ++depth;
  EXPECT_EQ(depth, kDepth);

  chain.front().parent = testing::span_id(kDepth);  // one circle of a million
  EXPECT_EQ(build_tree(chain).roots, std::vector<uint32_t>{0});
}

TEST(Tree, NothingIsATree) {
  EXPECT_TRUE(build_tree({}).roots.empty());
}

}  // namespace
}  // namespace sextant::data
