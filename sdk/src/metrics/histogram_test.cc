// Buckets: into which a value falls, and what merging and downscaling make of them.
#include <cmath>
#include <limits>
#include <random>
#include <thread>

#include "metrics/exponential.h"
#include "metrics/test_support.h"
#include "sextant/metrics.h"

namespace sextant::metrics {
namespace {

std::vector<double> padded(std::vector<double> bounds) {
  bounds.resize((bounds.size() + 7) / 8 * 8, std::numeric_limits<double>::infinity());
  return bounds;
}

TEST(Histogram, AValueBelongsToTheFirstBucketWhoseUpperBoundIsNotBelowIt) {
  std::mt19937_64 random(1);
  for (const std::size_t count : {0u, 1u, 7u, 8u, 9u, 15u, 63u, 64u, 65u, 200u, 1000u}) {
    std::vector<double> bounds;
    for (std::size_t i = 0; i < count; ++i)
      bounds.push_back((bounds.empty() ? 0 : bounds.back()) + 1 + static_cast<double>(random() % 5));
    const std::vector<double> table = padded(bounds);
    const auto expected = [&](double value) {
      std::uint32_t bucket = 0;
      while (bucket < count && bounds[bucket] < value) ++bucket;
      return bucket;
    };
    std::vector<double> values = {0, 0.5, 1e300};
    for (const double bound : bounds) {
      for (const double value : {bound, std::nextafter(bound, 0), std::nextafter(bound, 1e9)}) values.push_back(value);
    }
    for (const double value : values) {
      const auto buckets = static_cast<std::uint32_t>(count + 1);
      ASSERT_EQ(explicit_bucket(table.data(), buckets, value), expected(value)) << count << " bounds, " << value;
    }
  }
}

TEST(Histogram, AnExponentialIndexHasItsValueBetweenItsBounds) {
  std::mt19937_64 random(2);
  std::uniform_real_distribution<double> exponents(-300, 300);
  for (int scale = kExponentialScaleMin; scale <= kExponentialScaleMax; ++scale) {
    for (int i = 0; i < 2'000; ++i) {
      const double value = std::pow(10, exponents(random));
      const std::int32_t index = exponential_index(value, scale);
      // Why: at the highest scales a bucket is little wider than what log() and exp2() are exact to.
      const double slack = 1e-12;
      ASSERT_LE(value, exponential_upper_bound(index, scale) * (1 + slack)) << scale << " " << value;
      ASSERT_GE(value, exponential_upper_bound(index - 1, scale) * (1 - slack)) << scale << " " << value;
    }
  }
}

TEST(Histogram, PowersOfTwoAreTheUpperBoundsOfTheirBuckets) {
  for (int scale = 0; scale <= kExponentialScaleMax; ++scale) {
    for (int exponent = -1022; exponent <= 1023; ++exponent)
      ASSERT_EQ(exponential_index(std::ldexp(1.0, exponent), scale), exponent * (1 << scale) - 1);
  }
  EXPECT_EQ(exponential_index(1, -1), -1);
  EXPECT_EQ(exponential_index(2, -1), 0);
  EXPECT_EQ(exponential_index(4, -1), 0);
  EXPECT_EQ(exponential_index(4.1, -1), 1);
}

TEST(Histogram, TheExtremesOfDoublesHaveABucket) {
  const double tiny = std::numeric_limits<double>::denorm_min();
  const double smallest = std::numeric_limits<double>::min();
  for (int scale = kExponentialScaleMin; scale <= kExponentialScaleMax; ++scale) {
    EXPECT_EQ(exponential_index(tiny, scale), exponential_index(smallest, scale));
    EXPECT_GT(exponential_index(std::numeric_limits<double>::max(), scale), exponential_index(smallest, scale));
  }
  EXPECT_EQ(exponential_upper_bound(1023, 0), std::numeric_limits<double>::infinity());
  EXPECT_EQ(exponential_upper_bound(0, -10), std::numeric_limits<double>::infinity());
}

Exponential exponential_of(const std::vector<double>& values, int scale) {
  Exponential all;
  for (const double value : values) {
    Exponential one;
    one.scale = scale;
    one.offset = exponential_index(value, scale);
    one.buckets = {1};
    all.add(one, 160);
  }
  return all;
}

TEST(Histogram, MergingAndSubtractingExponentialHistogramsIsCountingTheirValues) {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> logarithms(-8, 8);
  for (int round = 0; round < 200; ++round) {
    std::vector<double> first;
    std::vector<double> second;
    const double spread = static_cast<double>(round % 10) / 5;
    for (int i = 0; i < 30; ++i) {
      first.push_back(std::exp(logarithms(random) * spread));
      second.push_back(std::exp(logarithms(random) * spread));
    }
    std::vector<double> both = first;
    both.insert(both.end(), second.begin(), second.end());
    Exponential sum = exponential_of(first, 20);
    sum.add(exponential_of(second, 20), 160);
    const Exponential whole = exponential_of(both, 20);
    ASSERT_EQ(sum.scale, whole.scale);
    ASSERT_EQ(sum.offset, whole.offset);
    ASSERT_EQ(sum.buckets, whole.buckets);
    Exponential rest = whole;
    rest.subtract(exponential_of(first, 20));
    Exponential expected = exponential_of(second, 20);
    expected.downscale(expected.scale - rest.scale);
    ASSERT_EQ(rest.offset, expected.offset);
    ASSERT_EQ(rest.buckets, expected.buckets);
  }
}

TEST(Histogram, ASeriesDownscalesByItselfAndAgreesWithTheMergeOfItsValues) {
  std::mt19937_64 random(4);
  std::uniform_real_distribution<double> logarithms(-20, 20);
  for (const std::uint32_t buckets : {2u, 3u, 20u, 160u, 1024u}) {
    MetricOptions options;
    MetricView view;
    view.aggregation = Aggregation::kExponentialHistogram;
    view.max_buckets = buckets;
    options.views.push_back(view);
    const Running running(options);
    const auto reader = attached();
    const auto histogram = sextant::meter("histogram.scale").histogram("scaled");
    Exponential expected;
    double sum = 0;
    const auto record = [&](int times, double spread) {
      for (int i = 0; i < times; ++i) {
        const double value = std::exp(logarithms(random) * spread);
        histogram.record(value);
        sum += value;
        Exponential one;
        one.offset = exponential_index(value, one.scale);
        one.buckets = {1};
        expected.add(one, buckets);
      }
    };
    record(500, 0.01);
    std::thread(record, 200, 1.0).join();
    record(500, 1.0);
    const WirePoint point = collect(*reader)["scaled"].points.at(0);
    EXPECT_EQ(point.count, 1'200u);
    EXPECT_NEAR(*point.sum, sum, sum * 1e-9);
    EXPECT_EQ(point.scale, expected.scale) << buckets;
    EXPECT_EQ(point.offset, expected.offset);
    EXPECT_EQ(point.buckets, expected.buckets);
    EXPECT_LE(point.buckets.size(), buckets);
  }
}

TEST(Histogram, OneValueIsKeptAtTheHighestScale) {
  MetricOptions options;
  options.histogram_aggregation = Aggregation::kExponentialHistogram;
  const Running running(options);
  const auto reader = attached();
  sextant::meter("histogram.one").histogram("one").record(1.5);
  const WireMetric metric = collect(*reader)["one"];
  EXPECT_EQ(metric.data, 10u);
  EXPECT_EQ(metric.points.at(0).scale, 20);
  EXPECT_EQ(metric.points.at(0).buckets, std::vector<std::uint64_t>{1});
}

TEST(Histogram, ReadersSeeWholeExponentialHistogramsWhileTheyAreDownscaled) {
  MetricOptions options;
  options.histogram_aggregation = Aggregation::kExponentialHistogram;
  const Running running(options);
  const auto reader = attached(Temporality::kDelta);
  const auto histogram = sextant::meter("histogram.race").histogram("raced");
  constexpr int kValues = 30'000;
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int i = 0; i < kValues; ++i) histogram.record(std::exp(static_cast<double>(i) / 100));
    done.store(true);
  });
  std::uint64_t count = 0;
  const auto gather = [&] {
    auto all = collect(*reader);
    if (all.count("raced") != 0) count += all["raced"].points.at(0).count;
  };
  while (!done.load()) gather();
  writer.join();
  gather();
  EXPECT_EQ(count, static_cast<std::uint64_t>(kValues));
}

TEST(Histogram, AdviceAndViewsSetTheBounds) {
  MetricOptions options;
  MetricView view;
  view.instrument_name = "viewed";
  view.bounds = {1, 2};
  options.views.push_back(view);
  const Running running(options);
  const auto reader = attached();
  const double advised[] = {0.5};
  const Meter meter = sextant::meter("histogram.bounds");
  meter.histogram("advised", {"s", "", View<double>(advised, 1)}).record(0.5);
  meter.histogram("viewed", {"s", "", View<double>(advised, 1)}).record(1.5);
  auto all = collect(*reader);
  EXPECT_EQ(all["advised"].points.at(0).bounds, std::vector<double>{0.5});
  EXPECT_EQ(all["advised"].points.at(0).buckets, (std::vector<std::uint64_t>{1, 0}));
  EXPECT_EQ(all["viewed"].points.at(0).bounds, (std::vector<double>{1, 2}));
  EXPECT_EQ(all["viewed"].points.at(0).buckets, (std::vector<std::uint64_t>{0, 1, 0}));
}

}  // namespace
}  // namespace sextant::metrics
