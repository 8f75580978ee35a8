#include "base/self/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/core/check.h"

namespace sextant {
namespace {

constexpr MetricInfo kInfos[] = {
#define METRIC(id, name, kind, labels, help) {name, MetricKind::k##kind, labels, help},
#include "base/self/metrics.def"
#undef METRIC
};

std::vector<std::string_view> split(std::string_view list) {
  std::vector<std::string_view> parts;
  while (!list.empty()) {
    const size_t comma = list.find(',');
    parts.push_back(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  }
  return parts;
}

template <typename T>
T& series(std::map<std::vector<std::string>, std::unique_ptr<T>>& all, Metric metric, MetricKind kind,
          std::initializer_list<std::string_view> label_values) {
  const MetricInfo& info = metric_info(metric);
  CHECK(info.kind == kind);
  CHECK(split(info.labels).size() == label_values.size());
  auto& slot = all[std::vector<std::string>(label_values.begin(), label_values.end())];
  if (slot == nullptr) slot = std::make_unique<T>();
  return *slot;
}

std::string escape_label(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\\' || c == '"') out.push_back('\\');
    if (c == '\n') {
      out.append("\\n");
    } else {
      out.push_back(c);
    }
  }
  return out;
}

/// `{a="x",b="y"}` with `extra` (already written as name="value") at the end; nothing when there are no labels.
std::string label_text(const MetricInfo& info, const std::vector<std::string>& values, std::string_view extra = {}) {
  std::string text;
  const auto names = split(info.labels);
  for (size_t i = 0; i < names.size(); ++i) {
    fmt::format_to(std::back_inserter(text), "{}{}=\"{}\"", text.empty() ? "" : ",", names[i], escape_label(values[i]));
  }
  if (!extra.empty()) fmt::format_to(std::back_inserter(text), "{}{}", text.empty() ? "" : ",", extra);
  return text.empty() ? text : "{" + text + "}";
}

}  // namespace

const MetricInfo& metric_info(Metric metric) {
  return kInfos[static_cast<size_t>(metric)];
}
size_t metric_count() {
  return std::size(kInfos);
}

void Histogram::observe(double seconds) {
  const auto bucket = std::ranges::lower_bound(kBoundsSeconds, seconds) - kBoundsSeconds.begin();
  buckets_[static_cast<size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(seconds, std::memory_order_relaxed);
}

uint64_t Histogram::count() const {
  uint64_t total = 0;
  for (const auto& bucket : buckets_) total += bucket.load(std::memory_order_relaxed);
  return total;
}

Metrics::Metrics() : families_(std::vector<Family>(metric_count())) {}

Counter& Metrics::counter(Metric metric, std::initializer_list<std::string_view> label_values) {
  auto families = families_.lock();
  return series((*families)[static_cast<size_t>(metric)].counters, metric, MetricKind::kCounter, label_values);
}

Gauge& Metrics::gauge(Metric metric, std::initializer_list<std::string_view> label_values) {
  auto families = families_.lock();
  return series((*families)[static_cast<size_t>(metric)].gauges, metric, MetricKind::kGauge, label_values);
}

Histogram& Metrics::histogram(Metric metric, std::initializer_list<std::string_view> label_values) {
  auto families = families_.lock();
  return series((*families)[static_cast<size_t>(metric)].histograms, metric, MetricKind::kHistogram, label_values);
}

void Metrics::watch_gauge(Metric metric, std::function<double()> read) {
  CHECK(metric_info(metric).kind != MetricKind::kHistogram && metric_info(metric).labels.empty());
  (*families_.lock())[static_cast<size_t>(metric)].watched = std::move(read);
}

void Metrics::forget_gauge(Metric metric) {
  (*families_.lock())[static_cast<size_t>(metric)].watched = nullptr;
}

std::string Metrics::prometheus_text() const {
  std::string out;
  auto to = std::back_inserter(out);
  auto families = families_.lock();
  for (size_t i = 0; i < families->size(); ++i) {
    const Family& family = (*families)[i];
    const MetricInfo& info = kInfos[i];
    if (family.counters.empty() && family.gauges.empty() && family.histograms.empty() && !family.watched) continue;
    static constexpr std::string_view kKindNames[] = {"counter", "gauge", "histogram"};
    fmt::format_to(to, "# HELP {} {}\n# TYPE {} {}\n", info.name, info.help, info.name,
                   kKindNames[static_cast<size_t>(info.kind)]);
    for (const auto& [labels, counter] : family.counters) {
      fmt::format_to(to, "{}{} {}\n", info.name, label_text(info, labels), counter->value());
    }
    for (const auto& [labels, gauge] : family.gauges) {
      fmt::format_to(to, "{}{} {}\n", info.name, label_text(info, labels), gauge->value());
    }
    if (family.watched) fmt::format_to(to, "{} {}\n", info.name, family.watched());
    for (const auto& [labels, histogram] : family.histograms) {
      uint64_t cumulative = 0;
      for (size_t b = 0; b < histogram->buckets_.size(); ++b) {
        cumulative += histogram->buckets_[b].load(std::memory_order_relaxed);
        const std::string le = b < Histogram::kBoundsSeconds.size()
                                   ? fmt::format("le=\"{}\"", Histogram::kBoundsSeconds[b])
                                   : std::string("le=\"+Inf\"");
        fmt::format_to(to, "{}_bucket{} {}\n", info.name, label_text(info, labels, le), cumulative);
      }
      fmt::format_to(to, "{}_sum{} {}\n", info.name, label_text(info, labels), histogram->sum_.load());
      fmt::format_to(to, "{}_count{} {}\n", info.name, label_text(info, labels), cumulative);
    }
  }
  return out;
}

std::vector<std::string_view> Metrics::untouched() const {
  std::vector<std::string_view> names;
  auto families = families_.lock();
  for (size_t i = 0; i < families->size(); ++i) {
    const Family& family = (*families)[i];
    if (family.counters.empty() && family.gauges.empty() && family.histograms.empty() && !family.watched) {
      names.push_back(kInfos[i].name);
    }
  }
  return names;
}

}  // namespace sextant
