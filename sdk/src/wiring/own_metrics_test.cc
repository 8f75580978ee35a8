// The SDK's counts of itself, as its own readers see them.
#include "wiring/own_metrics.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "sextant/in_memory.h"
#include "sextant/prometheus.h"
#include "sextant/trace.h"

namespace sextant {
namespace {

Options with(const ExporterPtr& exporter) {
  Options options;
  options.service_name = "test";
  options.own_metrics = true;
  options.sampler = always_on();
  if (exporter != nullptr) options.exporters.push_back(exporter);
  return options;
}

/// The value of the one sample of that name whose labels hold all parts; empty where there is none.
std::string sample(const std::string& name, const std::vector<std::string>& parts = {}) {
  std::istringstream stream(prometheus_text());
  for (std::string line; std::getline(stream, line);) {
    bool fits = line.rfind(name + "{", 0) == 0;
    for (const std::string& part : parts) fits = fits && line.find(part) != std::string::npos;
    const bool failed = line.find("error_type=") != std::string::npos;
    const bool wanted = !parts.empty() && parts.back().rfind("error_type", 0) == 0;
    if (fits && failed == wanted) return line.substr(line.rfind(' ') + 1);
  }
  return {};
}

TEST(OwnMetricsTest, AreOffUnlessAskedFor) {
  Options options = with(nullptr);
  options.own_metrics = false;
  const auto sdk = Sdk::start(options);
  ASSERT_TRUE(sdk.ok()) << sdk.error();
  EXPECT_EQ(prometheus_text().find("otel_sdk_"), std::string::npos);
}

TEST(OwnMetricsTest, SpansAndExportsAreCountedByTheNamesOfTheConventions) {
  const auto memory = std::make_shared<InMemoryExporter>();
  Options options = with(memory);
  options.span_queue.items_max = 100;
  auto sdk = Sdk::start(options);
  ASSERT_TRUE(sdk.ok()) << sdk.error();
  auto open = tracer("test").start("open");
  for (int i = 0; i < 5; ++i) tracer("test").start("span").end();
  ASSERT_TRUE(sdk->flush().complete);
  EXPECT_EQ(sample("otel_sdk_span_live"), "1");
  EXPECT_EQ(sample("otel_sdk_processor_span_processed_total", {"otel_component_type=\"batching_span_processor\""}),
            "5");
  EXPECT_EQ(sample("otel_sdk_processor_span_processed_total", {"error_type=\"queue_full\""}), "0");
  EXPECT_EQ(sample("otel_sdk_processor_span_queue_size"), "0");
  EXPECT_EQ(sample("otel_sdk_processor_span_queue_capacity"), "100");
  EXPECT_EQ(sample("otel_sdk_exporter_span_exported_total", {"otel_component_name=\"memory\""}), "5");
  EXPECT_EQ(sample("otel_sdk_exporter_span_exported_total", {"error_type=\"rejected\""}), "0");
  EXPECT_EQ(sample("otel_sdk_exporter_span_exported_total", {"error_type=\"lost\""}), "0");
  EXPECT_EQ(sample("otel_sdk_exporter_span_inflight"), "0");
  EXPECT_NE(sample("otel_sdk_exporter_metric_data_point_exported_total"), "");
  EXPECT_EQ(sample("otel_sdk_exporter_log_exported_total"), "0");
  EXPECT_EQ(sample("sextant_sdk_exporter_attempts_total", {"error_type=\"retried\""}), "0");
  EXPECT_EQ(sample("sextant_sdk_span_unrecorded_total"), "0");
  EXPECT_EQ(sample("sextant_sdk_span_timed_out_total"), "0");
  EXPECT_EQ(sample("sextant_sdk_exporter_queue_size_bytes"), "0");
  EXPECT_NE(sample("sextant_sdk_metric_series"), "");
  EXPECT_NE(sample("sextant_sdk_metric_collections_total"), "");
  EXPECT_EQ(sample("sextant_sdk_metric_overflows_total"), "0");
  EXPECT_EQ(sample("sextant_sdk_pushes_total"), "");
}

TEST(OwnMetricsTest, MeasurementsThatAreRefusedAreCounted) {
  const auto sdk = Sdk::start(with(nullptr));
  ASSERT_TRUE(sdk.ok()) << sdk.error();
  meter("test").counter("calls").add(-1);
  EXPECT_EQ(sample("sextant_sdk_metric_measurements_lost_total", {"error_type=\"refused\""}), "1");
  EXPECT_EQ(sample("sextant_sdk_metric_measurements_lost_total", {"error_type=\"out_of_memory\""}), "0");
}

/// Exports of nothing but themselves: as many points each time, and no spans.
TEST(OwnMetricsTest, DoNotFeedThemselves) {
  const auto memory = std::make_shared<InMemoryExporter>();
  auto sdk = Sdk::start(with(memory));
  ASSERT_TRUE(sdk.ok()) << sdk.error();
  std::vector<std::size_t> points;
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(sdk->flush().complete);
    for (const Batch& batch : memory->take()) {
      ASSERT_EQ(batch.signal, Signal::kMetrics);
      points.push_back(batch.items);
    }
  }
  ASSERT_GE(points.size(), 10u);
  for (const std::size_t count : points) EXPECT_EQ(count, points.front());
  EXPECT_EQ(memory->items(Signal::kTraces), 0u);
}

TEST(OwnMetricsTest, AreThereForTheLastExport) {
  const auto memory = std::make_shared<InMemoryExporter>();
  auto sdk = Sdk::start(with(memory));
  ASSERT_TRUE(sdk.ok()) << sdk.error();
  EXPECT_TRUE(sdk->shutdown().complete);
  EXPECT_GT(memory->items(Signal::kMetrics), 0u);
  EXPECT_EQ(prometheus_text().find("otel_sdk_"), std::string::npos);
}

}  // namespace
}  // namespace sextant
