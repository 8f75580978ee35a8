// Faults of clocks, clients, directories and questions: cases F20 and F23 to F25 of docs/reliability.md, as far as a
// store alone shows them.
#include <gtest/gtest.h>

#include "tests/sim/fault_bench.h"

namespace sextant::sim {
namespace {

using testing::PlainSpan;

constexpr uint64_t kHourNanos = 3600 * kNanosPerSecond;
constexpr uint64_t kYearNanos = 365 * 24 * kHourNanos;

TEST(Fault, F20_ClockStepsOfAnHourAndTenYearsBothWays) {
  FaultBench faults;
  testing::StoreBench& bench = faults.bench;
  bench.settings.retention_age_nanos = 14 * 24 * kHourNanos;
  bench.open();
  const UnixNanos today = bench.clock.unix_nanos();
  faults.send_many(3);
  ASSERT_TRUE(bench.store->seal().has_value());
  for (const UnixNanos now : {today + kHourNanos, today - kHourNanos, today - 10 * kYearNanos, UnixNanos{5}, today}) {
    bench.clock.set_unix_nanos(now);
    const uint64_t before = bench.store->sequence();
    faults.send_many(3);
    EXPECT_EQ(bench.store->sequence(), before + 3) << "sequences do not come from the clock";
    ASSERT_TRUE(bench.store->seal().has_value());
    bench.clock.advance(20 * kNanosPerSecond);
    bench.store->tick();
    faults.check();
    bench.lose_power();
    bench.open();
    faults.check();
  }
  // Ten years ahead everything is too old; one partition goes at once, the next one a minute later.
  const uint64_t segments = bench.store->status().segments;
  bench.clock.set_unix_nanos(today + 10 * kYearNanos);
  bench.clock.advance(20 * kNanosPerSecond);
  bench.store->tick();
  EXPECT_GE(bench.store->status().segments + 1, segments);
}

TEST(Fault, F21_SpansOfAnyTimeLieInThePartitionOfTheirArrival) {
  testing::StoreBench bench;
  bench.open();
  uint64_t number = 0;
  for (const UnixNanos start : {UnixNanos{0}, UnixNanos{1}, bench.clock.unix_nanos() + kYearNanos, UnixNanos{INT64_MAX},
                                UnixNanos{UINT64_MAX}}) {
    ++number;
    EXPECT_TRUE(bench.stored({{.trace = number, .span = number, .start = start, .end = start}}));
  }
  ASSERT_TRUE(bench.store->seal().has_value());
  const auto partitions = bench.files.list("/data/default/segments");
  ASSERT_TRUE(partitions.has_value());
  EXPECT_EQ(partitions->size(), 1U);
  for (uint64_t trace = 1; trace <= number; ++trace) EXPECT_EQ(bench.spans_of(trace).span_count(), 1U);
}

/// Each span with a service, a name, a key and a value that no other one has.
TEST(Fault, F23_NamesThatNeverComeAgain) {
  constexpr uint64_t kBatches = 60;
  constexpr uint64_t kEach = 500;
  testing::StoreBench bench;
  bench.settings.seal_spans = 6000;
  bench.settings.block_rows = 512;
  bench.open();
  EXPECT_TRUE(bench.stored({{.trace = 1, .span = 1, .name = "work", .service = "neighbour", .start = 1, .end = 2}}));
  uint64_t number = 1;
  for (uint64_t batch = 0; batch < kBatches; ++batch) {
    std::vector<PlainSpan> spans;
    for (uint64_t i = 0; i < kEach; ++i) {
      const std::string own = std::to_string(++number);
      spans.push_back({.trace = number, .span = number, .name = "name " + own, .service = "service " + own});
      spans.back().attributes = {{"key " + own, "value " + own}};
    }
    ASSERT_TRUE(bench.stored(spans));
  }
  ASSERT_TRUE(bench.store->seal().has_value());
  EXPECT_LT(bench.ledger.used_bytes(), bench.ledger.limit_bytes());
  using Of = data::NamesSpec::Of;
  for (const Of of : {Of::kServices, Of::kOperations, Of::kAttributeKeys}) {
    data::NamesSpec spec;
    spec.of = of;
    const auto names = bench.store->names(spec);
    ASSERT_TRUE(names.has_value());
    EXPECT_LE(names->names.size(), spec.names_max);
    EXPECT_TRUE(names->truncated) << "a list that is not whole says so";
  }
  // Neither the neighbour nor any one of the many is harder to find for it.
  for (const uint64_t trace : {uint64_t{1}, uint64_t{2}, number}) EXPECT_EQ(bench.spans_of(trace).span_count(), 1U);
  data::ScanSpec spec;
  spec.span.kind = data::SpanFilter::Kind::kCondition;
  spec.span.condition.key = "key 77";
  spec.span.condition.op = data::CompareOp::kExists;
  EXPECT_EQ(bench.scan(spec).span_count(), 1U);
}

TEST(Fault, F24_AMissingOrDamagedFormatFileHidesNothing) {
  for (const bool missing : {true, false}) {
    FaultBench faults;
    testing::StoreBench& bench = faults.bench;
    bench.open();
    faults.send_many(5);
    ASSERT_TRUE(bench.store->seal().has_value());
    faults.send_many(5);
    bench.kill();
    if (missing) {
      ASSERT_TRUE(bench.files.remove("/data/FORMAT").has_value());
    } else {
      bench.files.set_content("/data/FORMAT", "sextant store, format 9\nchecksum 00000000\n");
    }
    bench.open();
    EXPECT_EQ(faults.look().traces.size(), 10U);
    EXPECT_EQ(bench.store->status().damages, missing ? 0U : 1U);
  }
}

/// A directory that was a store and is empty now may be a mistake of whoever mounts disks.
TEST(Fault, F24_AStoreThatIsGoneIsNotStartedEmptyWithoutAWord) {
  FaultBench faults;
  testing::StoreBench& bench = faults.bench;
  bench.open();
  faults.send_many(5);
  bench.kill();
  const std::string format = bench.files.content("/data/FORMAT");
  testing::StoreBench other;
  ASSERT_TRUE(other.files.make_directories("/data").has_value());
  other.files.set_content("/data/FORMAT", format);
  other.open();
  EXPECT_EQ(other.store->status().damages, 1U);
  EXPECT_TRUE(other.stored({{.trace = 1, .span = 1, .start = 1, .end = 2}}));
}

/// Does something to the store when the first rows of an answer come.
class Meddler final : public data::ScanSink {
 public:
  explicit Meddler(std::function<void()> act) : act_(std::move(act)) {}
  Next on_spans(data::Batch&& batch) override {
    if (std::exchange(acted_, true) == false) act_();
    spans += batch.span_count();
    return Next::kContinue;
  }
  Next on_run(data::RunSummary&&) override { return Next::kContinue; }

  uint64_t spans = 0;

 private:
  std::function<void()> act_;
  bool acted_ = false;
};

TEST(Fault, F25_AQuestionDuringSealingMergingAndRetentionSeesOneState) {
  FaultBench faults;
  testing::StoreBench& bench = faults.bench;
  bench.settings.compact_segments = 4;
  bench.open();
  for (int segment = 0; segment < 3; ++segment) {
    faults.send_many(10);
    ASSERT_TRUE(bench.store->seal().has_value());
  }
  faults.send_many(10);
  Meddler during_merge([&] {
    ASSERT_TRUE(bench.store->seal().has_value());
    ASSERT_TRUE(faults.send());
    bench.store->tick();
    ASSERT_EQ(bench.metrics.counter(Metric::kStoreCompactions).value(), 1U);
  });
  ASSERT_TRUE(bench.store->scan({}, during_merge).has_value());
  EXPECT_EQ(during_merge.spans, 40 * FaultBench::kSpansEach);
  faults.check();
  bench.kill();
  bench.settings.retention_bytes_max = 1;
  bench.open();
  Meddler during_retention([&] {
    ASSERT_TRUE(bench.store->seal().has_value());
    bench.clock.advance(20 * kNanosPerSecond);
    bench.store->tick();
    ASSERT_EQ(bench.store->status().segments, 0U);
  });
  data::ScanEnd end;
  const auto answered = bench.store->scan({}, during_retention);
  ASSERT_TRUE(answered.has_value());
  EXPECT_EQ(during_retention.spans, 41 * FaultBench::kSpansEach);
  EXPECT_TRUE(answered->damages.empty());
  EXPECT_EQ(faults.look().spans, 0U);
}

}  // namespace
}  // namespace sextant::sim
