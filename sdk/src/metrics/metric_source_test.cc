#include <gmock/gmock.h>

#include <algorithm>
#include <thread>

#include "metrics/test_support.h"
#include "sextant/in_memory.h"
#include "sextant/sextant.h"

namespace sextant::metrics {
namespace {

Options options_for(const std::shared_ptr<InMemoryExporter>& exporter) {
  Options options;
  options.service_name = "metric-test";
  options.exporters.push_back(exporter);
  options.metrics.interval = std::chrono::hours(1);
  return options;
}

std::vector<Batch> metrics_of(InMemoryExporter& exporter) {
  std::vector<Batch> all = exporter.take();
  all.erase(std::remove_if(all.begin(), all.end(), [](const Batch& b) { return b.signal != Signal::kMetrics; }),
            all.end());
  return all;
}

TEST(MetricSource, AFlushSendsWhatWasMeasuredGroupedByMeter) {
  const auto exporter = std::make_shared<InMemoryExporter>();
  auto sdk = Sdk::start(options_for(exporter));
  ASSERT_TRUE(sdk.ok());
  meter("source.a").counter("a1").add(1);
  meter("source.b").counter("b1").add(2);
  meter("source.a").counter("a2").add(3, {{"x", 1}});
  meter("source.a").counter("a2").add(3, {{"x", 2}});
  EXPECT_TRUE(sdk->flush().complete);
  const std::vector<Batch> batches = metrics_of(*exporter);
  ASSERT_EQ(batches.size(), 1u);
  EXPECT_EQ(batches.at(0).items, 4u);
  EXPECT_EQ(batches.at(0).timeout, std::chrono::seconds(30));
  EXPECT_THAT(batches.at(0).body, testing::HasSubstr("metric-test"));
  std::string order;
  for (const WireMetric& metric : decode_request(batches.at(0).body)) order += metric.scope + ":" + metric.name + " ";
  EXPECT_EQ(order, "source.a:a1 source.a:a2 source.b:b1 ");
}

TEST(MetricSource, WhatIsMeasuredShortlyBeforeTheEndIsSent) {
  const auto exporter = std::make_shared<InMemoryExporter>();
  auto sdk = Sdk::start(options_for(exporter));
  meter("source.end").counter("last").add(5);
  EXPECT_TRUE(sdk->shutdown().complete);
  const std::vector<Batch> batches = metrics_of(*exporter);
  ASSERT_EQ(batches.size(), 1u);
  EXPECT_EQ(decode_request(batches.at(0).body).at(0).points.at(0).as_int, 5);
}

TEST(MetricSource, LargeCollectionsAreSentInSeveralRequestsAndNothingIsLost) {
  for (const std::size_t points_max : {1u, 7u, 1'000u}) {
    const auto exporter = std::make_shared<InMemoryExporter>();
    Options options = options_for(exporter);
    options.metrics.batch_points_max = points_max;
    auto sdk = Sdk::start(std::move(options));
    for (int i = 0; i < 120; ++i) {
      meter("source.large").counter("large").add(i, {{"i", i}});
      meter("source.large").histogram("large.latency").record(i, {{"i", i % 10}});
    }
    EXPECT_TRUE(sdk->flush().complete);
    std::size_t points = 0;
    std::int64_t sum = 0;
    for (const Batch& batch : metrics_of(*exporter)) {
      std::size_t in_batch = 0;
      for (const WireMetric& metric : decode_request(batch.body)) {
        in_batch += metric.points.size();
        for (const WirePoint& point : metric.points) sum += point.as_int.value_or(0);
      }
      EXPECT_EQ(in_batch, batch.items);
      EXPECT_LE(in_batch, points_max);
      points += in_batch;
    }
    EXPECT_EQ(points, 130u);
    EXPECT_EQ(sum, 119 * 120 / 2);
  }
}

TEST(MetricSource, TheIntervalAloneMakesItSend) {
  const auto exporter = std::make_shared<InMemoryExporter>();
  Options options = options_for(exporter);
  options.metrics.interval = std::chrono::milliseconds(2);
  options.metrics.temporality = Temporality::kDelta;
  auto sdk = Sdk::start(std::move(options));
  const auto counter = meter("source.interval").counter("paced");
  std::int64_t sent = 0;
  for (int i = 1; i <= 5; ++i) {
    counter.add(1);
    while (sent < i) {
      for (const Batch& batch : metrics_of(*exporter)) {
        for (const WireMetric& metric : decode_request(batch.body)) sent += *metric.points.at(0).as_int;
      }
      std::this_thread::yield();
    }
    EXPECT_EQ(sent, i);
  }
}

TEST(MetricSource, MetricsCanBeOff) {
  const auto exporter = std::make_shared<InMemoryExporter>();
  Options options = options_for(exporter);
  options.metrics.on = false;
  auto sdk = Sdk::start(std::move(options));
  const auto counter = meter("source.off").counter("off");
  counter.add(1);
  EXPECT_FALSE(counter.enabled());
  EXPECT_TRUE(sdk->flush().complete);
  EXPECT_TRUE(metrics_of(*exporter).empty());
  EXPECT_EQ(prometheus_text(), "");
}

TEST(MetricSource, AnSdkWithOptionsThatCannotBeDoesNotStart) {
  Options options;
  options.metrics.interval = std::chrono::milliseconds(0);
  const auto sdk = Sdk::start(std::move(options));
  ASSERT_FALSE(sdk.ok());
  EXPECT_EQ(sdk.error(), "metrics: interval must be above 0 ms");
}

TEST(MetricSource, StatsCountSinceTheStart) {
  const auto exporter = std::make_shared<InMemoryExporter>();
  auto sdk = Sdk::start(options_for(exporter));
  const auto counter = meter("source.stats").counter("counted");
  counter.add(-1);
  counter.add(1, {{"x", 1}});
  sdk->flush();
  const MetricStats stats = sdk->stats().metrics;
  EXPECT_EQ(stats.refused, 1u);
  EXPECT_EQ(stats.series, 1u);
  EXPECT_EQ(stats.collections, 1u);
  EXPECT_EQ(stats.unrecorded, 0u);
}

TEST(MetricSource, ExemplarsNameTheSpanThatIsCurrent) {
  const auto exporter = std::make_shared<InMemoryExporter>();
  auto sdk = Sdk::start(options_for(exporter));
  const auto counter = meter("source.span").counter("within");
  const auto span = tracer("source.span").start("work");
  {
    const Scope scope(span);
    counter.add(1);
  }
  sdk->flush();
  const auto all = decode_request(metrics_of(*exporter).at(0).body);
  const auto& trace_id = span.context().trace_id.bytes;
  ASSERT_EQ(all.at(0).points.at(0).exemplars.size(), 1u);
  EXPECT_THAT(all.at(0).points.at(0).exemplars.at(0),
              testing::HasSubstr(std::string(trace_id.begin(), trace_id.end())));
}

}  // namespace
}  // namespace sextant::metrics
