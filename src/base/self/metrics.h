// Sextant's metrics about itself. Declared once in metrics.def, counted with an atomic, shown at /metrics.
//
//   Counter& accepted = metrics.counter(Metric::kReceiverSpans, {"http", "accepted"});   // once, in a constructor
//   accepted.add(500);                                                                    // as often as you like
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/guarded.h"

namespace sextant {

enum class Metric : uint16_t {
#define METRIC(id, name, kind, labels, help) k##id,
#include "base/self/metrics.def"
#undef METRIC
};

enum class MetricKind : uint8_t { kCounter, kGauge, kHistogram };

/// What metrics.def says of one metric.
struct MetricInfo {
  std::string_view name;
  MetricKind kind;
  std::string_view labels;  // names, separated by commas
  std::string_view help;
};
const MetricInfo& metric_info(Metric metric);
size_t metric_count();

/// Internally locked (one atomic).
class Counter {
 public:
  void add(uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

/// Internally locked (one atomic).
class Gauge {
 public:
  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  void add(double delta) { value_.fetch_add(delta, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

/// Times in seconds. Internally locked (atomics); a reader may see a count without its sum for a moment.
class Histogram {
 public:
  /// Upper bounds of the buckets in seconds, chosen to tell a 0.1 ms sync from a 4 ms one and a query from a hang.
  static constexpr std::array<double, 14> kBoundsSeconds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                                            0.025,  0.05,    0.1,    0.25,  0.5,    1,     5};
  void observe(double seconds);
  void observe_nanos(uint64_t nanos) { observe(static_cast<double>(nanos) * 1e-9); }
  uint64_t count() const;

 private:
  friend class Metrics;
  std::array<std::atomic<uint64_t>, kBoundsSeconds.size() + 1> buckets_{};
  std::atomic<double> sum_{0};
};

/// Internally locked. References handed out live as long as the registry.
class Metrics {
 public:
  Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// `label_values` in the order of the labels in metrics.def; their number must agree.
  Counter& counter(Metric metric, std::initializer_list<std::string_view> label_values = {});
  Gauge& gauge(Metric metric, std::initializer_list<std::string_view> label_values = {});
  Histogram& histogram(Metric metric, std::initializer_list<std::string_view> label_values = {});

  /// A gauge, or a counter that somebody keeps already, whose value is asked for when metrics are shown. `read` must
  /// outlive the registry or be removed with forget_gauge, is called without locks of the caller, and must not block.
  void watch_gauge(Metric metric, std::function<double()> read);
  void forget_gauge(Metric metric);

  /// Prometheus text format 0.0.4.
  std::string prometheus_text() const;
  /// Names of metrics for which no series exists yet.
  std::vector<std::string_view> untouched() const;

 private:
  using LabelValues = std::vector<std::string>;
  struct Family {
    std::map<LabelValues, std::unique_ptr<Counter>> counters;
    std::map<LabelValues, std::unique_ptr<Gauge>> gauges;
    std::map<LabelValues, std::unique_ptr<Histogram>> histograms;
    std::function<double()> watched;
  };
  Guarded<std::vector<Family>> families_;
};

}  // namespace sextant
