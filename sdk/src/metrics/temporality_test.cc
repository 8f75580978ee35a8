// What each kind of reader is told, and that readers do not disturb each other.
#include "metrics/test_support.h"
#include "sextant/metrics.h"

namespace sextant::metrics {
namespace {

TEST(Temporality, DeltaTellsWhatCameSinceAndNothingWhereNothingCame) {
  const Running running;
  const auto reader = attached(Temporality::kDelta);
  const Meter meter = sextant::meter("temporality.delta");
  const auto counter = meter.counter("d.count");
  const auto level = meter.up_down_counter("d.level");
  const auto gauge = meter.gauge("d.gauge");
  counter.add(5);
  level.add(5);
  gauge.set(5);
  auto first = collect(*reader);
  EXPECT_EQ(first["d.count"].temporality, 1u);
  EXPECT_EQ(first["d.count"].points.at(0).as_int, 5);
  EXPECT_EQ(first["d.level"].temporality, 2u);
  EXPECT_EQ(first["d.gauge"].points.at(0).as_double, 5);
  auto second = collect(*reader);
  EXPECT_EQ(second.count("d.count"), 0u);
  EXPECT_EQ(second["d.level"].points.at(0).as_int, 5);
  EXPECT_EQ(second.count("d.gauge"), 0u);
  counter.add(2);
  level.add(-1);
  auto third = collect(*reader);
  EXPECT_EQ(third["d.count"].points.at(0).as_int, 2);
  EXPECT_EQ(third["d.level"].points.at(0).as_int, 4);
  EXPECT_GE(third["d.count"].points.at(0).start, second["d.level"].points.at(0).time);
}

TEST(Temporality, DeltaIntervalsFollowOneAnotherWithoutGaps) {
  const Running running;
  const auto reader = attached(Temporality::kDelta);
  const auto counter = sextant::meter("temporality.gaps").counter("gapless");
  std::uint64_t end = 0;
  for (int i = 0; i < 5; ++i) {
    counter.add(1);
    const WirePoint point = collect(*reader)["gapless"].points.at(0);
    if (i > 0) {
      EXPECT_EQ(point.start, end);
    }
    EXPECT_GE(point.time, point.start);
    end = point.time;
  }
}

TEST(Temporality, CumulativeSeriesBeginWithTheirFirstMeasurementAndKeepTheirStart) {
  const Running running;
  const auto reader = attached();
  const auto counter = sextant::meter("temporality.start").counter("started");
  counter.add(1, {{"n", 1}});
  auto first = collect(*reader);
  const std::uint64_t one = first["started"].point("{n=1}")->start;
  counter.add(1, {{"n", 2}});
  auto second = collect(*reader);
  EXPECT_EQ(second["started"].point("{n=1}")->start, one);
  EXPECT_GE(second["started"].point("{n=2}")->start, first["started"].points.at(0).time);
}

TEST(Temporality, LowMemoryIsDeltaForWhatIsMeasuredAndCumulativeForWhatIsObserved) {
  const Running running;
  const auto reader = attached(Temporality::kLowMemory);
  const Meter meter = sextant::meter("temporality.low");
  const auto observable =
      meter.observable_counter<std::int64_t>("low.observed", {}, [](auto& observer) { observer.observe(9); });
  meter.counter("low.counted").add(1);
  meter.histogram("low.measured").record(1);
  meter.up_down_counter("low.level").add(1);
  auto all = collect(*reader);
  EXPECT_EQ(all["low.counted"].temporality, 1u);
  EXPECT_EQ(all["low.measured"].temporality, 1u);
  EXPECT_EQ(all["low.level"].temporality, 2u);
  EXPECT_EQ(all["low.observed"].temporality, 2u);
}

TEST(Temporality, ReadersDoNotChangeWhatOthersSee) {
  const Running running;
  const auto often = attached(Temporality::kDelta);
  const auto seldom = attached(Temporality::kDelta);
  const auto whole = attached();
  const Meter meter = sextant::meter("temporality.readers");
  const auto counter = meter.counter("r.count");
  const auto histogram = meter.histogram("r.hist");
  std::int64_t sum = 0;
  std::uint64_t count = 0;
  for (int i = 1; i <= 10; ++i) {
    counter.add(i);
    histogram.record(100 - i);
    auto all = collect(*often);
    EXPECT_EQ(all["r.count"].points.at(0).as_int, i);
    const WirePoint& point = all["r.hist"].points.at(0);
    EXPECT_EQ(point.count, 1u);
    EXPECT_EQ(point.sum, 100 - i);
    EXPECT_EQ(point.min, 100 - i);
    EXPECT_EQ(point.max, 100 - i);
    sum += i;
    ++count;
  }
  for (const auto& reader : {seldom.get(), whole.get()}) {
    auto all = collect(*reader);
    EXPECT_EQ(all["r.count"].points.at(0).as_int, sum);
    const WirePoint& point = all["r.hist"].points.at(0);
    EXPECT_EQ(point.count, count);
    EXPECT_EQ(point.min, 90);
    EXPECT_EQ(point.max, 99);
  }
  histogram.record(1'000);
  EXPECT_EQ(collect(*seldom)["r.hist"].points.at(0).min, 1'000);
  EXPECT_EQ(collect(*whole)["r.hist"].points.at(0).min, 90);
  EXPECT_EQ(collect(*whole)["r.hist"].points.at(0).max, 1'000);
}

TEST(Temporality, DeltasOfExponentialHistogramsAddUpThoughTheScaleFalls) {
  MetricOptions options;
  options.histogram_aggregation = Aggregation::kExponentialHistogram;
  const Running running(options);
  const auto delta = attached(Temporality::kDelta);
  const auto whole = attached();
  const auto histogram = sextant::meter("temporality.exponential").histogram("e.hist");
  Exponential sum;
  double value = 1e-3;
  for (int i = 0; i < 60; ++i) {
    for (int k = 0; k < 20; ++k, value *= 1.02) histogram.record(value);
    histogram.record(0);
    const WirePoint point = collect(*delta)["e.hist"].points.at(0);
    EXPECT_EQ(point.count, 21u);
    EXPECT_EQ(point.zero_count, 1u);
    EXPECT_EQ(point.min, 0);
    sum.add({point.scale, point.zero_count, point.offset, point.buckets}, 160);
  }
  const WirePoint point = collect(*whole)["e.hist"].points.at(0);
  EXPECT_EQ(point.count, 60u * 21u);
  EXPECT_EQ(point.scale, sum.scale);
  EXPECT_EQ(point.offset, sum.offset);
  EXPECT_EQ(point.buckets, sum.buckets);
  EXPECT_LE(point.buckets.size(), 160u);
}

}  // namespace
}  // namespace sextant::metrics
