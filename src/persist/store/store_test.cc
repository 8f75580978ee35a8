// Tests of the store as a whole, on a simulated disk.
#include "persist/store/store.h"

#include <gtest/gtest.h>

#include "tests/support/store_bench.h"

namespace sextant::persist {
namespace {

using testing::KeepingSink;
using testing::PlainSpan;
using testing::StoreBench;

std::vector<PlainSpan> trace(uint64_t id, uint64_t spans, uint64_t start) {
  std::vector<PlainSpan> out;
  for (uint64_t i = 1; i <= spans; ++i) {
    out.push_back({.trace = id,
                   .span = i,
                   .parent = i == 1 ? 0ULL : 1ULL,
                   .name = i == 1 ? "root" : "child",
                   .start = start + i,
                   .end = start + i + 10});
  }
  return out;
}

std::vector<uint64_t> listed(const KeepingSink& sink) {
  std::vector<uint64_t> ids;
  for (const data::RunSummary& run : sink.runs) ids.push_back(run.trace_id.bytes[15]);
  return ids;
}

TEST(Store, WhatIsAcknowledgedIsThereAtOnceAndAfterwards) {
  StoreBench bench;
  bench.open();
  EXPECT_TRUE(bench.stored(trace(1, 3, 1000)));
  EXPECT_EQ(bench.spans_of(1).span_count(), 3U);
  EXPECT_EQ(bench.store->sequence(), 1U);
  bench.lose_power();
  bench.open();
  EXPECT_EQ(bench.spans_of(1).span_count(), 3U);
  EXPECT_EQ(bench.store->sequence(), 1U);
  ASSERT_TRUE(bench.store->seal().has_value());
  EXPECT_EQ(bench.store->status().segments, 1U);
  EXPECT_EQ(bench.spans_of(1).span_count(), 3U);
  bench.lose_power();
  bench.open();
  EXPECT_EQ(bench.spans_of(1).span_count(), 3U);
  EXPECT_EQ(bench.store->status().head_spans, 0U);
  EXPECT_EQ(bench.store->status().damages, 0U);
}

TEST(Store, EqualCopiesCollapseDifferingOnesStay) {
  StoreBench bench;
  bench.open();
  EXPECT_TRUE(bench.stored(trace(1, 3, 1000)));
  EXPECT_TRUE(bench.stored(trace(1, 3, 1000)));
  EXPECT_EQ(bench.spans_of(1).span_count(), 3U);
  ASSERT_TRUE(bench.store->seal().has_value());
  EXPECT_TRUE(bench.stored(trace(1, 3, 1000)));
  EXPECT_EQ(bench.spans_of(1).span_count(), 3U);
  ASSERT_TRUE(bench.store->seal().has_value());
  EXPECT_EQ(bench.store->status().segments, 2U);
  EXPECT_EQ(bench.spans_of(1).span_count(), 3U);
  auto changed = trace(1, 3, 1000);
  changed[1].name = "renamed";
  EXPECT_TRUE(bench.stored({changed[1]}));
  EXPECT_EQ(bench.spans_of(1).span_count(), 4U);
  data::ScanSpec runs;
  runs.rows = data::ScanSpec::Rows::kRuns;
  const KeepingSink sink = bench.scan(runs);
  ASSERT_EQ(sink.runs.size(), 1U);
  EXPECT_EQ(sink.runs[0].span_count, 3U);
}

TEST(Store, PagesStayStableWhileDataArrives) {
  StoreBench bench;
  bench.open();
  for (uint64_t id = 1; id <= 9; ++id) {
    EXPECT_TRUE(bench.stored(trace(id, 2, id * 1000)));
    if (id % 4 == 0) {
      ASSERT_TRUE(bench.store->seal().has_value());
    }
  }
  data::ScanSpec spec;
  spec.rows = data::ScanSpec::Rows::kRuns;
  spec.rows_max = 3;
  data::ScanEnd end;
  EXPECT_EQ(listed(bench.scan(spec, &end)), (std::vector<uint64_t>{9, 8, 7}));
  // A new run, an old run that now starts earlier, and a seal of both.
  EXPECT_TRUE(bench.stored(trace(20, 1, 20'000)));
  EXPECT_TRUE(bench.stored({{.trace = 5, .span = 9, .parent = 1, .start = 10, .end = 11}}));
  ASSERT_TRUE(bench.store->seal().has_value());
  std::vector<uint64_t> rest;
  while (end.next) {
    spec.after = end.next;
    for (const uint64_t id : listed(bench.scan(spec, &end))) rest.push_back(id);
  }
  EXPECT_EQ(rest, (std::vector<uint64_t>{6, 5, 4, 3, 2, 1}));
  spec.after.reset();
  spec.rows_max = 100;
  EXPECT_EQ(listed(bench.scan(spec)), (std::vector<uint64_t>{20, 9, 8, 7, 6, 4, 3, 2, 1, 5}));
}

TEST(Store, TwoServersCannotShareADirectory) {
  StoreBench bench;
  bench.open();
  const auto second = Store::open(bench.settings, bench.files, bench.clock, bench.ledger, bench.metrics, bench.log);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code(), ErrorCode::kFailedPrecondition);
}

}  // namespace
}  // namespace sextant::persist
