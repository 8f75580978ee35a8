#include "data/model/nested_set.h"

#include <gtest/gtest.h>

#include "base/sys/random.h"
#include "tests/support/span_maker.h"

namespace sextant::data {
namespace {

using Spans = std::vector<TreeInput>;

/// Each span as {id, parent}; 0: none.
Spans spans_of(std::initializer_list<std::pair<uint64_t, uint64_t>> spans) {
  Spans input;
  for (const auto& [id, parent] : spans) input.push_back({testing::span_id(id), testing::span_id(parent)});
  return input;
}

std::vector<NestedSet> numbers_of(const Spans& spans) {
  return number_nested_sets(build_tree(spans));
}

/// The same by the definition: each span looks for its parent among all, circles are walked around, and the numbers are
/// those of a recursion.
class NaiveNumbers {
 public:
  explicit NaiveNumbers(const Spans& spans) : spans_(spans), sets_(spans.size()) {
    for (size_t i = 0; i < spans.size(); ++i) {
      if (parent_of(i) == kNobody) visit(i, spans[i].parent.is_zero() ? -1 : 0);
    }
  }
  const std::vector<NestedSet>& sets() const { return sets_; }

 private:
  static constexpr size_t kNobody = SIZE_MAX;

  size_t named_by(size_t i) const {
    for (size_t j = 0; j < spans_.size() && !spans_[i].parent.is_zero(); ++j) {
      if (spans_[j].id == spans_[i].parent) return j;
    }
    return kNobody;
  }
  /// Of the spans of a circle, the first stands at the root.
  size_t parent_of(size_t i) const {
    size_t at = named_by(i);
    bool first = true;
    for (size_t steps = 0; at != kNobody && at != i && steps < spans_.size(); ++steps) {
      first = first && at > i;
      at = named_by(at);
    }
    return at == i && first ? kNobody : named_by(i);
  }
  void visit(size_t i, int32_t parent) {
    sets_[i].parent = parent;
    sets_[i].left = ++last_;
    for (size_t j = 0; j < spans_.size(); ++j) {
      if (parent_of(j) == i) visit(j, sets_[i].left);
    }
    sets_[i].right = ++last_;
  }

  const Spans& spans_;
  std::vector<NestedSet> sets_;
  int32_t last_ = 0;
};

/// Every number from 1 to twice the spans is given once, and sets lie within each other or apart.
void expect_well_formed(const std::vector<NestedSet>& sets) {
  std::vector<int32_t> opened(sets.size() * 2 + 1, -1);  // by left: the span
  std::vector<int32_t> closed(sets.size() * 2 + 1, -1);
  for (size_t i = 0; i < sets.size(); ++i) {
    ASSERT_LT(sets[i].left, sets[i].right);
    ASSERT_GE(sets[i].left, 1);
    ASSERT_LE(static_cast<size_t>(sets[i].right), sets.size() * 2);
    opened[sets[i].left] = static_cast<int32_t>(i);
    closed[sets[i].right] = static_cast<int32_t>(i);
  }
  std::vector<int32_t> open;
  for (size_t number = 1; number < opened.size(); ++number) {
    ASSERT_NE(opened[number] >= 0, closed[number] >= 0) << number;
    if (opened[number] >= 0) {
      const int32_t parent = sets[opened[number]].parent;
      EXPECT_EQ(open.empty(), parent <= 0);
      if (!open.empty()) {
        EXPECT_EQ(parent, sets[open.back()].left);
      }
      open.push_back(opened[number]);
    } else {
      ASSERT_EQ(open.back(), closed[number]);
      open.pop_back();
    }
  }
}

TEST(NestedSet, NumbersAWalk) {
  EXPECT_EQ(numbers_of(spans_of({{1, 0}, {2, 1}, {3, 1}, {4, 2}, {5, 1}})),
            (std::vector<NestedSet>{{1, 10, -1}, {2, 5, 1}, {6, 7, 1}, {3, 4, 2}, {8, 9, 1}}));
}

TEST(NestedSet, CountsOnFromRootToRoot) {
  EXPECT_EQ(numbers_of(spans_of({{1, 0}, {2, 0}, {3, 1}, {4, 2}})),
            (std::vector<NestedSet>{{1, 4, -1}, {5, 8, -1}, {2, 3, 1}, {6, 7, 5}}));
}

TEST(NestedSet, OrphansAreTreesButNoRoots) {
  EXPECT_EQ(numbers_of(spans_of({{1, 0}, {2, 99}, {3, 2}})),
            (std::vector<NestedSet>{{1, 2, kNestedSetRoot}, {3, 6, kNestedSetParentUnknown}, {4, 5, 3}}));
}

TEST(NestedSet, CirclesAndOwnParents) {
  EXPECT_EQ(numbers_of(spans_of({{1, 1}})), (std::vector<NestedSet>{{1, 2, 0}}));
  EXPECT_EQ(numbers_of(spans_of({{10, 0}, {1, 3}, {2, 1}, {3, 2}, {4, 3}})),
            (std::vector<NestedSet>{{1, 2, -1}, {3, 10, 0}, {4, 9, 3}, {5, 8, 4}, {6, 7, 5}}));
}

TEST(NestedSet, OfSeveralSpansWithOneIdTheFirstHasTheChildren) {
  EXPECT_EQ(numbers_of(spans_of({{1, 0}, {2, 1}, {2, 1}, {3, 2}, {2, 2}})),
            (std::vector<NestedSet>{{1, 10, -1}, {2, 7, 1}, {8, 9, 1}, {3, 4, 2}, {5, 6, 2}}));
}

TEST(NestedSet, OfNothing) {
  EXPECT_TRUE(numbers_of({}).empty());
}

TEST(NestedSet, AnyParentsAsByDefinition) {
  SeededRandom random(11);
  for (int round = 0; round < 1000; ++round) {
    // Few ids: many copies and circles. Some more to be named: orphans.
    const uint64_t count = 1 + random.below(24);
    const uint64_t ids = 1 + random.below(2 * count);
    Spans spans;
    for (uint64_t i = 0; i < count; ++i) {
      const uint64_t id = random.below(4) == 0 ? 1 + random.below(ids) : i + 1;
      spans.push_back({testing::span_id(id), testing::span_id(random.below(ids + 3))});
    }
    const std::vector<NestedSet> sets = numbers_of(spans);
    expect_well_formed(sets);
    EXPECT_EQ(sets, NaiveNumbers(spans).sets()) << "round " << round;
  }
}

TEST(NestedSet, AMillionDeepAndAMillionWide) {
  constexpr int32_t kSpans = 1'000'000;
  Spans chain;
  Spans star;
  for (uint64_t i = 1; i <= kSpans; ++i) {
    chain.push_back({testing::span_id(i), testing::span_id(i - 1)});
    star.push_back({testing::span_id(i), testing::span_id(i == 1 ? 0 : 1)});
  }
  const std::vector<NestedSet> deep = numbers_of(chain);
  EXPECT_EQ(deep.front(), (NestedSet{1, 2 * kSpans, -1}));
  EXPECT_EQ(deep.back(), (NestedSet{kSpans, kSpans + 1, kSpans - 1}));
  const std::vector<NestedSet> wide = numbers_of(star);
  EXPECT_EQ(wide.front(), (NestedSet{1, 2 * kSpans, -1}));
  EXPECT_EQ(wide.back(), (NestedSet{2 * kSpans - 2, 2 * kSpans - 1, 1}));

  chain.front().parent = testing::span_id(kSpans);  // one circle of a million
  EXPECT_EQ(numbers_of(chain).front(), (NestedSet{1, 2 * kSpans, 0}));
}

}  // namespace
}  // namespace sextant::data
