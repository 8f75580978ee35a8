#include "wiring/own_metrics.h"

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "sextant/version.h"

namespace sextant::wiring {
namespace {

using Take = std::function<void(const Stats&, Observer<std::int64_t>&)>;

constexpr const char* kItemNames[] = {"span", "data_point", "log_record"};
constexpr const char* kExporterMetricNames[] = {"span", "metric_data_point", "log"};

std::int64_t number(std::uint64_t count) {
  return static_cast<std::int64_t>(count);
}

/// A sum that never shrinks, of numbers that were not all read at the same moment. Internally locked.
class Highest {
 public:
  std::int64_t with(std::int64_t value) noexcept {
    std::int64_t seen = value_.load();
    while (value > seen && !value_.compare_exchange_weak(seen, value)) {
    }
    return value > seen ? value : seen;
  }

 private:
  std::atomic<std::int64_t> value_{0};
};

/// Thread-confined.
class Watcher {
 public:
  explicit Watcher(std::function<Stats()> stats)
      : meter_(meter("sextant.sdk", kVersion)), stats_(std::make_shared<std::function<Stats()>>(std::move(stats))) {}

  enum class Kind : std::uint8_t { kGrows, kChanges };
  void watch(Kind kind, const std::string& name, const std::string& unit, const char* help, Take take) {
    auto callback = [stats = stats_, take = std::move(take)](Observer<std::int64_t>& observer) {
      take((*stats)(), observer);
    };
    const InstrumentOptions options(unit, help);
    all_.push_back(kind == Kind::kGrows
                       ? meter_.observable_counter<std::int64_t>(name, options, std::move(callback))
                       : meter_.observable_up_down_counter<std::int64_t>(name, options, std::move(callback)));
  }
  /// One number of the stats, without attributes.
  template <class Read>
  void watch_number(Kind kind, const char* name, const char* unit, const char* help, Read read) {
    watch(kind, name, unit, help,
          [read](const Stats& stats, Observer<std::int64_t>& observer) { observer.observe(number(read(stats))); });
  }
  std::vector<Observable> take() { return std::move(all_); }

 private:
  Meter meter_;
  std::shared_ptr<std::function<Stats()>> stats_;
  std::vector<Observable> all_;
};
using Kind = Watcher::Kind;

void watch_spans(Watcher& watcher, std::size_t queue_items_max) {
  static constexpr Attribute kProcessor[] = {{"otel.component.name", "batching_span_processor/0"},
                                             {"otel.component.type", "batching_span_processor"}};
  watcher.watch_number(Kind::kChanges, "otel.sdk.span.live", "{span}", "Spans that are open.",
                       [](const Stats& stats) { return stats.spans_open; });
  watcher.watch(Kind::kGrows, "otel.sdk.processor.span.processed", "{span}",
                "Spans that were taken from the queue to be exported, or dropped with an error.type.",
                [most = std::make_shared<Highest>()](const Stats& stats, Observer<std::int64_t>& observer) {
                  observer.observe(most->with(number(stats.spans_ended - stats.spans_dropped - stats.spans_queued)),
                                   {kProcessor, 2});
                  observer.observe(number(stats.spans_dropped),
                                   {kProcessor[0], kProcessor[1], {"error.type", "queue_full"}});
                });
  watcher.watch(Kind::kChanges, "otel.sdk.processor.span.queue.size", "{span}", "Spans in the queue.",
                [](const Stats& stats, Observer<std::int64_t>& observer) {
                  observer.observe(number(stats.spans_queued), {kProcessor, 2});
                });
  watcher.watch(Kind::kChanges, "otel.sdk.processor.span.queue.capacity", "{span}", "Spans that the queue takes.",
                [queue_items_max](const Stats&, Observer<std::int64_t>& observer) {
                  observer.observe(number(queue_items_max), {kProcessor, 2});
                });
  watcher.watch_number(Kind::kGrows, "sextant.sdk.span.unrecorded", "{span}",
                       "Spans that were not recorded: too many were open, or memory was out.",
                       [](const Stats& stats) { return stats.spans_unrecorded; });
  watcher.watch_number(Kind::kGrows, "sextant.sdk.span.timed_out", "{span}", "Spans that were ended by their timeout.",
                       [](const Stats& stats) { return stats.spans_timed_out; });
}

/// For one signal: what each exporter has sent, failed to send and still has to send.
void watch_exporters(Watcher& watcher, std::size_t signal) {
  const std::string name = std::string("otel.sdk.exporter.") + kExporterMetricNames[signal];
  const std::string unit = std::string("{") + kItemNames[signal] + "}";
  watcher.watch(Kind::kGrows, name + ".exported", unit, "What was exported, or failed to be with an error.type.",
                [signal](const Stats& stats, Observer<std::int64_t>& observer) {
                  for (const ExporterCounts& one : stats.exporters) {
                    const Attribute exporter{"otel.component.name", one.name};
                    const ItemCounts& counts = one.by_signal[signal];
                    observer.observe(number(counts.sent), {exporter});
                    observer.observe(number(counts.rejected), {exporter, {"error.type", "rejected"}});
                    observer.observe(number(counts.lost), {exporter, {"error.type", "lost"}});
                  }
                });
  watcher.watch(Kind::kChanges, name + ".inflight", unit, "What was given to the exporter and not exported yet.",
                [signal](const Stats& stats, Observer<std::int64_t>& observer) {
                  for (const ExporterCounts& one : stats.exporters)
                    observer.observe(number(one.by_signal[signal].pending), {{"otel.component.name", one.name}});
                });
}

void watch_attempts(Watcher& watcher) {
  watcher.watch(Kind::kGrows, "sextant.sdk.exporter.attempts", "{request}",
                "Attempts to send, those to be repeated with an error.type.",
                [](const Stats& stats, Observer<std::int64_t>& observer) {
                  for (const ExporterCounts& one : stats.exporters) {
                    const Attribute exporter{"otel.component.name", one.name};
                    observer.observe(number(one.attempts - one.retries), {exporter});
                    observer.observe(number(one.retries), {exporter, {"error.type", "retried"}});
                  }
                });
  watcher.watch(Kind::kChanges, "sextant.sdk.exporter.queue.size", "By", "Bytes of requests that wait.",
                [](const Stats& stats, Observer<std::int64_t>& observer) {
                  for (const ExporterCounts& one : stats.exporters)
                    observer.observe(number(one.pending_bytes), {{"otel.component.name", one.name}});
                });
}

void watch_metrics(Watcher& watcher) {
  watcher.watch(Kind::kGrows, "sextant.sdk.metric.measurements.lost", "{measurement}",
                "Measurements that were not kept, by error.type.",
                [](const Stats& stats, Observer<std::int64_t>& observer) {
                  observer.observe(number(stats.metrics.refused), {{"error.type", "refused"}});
                  observer.observe(number(stats.metrics.unrecorded), {{"error.type", "out_of_memory"}});
                });
  watcher.watch_number(Kind::kGrows, "sextant.sdk.metric.overflows", "{lookup}",
                       "Sets of attributes that went into an overflow point.",
                       [](const Stats& stats) { return stats.metrics.overflowed; });
  watcher.watch_number(Kind::kChanges, "sextant.sdk.metric.series", "{series}", "Series that exist.",
                       [](const Stats& stats) { return stats.metrics.series; });
  watcher.watch_number(Kind::kGrows, "sextant.sdk.metric.collections", "{collection}", "Collections by all readers.",
                       [](const Stats& stats) { return stats.metrics.collections; });
}

void watch_pushes(Watcher& watcher) {
  watcher.watch(Kind::kGrows, "sextant.sdk.pushes", "{request}",
                "Pushes to the Pushgateway, those that failed with an error.type.",
                [](const Stats& stats, Observer<std::int64_t>& observer) {
                  observer.observe(number(stats.pushes.pushed));
                  observer.observe(number(stats.pushes.failed), {{"error.type", "failed"}});
                });
}

}  // namespace

std::vector<Observable> watch_stats(const Options& options, std::function<Stats()> stats) {
  Watcher watcher(std::move(stats));
  watch_spans(watcher, options.span_queue.items_max);
  for (std::size_t signal = 0; signal < 3; ++signal) watch_exporters(watcher, signal);
  watch_attempts(watcher);
  watch_metrics(watcher);
  if (!options.pushgateway.url.empty()) watch_pushes(watcher);
  return watcher.take();
}

}  // namespace sextant::wiring
