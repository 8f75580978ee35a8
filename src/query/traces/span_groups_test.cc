#include "query/traces/span_groups.h"

#include <gtest/gtest.h>

#include "base/sys/random.h"
#include "query/traces/limits.h"
#include "tests/support/plain_store.h"
#include "tests/support/span_maker.h"

namespace sextant::query {
namespace {

using data::AggregateFunction;
using data::AttributeScope;
using data::SpanColumn;
using data::SpanField;

TEST(GroupColumn, FieldsAndAttributes) {
  EXPECT_EQ(*parse_group_column("service"), (SpanColumn{SpanField::kService, {}, {}}));
  EXPECT_EQ(*parse_group_column("status"), (SpanColumn{SpanField::kStatus, {}, {}}));
  EXPECT_EQ(*parse_group_column("name"), (SpanColumn{SpanField::kName, {}, {}}));
  EXPECT_EQ(*parse_group_column(".name"), (SpanColumn{SpanField::kAttribute, {}, "name"}));
  EXPECT_EQ(*parse_group_column("http.route"), (SpanColumn{SpanField::kAttribute, {}, "http.route"}));
  EXPECT_EQ(*parse_group_column("span.name"), (SpanColumn{SpanField::kAttribute, AttributeScope::kSpan, "name"}));
  EXPECT_EQ(*parse_group_column("resource.\"a \\\" b\""),
            (SpanColumn{SpanField::kAttribute, AttributeScope::kResource, "a \" b"}));
}

TEST(Call, EveryFunction) {
  const auto of = [](std::string_view text) { return *parse_call(text)->of; };
  EXPECT_EQ(parse_call("count()")->function, AggregateFunction::kCount);
  EXPECT_FALSE(parse_call("count()")->of.has_value());
  EXPECT_FALSE(parse_call("count( )")->of.has_value());
  EXPECT_EQ(of("count(retries)"), (SpanColumn{SpanField::kAttribute, {}, "retries"}));
  EXPECT_EQ(parse_call("sum(duration)")->function, AggregateFunction::kSum);
  EXPECT_EQ(of("min( duration )"), (SpanColumn{SpanField::kDuration, {}, {}}));
  EXPECT_EQ(of("max(.duration)"), (SpanColumn{SpanField::kAttribute, {}, "duration"}));
  EXPECT_EQ(of("avg(resource.cpu)"), (SpanColumn{SpanField::kAttribute, AttributeScope::kResource, "cpu"}));
  EXPECT_EQ(of("avg(\"a,b)\")"), (SpanColumn{SpanField::kAttribute, {}, "a,b)"}));
  EXPECT_EQ(of("avg(\"a\\\",b\")"), (SpanColumn{SpanField::kAttribute, {}, "a\",b"}));
  EXPECT_DOUBLE_EQ(parse_call("p95(duration)")->quantile, 0.95);
  EXPECT_DOUBLE_EQ(parse_call("p99.9(duration)")->quantile, 0.999);
  EXPECT_DOUBLE_EQ(parse_call("p0(duration)")->quantile, 0);
  EXPECT_EQ(parse_call("histogram(duration, 10ms,1s)")->bounds, (std::vector<double>{1e7, 1e9}));
  EXPECT_EQ(parse_call("histogram(tokens, -1, 0, 2.5)")->bounds, (std::vector<double>{-1, 0, 2.5}));
}

TEST(Call, NonsenseIsRefusedAtItsPlace) {
  const auto offset = [](std::string_view text) {
    const auto call = parse_call(text);
    return call ? SIZE_MAX : call.error().offset;
  };
  EXPECT_EQ(offset(""), 0U);
  EXPECT_EQ(offset("count"), 5U);
  EXPECT_EQ(offset("count("), 6U);
  EXPECT_EQ(offset("median(duration)"), 0U);
  EXPECT_EQ(offset("p101(duration)"), 0U);
  EXPECT_EQ(offset("p-1(duration)"), 0U);
  EXPECT_EQ(offset("pnan(duration)"), 0U);
  EXPECT_EQ(offset("sum()"), 4U);
  EXPECT_EQ(offset("sum(event.x)"), 4U);
  EXPECT_EQ(offset("sum(a, b)"), 7U);
  EXPECT_EQ(offset("sum(span.)"), 9U);
  EXPECT_EQ(offset("sum(\"open)"), 4U);
  EXPECT_EQ(offset("histogram(duration)"), 18U);
  EXPECT_EQ(offset("histogram(duration, 1s, 5)"), 25U);
  EXPECT_EQ(offset("histogram(duration, 1s, 1s)"), 24U);
  EXPECT_EQ(offset("histogram(tokens, 1, x)"), 21U);
  EXPECT_EQ(offset("histogram(tokens, 1, nan)"), 21U);
  EXPECT_FALSE(parse_group_column("duration").has_value());
  EXPECT_FALSE(parse_group_column("").has_value());
  EXPECT_FALSE(parse_group_column("link.x").has_value());
}

TEST(Call, AnyTextIsUnderstoodOrRefusedWithin) {
  SeededRandom random(3);
  const std::string letters = "p9(),\"\\. durationcountsum";
  for (int i = 0; i < 20'000; ++i) {
    std::string text = random.below(2) == 0 ? "p95(" : "";
    for (uint64_t n = random.below(12); n > 0; --n) text += letters[random.below(letters.size())];
    if (random.below(2) == 0) text += ')';
    const auto call = parse_call(text);
    EXPECT_TRUE(call || call.error().offset <= text.size()) << text;
  }
}

TEST(GroupSpans, AsksTheReader) {
  testing::PlainStore store;
  MemoryLedger ledger{64 << 20};
  store.add(testing::batch_of({{.span = 1, .name = "a", .start = 10, .end = 30},
                               {.span = 2, .name = "a", .start = 120, .end = 150},
                               {.span = 3, .name = "b", .start = 15, .end = 16}}));
  GroupQuestion question;
  question.by = {*parse_group_column("name")};
  question.step_nanos = 100;
  question.calls = {*parse_call("max(duration)"), *parse_call("count()")};
  const Context context{store, ledger};
  const auto end = group_spans(context, question);
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->steps, (std::vector<UnixNanos>{0, 100, 0}));
  EXPECT_EQ(end->columns[0].numbers, (std::vector<double>{20, 30, 1}));
  EXPECT_EQ(compile(question, context).cells_max, kAggregateCellsMax);
}

}  // namespace
}  // namespace sextant::query
