// The kernel over columns made by hand: what it says, and that parts summed up apart merge into the whole.
#include "persist/scan/aggregation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/sys/random.h"

namespace sextant::persist {
namespace {

using data::AggregateCall;
using data::AggregateEnd;
using data::AggregateFunction;
using data::AggregateSpec;
using data::AttributeScope;
using data::SpanColumn;
using data::SpanField;
using data::ValueView;

const SpanColumn kDuration{SpanField::kDuration, std::nullopt, {}};

AggregateCall call(AggregateFunction function, std::optional<SpanColumn> of = kDuration) {
  return {function, std::move(of), 0.5, {}};
}

AggregateSpec every_function() {
  AggregateSpec spec;
  spec.by = {{SpanField::kName, {}, {}}, {SpanField::kAttribute, {}, "k"}};
  spec.step_nanos = 100;
  spec.calls = {call(AggregateFunction::kCount, std::nullopt),
                call(AggregateFunction::kCount),
                call(AggregateFunction::kSum),
                call(AggregateFunction::kMin),
                call(AggregateFunction::kMax),
                call(AggregateFunction::kAvg),
                {AggregateFunction::kQuantile, kDuration, 0.9, {}},
                {AggregateFunction::kHistogram, kDuration, 0, {0, 10, 20.5}},
                call(AggregateFunction::kMax, SpanColumn{SpanField::kAttribute, {}, "n"})};
  return spec;
}

/// Rows drawn at random, with codes of that aggregation.
AggregateRows random_rows(SeededRandom& random, Aggregation& into) {
  AggregateRows rows;
  rows.count = static_cast<uint32_t>(random.below(50));
  rows.groups.resize(2);
  rows.measures.resize(2);
  for (uint32_t i = 0; i < rows.count; ++i) {
    rows.groups[0].push_back(into.values().intern(ValueView::string("name " + std::to_string(random.below(3)))));
    rows.groups[1].push_back(random.below(3) == 0 ? GroupValues::kMissing
                                                  : into.values().intern(ValueView::integer(int64_t(random.below(3)))));
    rows.starts.push_back(random.below(5) == 0 ? UINT64_MAX - random.below(300) : random.below(400));
    for (auto& measure : rows.measures) {
      measure.push_back(random.below(3) == 0 ? AggregateRows::kAbsent : static_cast<double>(random.below(40)) - 5);
    }
  }
  return rows;
}

void expect_same(const AggregateEnd& a, const AggregateEnd& b) {
  ASSERT_EQ(a.rows, b.rows);
  EXPECT_EQ(a.steps, b.steps);
  EXPECT_EQ(a.groups_found, b.groups_found);
  for (size_t column = 0; column < a.groups.size(); ++column) {
    for (uint32_t row = 0; row < a.rows; ++row) {
      EXPECT_TRUE(a.values.view(a.groups[column][row]) == b.values.view(b.groups[column][row])) << row;
    }
  }
  for (size_t column = 0; column < a.columns.size(); ++column) {
    EXPECT_EQ(a.columns[column].buckets, b.columns[column].buckets);
    ASSERT_EQ(a.columns[column].numbers.size(), b.columns[column].numbers.size());
    for (size_t row = 0; row < a.columns[column].numbers.size(); ++row) {
      const double left = a.columns[column].numbers[row];
      const double right = b.columns[column].numbers[row];
      EXPECT_TRUE(left == right || (std::isnan(left) && std::isnan(right))) << column << " " << left << " " << right;
    }
  }
}

TEST(Aggregation, PartsMergeIntoTheWhole) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    SeededRandom random(seed);
    AggregateSpec spec = every_function();
    spec.order_call = static_cast<uint32_t>(random.below(7));
    if (random.below(2) == 0) spec.groups_max = 2;
    const auto plan = AggregatePlan::make(spec);
    ASSERT_TRUE(plan.has_value());
    Aggregation whole(*plan);
    std::vector<Aggregation> parts;
    for (uint64_t i = 1 + random.below(4); i > 0; --i) {
      Aggregation& part = parts.emplace_back(*plan);
      // Codes of the part differ from those of the whole.
      part.values().intern(ValueView::integer(static_cast<int64_t>(i)));
      for (uint64_t rounds = random.below(5); rounds > 0; --rounds) {
        SeededRandom again = random;
        const AggregateRows rows = random_rows(random, part);
        ASSERT_TRUE(part.add(rows).has_value());
        ASSERT_TRUE(whole.add(random_rows(again, whole)).has_value());
      }
    }
    Aggregation merged(*plan);
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) ASSERT_TRUE(merged.merge(*part).has_value());
    AggregateEnd one;
    AggregateEnd other;
    whole.finish(one);
    merged.finish(other);
    expect_same(one, other);
    EXPECT_GT(merged.byte_size(), 0U);
  }
}

TEST(Aggregation, NumbersAreWhatTheyAreCalled) {
  AggregateSpec spec = every_function();
  spec.by.clear();
  spec.step_nanos = 0;
  const auto plan = AggregatePlan::make(spec);
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->measures.size(), 2U);
  Aggregation aggregation(*plan);
  AggregateRows rows;
  rows.count = 4;
  rows.measures = {{-3, 20.5, AggregateRows::kAbsent, 10}, std::vector<double>(4, AggregateRows::kAbsent)};
  ASSERT_TRUE(aggregation.add(rows).has_value());
  AggregateEnd end;
  aggregation.finish(end);
  ASSERT_EQ(end.rows, 1U);
  const auto number = [&](size_t column) { return end.columns[column].numbers[0]; };
  EXPECT_EQ(number(0), 4);
  EXPECT_EQ(number(1), 3);
  EXPECT_EQ(number(2), 27.5);
  EXPECT_EQ(number(3), -3);
  EXPECT_EQ(number(4), 20.5);
  EXPECT_DOUBLE_EQ(number(5), 27.5 / 3);
  EXPECT_EQ(number(6), 20.5);
  EXPECT_EQ(end.columns[7].buckets[0], (std::vector<uint64_t>{1, 0, 1, 1}));
  EXPECT_TRUE(std::isnan(number(8)));
}

TEST(Aggregation, MoreCellsThanAllowedAreAnError) {
  AggregateSpec spec;
  spec.by = {{SpanField::kName, {}, {}}};
  spec.calls = {call(AggregateFunction::kCount, std::nullopt)};
  spec.cells_max = 2;
  const auto plan = AggregatePlan::make(spec);
  ASSERT_TRUE(plan.has_value());
  Aggregation aggregation(*plan);
  AggregateRows rows;
  for (const uint32_t groups : {2U, 3U}) {
    rows.groups.resize(1);
    rows.groups[0].push_back(aggregation.values().intern(ValueView::integer(groups)));
    rows.count = static_cast<uint32_t>(rows.groups[0].size());
    ASSERT_TRUE(aggregation.add(rows).has_value());
  }
  rows.groups[0].push_back(aggregation.values().intern(ValueView::integer(9)));
  rows.count = 3;
  const auto refused = aggregation.add(rows);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), ErrorCode::kTooLarge);
}

TEST(AggregatePlan, NonsenseIsRefused) {
  const auto refused = [](auto change) {
    AggregateSpec spec = every_function();
    EXPECT_TRUE(AggregatePlan::make(spec).has_value());
    change(spec);
    const auto plan = AggregatePlan::make(spec);
    return !plan.has_value() && plan.error().code() == ErrorCode::kInvalidArgument;
  };
  EXPECT_TRUE(refused([](AggregateSpec& s) { s.calls.clear(); }));
  EXPECT_TRUE(refused([](AggregateSpec& s) { s.calls.resize(17); }));
  EXPECT_TRUE(refused([](AggregateSpec& s) { s.by.resize(9); }));
  EXPECT_TRUE(refused([](AggregateSpec& s) { s.by[0].field = SpanField::kDuration; }));
  EXPECT_TRUE(refused([](AggregateSpec& s) { s.by[1].scope = AttributeScope::kEvent; }));
  EXPECT_TRUE(refused([](AggregateSpec& s) { s.calls[2].of.reset(); }));
  EXPECT_TRUE(refused([](AggregateSpec& s) { s.calls[2].of->field = SpanField::kName; }));
  EXPECT_TRUE(refused([](AggregateSpec& s) { s.calls[8].of->scope = AttributeScope::kLink; }));
  EXPECT_TRUE(refused([](AggregateSpec& s) { s.calls[6].quantile = 1.01; }));
  EXPECT_TRUE(refused([](AggregateSpec& s) { s.calls[6].quantile = NAN; }));
  EXPECT_TRUE(refused([](AggregateSpec& s) { s.calls[7].bounds.clear(); }));
  EXPECT_TRUE(refused([](AggregateSpec& s) { s.calls[7].bounds = {1, 1}; }));
  EXPECT_TRUE(refused([](AggregateSpec& s) { s.calls[7].bounds = {1, NAN}; }));
  EXPECT_TRUE(refused([](AggregateSpec& s) { s.order_call = 7; }));
  EXPECT_TRUE(refused([](AggregateSpec& s) { s.order_call = 9; }));
}

}  // namespace
}  // namespace sextant::persist
