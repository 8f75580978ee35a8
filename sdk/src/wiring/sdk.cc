// Where everything meets: options become queues, a thread that gathers, and exporters.
#include "sextant/sdk.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "export/pipeline.h"
#include "export/queue_source.h"
#include "logs/runtime.h"
#include "metrics/metric_source.h"
#include "metrics/store.h"
#include "trace/record_stock.h"
#include "trace/runtime.h"
#include "wiring/endpoints.h"
#include "wiring/own_metrics.h"
#include "wiring/process.h"
#include "wiring/resource.h"

namespace sextant {

using wiring::Process;
using wiring::process;

namespace {

/// Who ends without asking for the result learns of losses by the SDK's own log.
void tell(const FlushResult& result) {
  if (!result.complete) log(LogLevel::kWarn, "the end came before everything was sent", result.message);
}

}  // namespace

struct Sdk::Impl final : wiring::Running {
  Options options;
  HealthChecker health;
  std::unique_ptr<wiring::Endpoints> endpoints;
  std::vector<Observable> own_metrics;
  exporting::Pipeline pipeline;
  trace::SpanCounts counts_before;
  std::uint64_t written_before = 0;
  std::uint64_t dropped_before = 0;
  logs::LogCounts log_counts_before;
  std::uint64_t logs_written_before = 0;
  std::uint64_t logs_dropped_before = 0;
  MetricStats metrics_before;

  explicit Impl(Options given)
      : options(std::move(given)), health(options.health), pipeline(process().waker, options.export_settings) {}
  Result<bool> open_endpoints();
  Result<bool> start();
  FlushResult stop(std::chrono::milliseconds timeout);
  FlushResult flush(std::chrono::milliseconds timeout);
  FlushResult result(bool complete) const;
  Stats stats() const;
  void stop_at_exit() noexcept override { tell(stop(options.exit_timeout)); }
  void restart_in_child() noexcept override;

 private:
  void install_tracing();
  Result<std::unique_ptr<logs::Runtime>> make_logs() const;
  void start_logs(std::unique_ptr<logs::Runtime> runtime, const exporting::EncodedResource& resource);
  void add_log_stats(Stats& stats) const;
  void start_watching_timeouts();
};

/// Before anything else begins: what is wrong with a port is said at the start.
Result<bool> Sdk::Impl::open_endpoints() {
  auto opened =
      wiring::Endpoints::start(options, health, [](PrometheusFormat format) { return prometheus_text(format); });
  if (!opened) return Error{opened.error()};
  endpoints = std::move(*opened);
  return true;
}

Result<bool> Sdk::Impl::start() {
  Process& all = process();
  if (const auto checked = metrics::check_options(options.metrics); !checked) return Error{checked.error()};
  auto logging = make_logs();
  if (!logging) return Error{logging.error()};
  if (auto opened = open_endpoints(); !opened) return opened;
  const exporting::EncodedResource resource = wiring::make_resource(options);
  counts_before = trace::span_counts();
  written_before = all.spans.written();
  dropped_before = all.spans.dropped();
  for (const ExporterPtr& exporter : options.exporters) pipeline.add_exporter(exporter);
  const QueueOptions& queue = options.span_queue;
  pipeline.add_source(std::make_shared<exporting::QueueSource>(
      Signal::kTraces, all.spans, exporting::BatchSettings{queue.delay, queue.batch_items_max}, resource));
  all.spans.open({queue.items_max, queue.bytes_max, queue.batch_items_max});
  align_clocks();
  pipeline.every(std::chrono::seconds(1), align_clocks);
  if (options.span_timeout.count() > 0) start_watching_timeouts();
  set_default_propagator(options.propagators);
  if (options.traces) install_tracing();
  start_logs(std::move(*logging), resource);
  metrics_before = metrics::stats();
  if (options.metrics.on) {
    metrics::install(options.metrics, resource.bytes);
    pipeline.add_source(std::make_shared<metrics::MetricSource>(options.metrics, resource));
    if (options.own_metrics) own_metrics = wiring::watch_stats(options, [this] { return stats(); });
  }
  if (options.sampler != nullptr) {
    options.sampler->on_tick();
    pipeline.every(std::chrono::seconds(1), [sampler = options.sampler] { sampler->on_tick(); });
  }
  pipeline.start();
  return true;
}

void Sdk::Impl::install_tracing() {
  auto runtime = std::make_unique<trace::Runtime>();
  runtime->sampler = options.sampler;
  runtime->limits = options.span_limits;
  runtime->processors = options.processors;
  runtime->queue = &process().spans;
  trace::install(std::move(runtime));
}

/// Null where nothing is to be logged.
Result<std::unique_ptr<logs::Runtime>> Sdk::Impl::make_logs() const {
  const LogOptions& given = options.logs;
  std::unique_ptr<logs::Runtime> runtime;
  if (!given.enabled) return runtime;
  runtime = std::make_unique<logs::Runtime>();
  runtime->least = given.least;
  runtime->sampled_only = given.sampled_only;
  runtime->rules = given.loggers;
  runtime->attributes_max = given.attributes_max;
  runtime->value_length_max = given.value_length_max;
  runtime->processors = given.processors;
  runtime->queue = given.exported ? &process().logs : nullptr;
  const std::pair<const char*, double> rates[] = {{"trace_sample_rate", given.trace_sample_rate},
                                                  {"debug_sample_rate", given.debug_sample_rate},
                                                  {"info_sample_rate", given.info_sample_rate}};
  for (std::size_t i = 0; i < std::size(rates); ++i) {
    const auto& [name, rate] = rates[i];
    if (!(rate >= 0 && rate <= 1))
      return Error{std::string("logs.") + name + " is " + std::to_string(rate) + ": give a share from 0 to 1"};
    runtime->kept[i] = logs::share_of(rate);
  }
  for (const LogOutput& output : given.outputs) {
    auto opened = logs::Output::open(output);
    if (!opened) return Error{opened.error()};
    runtime->outputs.push_back(std::move(*opened));
  }
  return runtime;
}

void Sdk::Impl::start_logs(std::unique_ptr<logs::Runtime> runtime, const exporting::EncodedResource& resource) {
  queue::RecordQueue& records = process().logs;
  log_counts_before = logs::log_counts();
  logs_written_before = records.written();
  logs_dropped_before = records.dropped();
  const QueueOptions& queue = options.logs.queue;
  if (runtime != nullptr && runtime->queue != nullptr) {
    pipeline.add_source(std::make_shared<exporting::QueueSource>(
        Signal::kLogs, records, exporting::BatchSettings{queue.delay, queue.batch_items_max}, resource));
    records.open({queue.items_max, queue.bytes_max, queue.batch_items_max});
  }
  logs::install(std::move(runtime));
}

void Sdk::Impl::add_log_stats(Stats& stats) const {
  const logs::LogCounts now = logs::log_counts();
  const std::uint64_t refused = now.refused - log_counts_before.refused;
  stats.logs_written = process().logs.written() - logs_written_before;
  stats.logs_dropped = process().logs.dropped() - logs_dropped_before + refused;
  stats.logs_sampled_out = now.sampled_out - log_counts_before.sampled_out;
  stats.logs_discarded = now.discarded - log_counts_before.discarded;
  stats.logs_queued = process().logs.queued();
  if (!options.logs.enabled) return;
  stats.log_lines_written = now.lines.written;
  stats.log_lines_lost = now.lines.lost;
}

void Sdk::Impl::start_watching_timeouts() {
  const std::chrono::nanoseconds timeout = options.span_timeout;
  const auto period =
      std::clamp<std::chrono::nanoseconds>(timeout / 4, std::chrono::milliseconds(10), std::chrono::seconds(1));
  pipeline.every(period, [timeout] { trace::end_spans_begun_before(monotonic_ns() - timeout.count()); });
}

void Sdk::Impl::restart_in_child() noexcept {
  if (endpoints != nullptr) endpoints->leave_in_child();
  written_before = dropped_before = 0;
  logs_written_before = logs_dropped_before = 0;
  pipeline.restart_in_child();
}

FlushResult Sdk::Impl::stop(std::chrono::milliseconds timeout) {
  const Deadline deadline = Deadline::after(timeout);
  trace::install(nullptr);
  logs::install(nullptr);
  process().spans.close();
  process().logs.close();
  // While there are metrics. A gateway that hangs must not use up the time of the exporters.
  const bool pushed = endpoints == nullptr || endpoints->stop(Deadline::after(timeout / 2));
  const bool complete = pipeline.stop(deadline);
  own_metrics.clear();
  metrics::uninstall();
  if (options.sampler != nullptr) options.sampler->on_stop();
  return result(complete && pushed);
}

FlushResult Sdk::Impl::flush(std::chrono::milliseconds timeout) {
  const Deadline deadline = Deadline::after(timeout);
  const bool pushed = endpoints == nullptr || endpoints->push(Deadline::after(timeout / 2));
  return result(pipeline.flush(deadline) && pushed);
}

FlushResult Sdk::Impl::result(bool complete) const {
  FlushResult result;
  result.complete = complete;
  const Stats counted = stats();
  result.lost = counted.spans_dropped + counted.spans_unrecorded + counted.logs_dropped;
  for (const ExporterCounts& exporter : counted.exporters) {
    result.lost += exporter.lost + exporter.rejected;
    if (complete) continue;
    if (!result.message.empty()) result.message += "; ";
    result.message += exporter.name + ": " + std::to_string(exporter.pending) + " items not sent, " +
                      std::to_string(exporter.lost) + " lost";
    if (!exporter.last_error.empty()) result.message += " (" + exporter.last_error + ")";
  }
  if (!complete && !counted.pushes.last_error.empty()) {
    if (!result.message.empty()) result.message += "; ";
    result.message += "pushgateway: " + counted.pushes.last_error;
  }
  return result;
}

Stats Sdk::Impl::stats() const {
  const trace::SpanCounts now = trace::span_counts();
  Stats stats;
  stats.spans_dropped = process().spans.dropped() - dropped_before;
  stats.spans_ended = process().spans.written() - written_before + stats.spans_dropped;
  stats.spans_unrecorded = now.unrecorded - counts_before.unrecorded;
  stats.spans_timed_out = now.timed_out - counts_before.timed_out;
  stats.spans_open = now.open;
  stats.spans_queued = process().spans.queued();
  add_log_stats(stats);
  stats.metrics = metrics::stats();
  stats.metrics.refused -= metrics_before.refused;
  stats.metrics.unrecorded -= metrics_before.unrecorded;
  stats.metrics.overflowed -= metrics_before.overflowed;
  stats.metrics.collections -= metrics_before.collections;
  stats.exporters = pipeline.counts();
  if (endpoints != nullptr) stats.pushes = endpoints->pushes();
  return stats;
}

Sdk::Sdk() noexcept = default;
Sdk::Sdk(Sdk&&) noexcept = default;

Sdk& Sdk::operator=(Sdk&& other) noexcept {
  if (this == &other) return *this;
  if (impl_ != nullptr) tell(shutdown(impl_->options.exit_timeout));
  impl_ = std::move(other.impl_);
  return *this;
}

Sdk::~Sdk() {
  if (impl_ != nullptr) tell(shutdown(impl_->options.exit_timeout));
}

Result<Sdk> Sdk::start(Options options) {
  Process& all = process();
  const std::lock_guard<std::mutex> lock(all.mutex);
  if (all.running != nullptr)
    return Error{"an SDK runs already in this process: shut it down before another one starts"};
  auto impl = std::make_unique<Impl>(std::move(options));
  if (auto started = impl->start(); !started) return Error{started.error()};
  Sdk sdk;
  sdk.impl_ = std::move(impl);
  all.running = sdk.impl_.get();
  return sdk;
}

FlushResult Sdk::flush(std::chrono::milliseconds timeout) {
  if (impl_ == nullptr) return {true, 0, {}};
  return impl_->flush(timeout);
}

FlushResult Sdk::shutdown(std::chrono::milliseconds timeout) {
  if (impl_ == nullptr) return {true, 0, {}};
  Process& all = process();
  const std::lock_guard<std::mutex> lock(all.mutex);
  FlushResult result = impl_->stop(timeout);
  all.running = nullptr;
  impl_.reset();
  return result;
}

HealthChecker Sdk::health() const {
  return impl_ != nullptr ? impl_->health : HealthChecker();
}

std::uint16_t Sdk::health_port() const noexcept {
  return impl_ != nullptr && impl_->endpoints != nullptr ? impl_->endpoints->health_port() : std::uint16_t{0};
}

std::uint16_t Sdk::metrics_port() const noexcept {
  return impl_ != nullptr && impl_->endpoints != nullptr ? impl_->endpoints->metrics_port() : std::uint16_t{0};
}

Stats Sdk::stats() const {
  return impl_ != nullptr ? impl_->stats() : Stats{};
}

}  // namespace sextant
