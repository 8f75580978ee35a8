// Tests of the registry of metrics and of the log.
#include <gtest/gtest.h>

#include "base/self/log.h"
#include "base/self/metrics.h"
#include "tests/support/manual_clock.h"

namespace sextant {
namespace {

TEST(Metrics, ShowsWhatWasCounted) {
  Metrics metrics;
  metrics.counter(Metric::kLogSuppressed).add(3);
  metrics.gauge(Metric::kBuildInfo, {"1.2\"3"}).set(1);
  metrics.watch_gauge(Metric::kLedgerUsedBytes, [] { return 42.0; });
  const std::string text = metrics.prometheus_text();
  EXPECT_NE(
      text.find("# TYPE sextant_log_messages_suppressed_total counter\nsextant_log_messages_suppressed_total 3\n"),
      std::string::npos);
  EXPECT_NE(text.find("sextant_build_info{version=\"1.2\\\"3\"} 1\n"), std::string::npos);
  EXPECT_NE(text.find("sextant_memory_ledger_used_bytes 42\n"), std::string::npos);
  EXPECT_EQ(text.find("sextant_start_time_seconds"), std::string::npos);
}

TEST(Metrics, SameLabelsSameSeries) {
  Metrics metrics;
  metrics.counter(Metric::kLogSuppressed).add();
  metrics.counter(Metric::kLogSuppressed).add();
  EXPECT_EQ(metrics.counter(Metric::kLogSuppressed).value(), 2U);
  EXPECT_EQ(metrics.untouched().size(), metric_count() - 1);
}

TEST(Histogram, CountsInBuckets) {
  Histogram histogram;
  histogram.observe(0.0001);
  histogram.observe_nanos(2 * kNanosPerSecond);
  histogram.observe(1000);
  EXPECT_EQ(histogram.count(), 3U);
}

TEST(Log, RepeatedMessagesAreCountedInsteadOfWritten) {
  Metrics metrics;
  testing::ManualClock clock;
  Log log(clock, metrics, LogLevel::kError);
  for (int i = 0; i < 25; ++i) log.error("test message", {{"i", i}, {"text", "two words"}});
  log.info("below the level");
  EXPECT_EQ(metrics.counter(Metric::kLogSuppressed).value(), 15U);
  clock.advance(11 * kNanosPerSecond);
  log.error("test message");
  EXPECT_EQ(metrics.counter(Metric::kLogSuppressed).value(), 15U);
}

}  // namespace
}  // namespace sextant
