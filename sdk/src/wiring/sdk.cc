// Where everything meets: options become queues, a thread that gathers, and exporters.
#include "sextant/sdk.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "export/pipeline.h"
#include "export/queue_source.h"
#include "trace/record_stock.h"
#include "trace/runtime.h"
#include "wiring/resource.h"

namespace sextant {
namespace {

/// What outlives every SDK: threads hold lanes of the queue, and spans may end when nothing runs. Never destroyed.
struct Process {
  Waker waker;
  queue::RecordQueue spans{{}, waker};
  std::mutex mutex;  // starts and stops
  Sdk::Impl* running = nullptr;
};

Process& process() {
  static Process& instance = *new Process;
  return instance;
}

bool decides_without_call(const SamplerPtr& sampler) {
  return sampler == nullptr || sampler->describe() == "AlwaysOnSampler";
}

}  // namespace

struct Sdk::Impl {
  Options options;
  exporting::Pipeline pipeline;
  trace::SpanCounts counts_before;
  std::uint64_t written_before = 0;
  std::uint64_t dropped_before = 0;

  explicit Impl(Options given) : options(std::move(given)), pipeline(process().waker, options.export_settings) {}
  void start();
  FlushResult stop(std::chrono::milliseconds timeout);
  FlushResult flush(std::chrono::milliseconds timeout);
  FlushResult result(bool complete) const;
  Stats stats() const;

 private:
  void install_tracing();
  void start_watching_timeouts();
};

void Sdk::Impl::start() {
  Process& all = process();
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
  if (options.traces) install_tracing();
  if (options.sampler != nullptr) {
    options.sampler->on_tick();
    pipeline.every(std::chrono::seconds(1), [sampler = options.sampler] { sampler->on_tick(); });
  }
  pipeline.start();
}

void Sdk::Impl::install_tracing() {
  auto runtime = std::make_unique<trace::Runtime>();
  runtime->sampler = options.sampler != nullptr ? options.sampler : parent_based(always_on());
  runtime->samples_all = options.sampler != nullptr && decides_without_call(options.sampler);
  const Limits& limits = options.span_limits;
  runtime->limits = {limits.attributes_max,       limits.events_max,          limits.links_max,
                     limits.event_attributes_max, limits.link_attributes_max, limits.value_length_max};
  runtime->processors = options.processors;
  runtime->queue = &process().spans;
  trace::install(std::move(runtime));
}

void Sdk::Impl::start_watching_timeouts() {
  const std::chrono::nanoseconds timeout = options.span_timeout;
  const auto period =
      std::clamp<std::chrono::nanoseconds>(timeout / 4, std::chrono::milliseconds(10), std::chrono::seconds(1));
  pipeline.every(period, [timeout] { trace::end_spans_begun_before(monotonic_ns() - timeout.count()); });
}

FlushResult Sdk::Impl::stop(std::chrono::milliseconds timeout) {
  trace::install(nullptr);
  process().spans.close();
  const bool complete = pipeline.stop(Deadline::after(timeout));
  if (options.sampler != nullptr) options.sampler->on_stop();
  return result(complete);
}

FlushResult Sdk::Impl::flush(std::chrono::milliseconds timeout) {
  return result(pipeline.flush(Deadline::after(timeout)));
}

FlushResult Sdk::Impl::result(bool complete) const {
  FlushResult result;
  result.complete = complete;
  const Stats counted = stats();
  result.lost = counted.spans_dropped + counted.spans_unrecorded;
  for (const ExporterCounts& exporter : counted.exporters) {
    result.lost += exporter.lost + exporter.rejected;
    if (complete) continue;
    if (!result.message.empty()) result.message += "; ";
    result.message += exporter.name + ": " + std::to_string(exporter.pending) + " items not sent, " +
                      std::to_string(exporter.lost) + " lost";
    if (!exporter.last_error.empty()) result.message += " (" + exporter.last_error + ")";
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
  stats.exporters = pipeline.counts();
  return stats;
}

Sdk::Sdk() noexcept = default;
Sdk::Sdk(Sdk&&) noexcept = default;

Sdk& Sdk::operator=(Sdk&& other) noexcept {
  if (this == &other) return *this;
  if (impl_ != nullptr) shutdown(impl_->options.exit_timeout);
  impl_ = std::move(other.impl_);
  return *this;
}

Sdk::~Sdk() {
  if (impl_ != nullptr) shutdown(impl_->options.exit_timeout);
}

Result<Sdk> Sdk::start(Options options) {
  Process& all = process();
  const std::lock_guard<std::mutex> lock(all.mutex);
  if (all.running != nullptr)
    return Error{"an SDK runs already in this process: shut it down before another one starts"};
  Sdk sdk;
  sdk.impl_ = std::make_unique<Impl>(std::move(options));
  sdk.impl_->start();
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

Stats Sdk::stats() const {
  return impl_ != nullptr ? impl_->stats() : Stats{};
}

}  // namespace sextant
