#include "persist/store/store.h"

#include "base/core/hash.h"
#include "persist/format/batch_codec.h"
#include "persist/format/limits.h"
#include "persist/store/impl.h"
#include "persist/store/limits.h"

namespace sextant::persist {

Store::Impl::Counters::Counters(Metrics& metrics)
    : stored(metrics.counter(Metric::kStoreSpans, {"stored"})),
      refused(metrics.counter(Metric::kStoreSpans, {"refused"})),
      replayed(metrics.counter(Metric::kStoreSpans, {"replayed"})),
      log_bytes(metrics.counter(Metric::kStoreLogBytes)),
      log_failures(metrics.counter(Metric::kStoreLogFailures)),
      seal_failures(metrics.counter(Metric::kStoreSealFailures)),
      compactions(metrics.counter(Metric::kStoreCompactions)),
      compact_failures(metrics.counter(Metric::kStoreCompactFailures)),
      removed_by_age(metrics.counter(Metric::kStoreRemovedBytes, {"age"})),
      removed_by_bytes(metrics.counter(Metric::kStoreRemovedBytes, {"bytes"})),
      damages(metrics.counter(Metric::kStoreDamages)),
      torn_tails(metrics.counter(Metric::kStoreTornTails)),
      scan_blocks(metrics.counter(Metric::kStoreScanBlocks)),
      scan_text_bytes(metrics.counter(Metric::kStoreScanTextBytes)),
      sync_seconds(metrics.histogram(Metric::kStoreLogSyncSeconds)),
      seal_seconds(metrics.histogram(Metric::kStoreSealSeconds)),
      compact_seconds(metrics.histogram(Metric::kStoreCompactSeconds)),
      scan_runs(metrics.histogram(Metric::kStoreScanSeconds, {"runs"})),
      scan_spans(metrics.histogram(Metric::kStoreScanSeconds, {"spans"})),
      scan_names(metrics.histogram(Metric::kStoreScanSeconds, {"names"})),
      scan_aggregate(metrics.histogram(Metric::kStoreScanSeconds, {"aggregate"})),
      queue(metrics.gauge(Metric::kStoreQueueBatches)),
      writable(metrics.gauge(Metric::kStoreWritable)),
      head_spans(metrics.gauge(Metric::kStoreHeadSpans)),
      head_bytes(metrics.gauge(Metric::kStoreHeadBytes)),
      segments(metrics.gauge(Metric::kStoreSegments)),
      segment_bytes(metrics.gauge(Metric::kStoreSegmentBytes)) {
  metrics.gauge(Metric::kStoreQueueLimit).set(static_cast<double>(kQueueBatchesMax));
  writable.set(1);
}

Store::Impl::Impl(const StoreSettings& settings, Files& files, const Clock& clock, StoreMemory memory, Metrics& metrics,
                  Log& log)
    : settings_(settings),
      layout_(settings.data_dir),
      files_(files),
      clock_(clock),
      ledger_(memory.kept),
      question_ledger_(memory.questions),
      log_(log),
      counters_(metrics),
      cache_(ledger_.limit_bytes() / kCacheShare, ledger_) {
  const uint64_t reserve = std::min(kSealReserveBytes, ledger_.limit_bytes() / kSealReserveShare);
  if (!ledger_.reserve(reserve, seal_reserve_)) log_.warn("no memory is left for sealing", {{"bytes", reserve}});
}

Store::Impl::~Impl() {
  (void)close();
}

void Store::Impl::start() {
  view_.lock()->active_since_steady = clock_.steady_nanos();
  quota_bytes_ = quota_bytes();
  show_gauges();
  if (settings_.scheduling == Scheduling::kCaller) return;
  log_thread_ = std::jthread([this](const std::stop_token& stop) { run_log(stop); });
  background_thread_ = std::jthread([this](const std::stop_token& stop) { run_background(stop); });
}

void Store::Impl::consume(data::Batch&& batch, LedgerHold&& hold, data::ConsumeDone done) {
  if (batch.span_count() == 0) return done({});
  const uint32_t spans = batch.span_count();
  const auto refuse_with = [&](Error error) {
    counters_.refused.add(spans);
    done(std::unexpected(std::move(error)));
  };
  if (auto error = refusal()) return refuse_with(std::move(*error));
  if (batch.values.all_bytes().size() > kBatchBytesMax) {
    return refuse_with({ErrorCode::kTooLarge, fmt::format("the values of the batch have {} bytes, the limit is {}",
                                                          batch.values.all_bytes().size(), kBatchBytesMax)});
  }
  Pending pending;
  pending.head = make_head_batch(std::move(batch), std::move(hold));
  pending.payload = take_payload();
  encode_batch(pending.head->batch, pending.payload);
  if (pending.payload.size() > kBatchBytesMax) {
    return refuse_with({ErrorCode::kTooLarge, fmt::format("the batch has {} bytes when encoded, the limit is {}",
                                                          pending.payload.size(), kBatchBytesMax)});
  }
  if (!charge(*pending.head, ledger_, pending.payload.capacity())) {
    return refuse_with({ErrorCode::kResourceExhausted, fmt::format("memory is full: {} of {} bytes are in use",
                                                                   ledger_.used_bytes(), ledger_.limit_bytes())});
  }
  pending.checksum = crc32c(pending.payload);
  auto queue = queue_.lock();
  if (queue->closed || queue->items.size() >= kQueueBatchesMax) {
    const bool closed = queue->closed;
    queue.unlock();
    return closed ? refuse_with({ErrorCode::kUnavailable, "the store is closing"})
                  : refuse_with({ErrorCode::kResourceExhausted, "too many batches wait for the log"});
  }
  pending.done = std::move(done);
  queue->bytes += pending.payload.size();
  queue->items.push_back(std::move(pending));
  counters_.queue.set(static_cast<double>(queue->items.size()));
  // A log's thread that gathers a group need not look at each batch of it.
  const bool wake = queue->items.size() >= queue->wake_at || queue->bytes >= settings_.group_bytes;
  queue.unlock();
  if (wake) queue_.notify_all();
}

Snapshot Store::Impl::snapshot() const {
  const auto view = view_.lock();
  Snapshot snapshot;
  snapshot.heads = view->frozen;
  snapshot.heads.push_back(view->active);
  snapshot.segments = view->segments;
  snapshot.sequence = view->sequence;
  snapshot.deleted = view->deleted;
  return snapshot;
}

ScanServices Store::Impl::scan_services() {
  return {clock_, question_ledger_, [this](const std::string& reason) { note_damage(reason); },
          settings_.scheduling == Scheduling::kThreads};
}

void Store::Impl::note_answered(uint64_t begin_steady, Histogram& seconds) {
  const uint64_t now = clock_.steady_nanos();
  seconds.observe_nanos(now - begin_steady);
  last_question_steady_ = now;
}

Result<data::ScanEnd> Store::Impl::scan(const data::ScanSpec& spec, data::ScanSink& sink) {
  const uint64_t begin = clock_.steady_nanos();
  const Snapshot now = snapshot();
  Result<data::ScanEnd> end = persist::scan(now, spec, sink, scan_services());
  Histogram& seconds = spec.rows == data::ScanSpec::Rows::kRuns ? counters_.scan_runs : counters_.scan_spans;
  note_answered(begin, seconds);
  if (end) {
    counters_.scan_blocks.add(end->stats.blocks_read);
    counters_.scan_text_bytes.add(end->stats.text_bytes_unfolded);
  }
  return end;
}

Result<data::NamesEnd> Store::Impl::names(const data::NamesSpec& spec) {
  const uint64_t begin = clock_.steady_nanos();
  const Snapshot now = snapshot();
  Result<data::NamesEnd> end = scan_names(now, spec, scan_services());
  note_answered(begin, counters_.scan_names);
  return end;
}

Result<data::AggregateEnd> Store::Impl::aggregate(const data::AggregateSpec& spec) {
  const uint64_t begin = clock_.steady_nanos();
  const Snapshot now = snapshot();
  Result<data::AggregateEnd> end = persist::scan_aggregate(now, spec, scan_services());
  note_answered(begin, counters_.scan_aggregate);
  if (end) counters_.scan_blocks.add(end->stats.blocks_read);
  return end;
}

void Store::Impl::note_damage(const std::string& reason) {
  damages_.fetch_add(1, std::memory_order_relaxed);
  counters_.damages.add();
  log_.error("a part of the store cannot be read", {{"reason", reason}});
}

StoreStatus Store::Impl::status() const {
  StoreStatus status;
  {
    const auto view = view_.lock();
    status.sequence = view->sequence;
    for (const auto& head : view->frozen) {
      status.head_spans += head->totals().spans;
      status.head_bytes += head->totals().bytes;
    }
    status.head_spans += view->active->totals().spans;
    status.head_bytes += view->active->totals().bytes;
    status.segments = view->segments.size();
    for (const auto& segment : view->segments) {
      status.segment_bytes += segment->file_bytes();
      status.segment_spans += segment->info().rows;
    }
    if (!view->segments.empty()) status.oldest_arrival = view->segments.front()->info().first_arrival;
  }
  status.log_files = log_files_;
  status.log_bytes = log_file_bytes_;
  status.quota_bytes = quota_bytes_;
  status.damages = damages_;
  const auto health = health_.lock();
  status.writable = !health->refused.has_value();
  status.problem = health->refused ? health->refused->message() : health->seal_problem;
  return status;
}

void Store::Impl::show_gauges() {
  const StoreStatus now = status();
  counters_.head_spans.set(static_cast<double>(now.head_spans));
  counters_.head_bytes.set(static_cast<double>(now.head_bytes));
  counters_.segments.set(static_cast<double>(now.segments));
  counters_.segment_bytes.set(static_cast<double>(now.segment_bytes));
}

void Store::Impl::tick() {
  std::vector<Pending> items;
  {
    auto queue = queue_.lock();
    items.swap(queue->items);
    queue->bytes = 0;
  }
  commit_waiting(std::move(items));
  release_sealed();
  sync_if_due();
  background_step();
  release_sealed();
}

Result<void> Store::Impl::close() {
  if (closed_) return {};
  closed_ = true;
  queue_.lock()->closed = true;
  queue_.notify_all();
  if (log_thread_.joinable()) {
    log_thread_.request_stop();
    log_thread_.join();
  }
  stopping_ = true;
  if (background_thread_.joinable()) {
    background_thread_.request_stop();
    background_thread_.join();
  }
  if (!writer_) return {};
  // With threads the queue is empty by now; without, what nobody ticked for is refused.
  std::vector<Pending> left;
  left.swap(queue_.lock()->items);
  refuse(left, {ErrorCode::kUnavailable, "the store is closing"});
  return writer_->has_unsynced() ? writer_->sync() : Result<void>{};
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const StoreSettings& settings, Files& files, const Clock& clock,
                                           StoreMemory memory, Metrics& metrics, Log& log) {
  auto impl = std::make_unique<Impl>(settings, files, clock, memory, metrics, log);
  TRY(impl->recover());
  impl->start();
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

void Store::consume(data::Batch&& batch, LedgerHold&& hold, data::ConsumeDone done) {
  impl_->consume(std::move(batch), std::move(hold), std::move(done));
}
Result<data::ScanEnd> Store::scan(const data::ScanSpec& spec, data::ScanSink& sink) {
  return impl_->scan(spec, sink);
}
Result<data::NamesEnd> Store::names(const data::NamesSpec& spec) {
  return impl_->names(spec);
}
Result<data::AggregateEnd> Store::aggregate(const data::AggregateSpec& spec) {
  return impl_->aggregate(spec);
}
Result<void> Store::erase_trace(const data::TraceId& id) {
  return impl_->erase_trace(id);
}
uint64_t Store::sequence() const {
  return impl_->sequence();
}
StoreStatus Store::status() const {
  return impl_->status();
}
Result<void> Store::flush_and_close() {
  return impl_->close();
}
Result<void> Store::seal() {
  return impl_->seal_now();
}
void Store::tick() {
  impl_->tick();
}

}  // namespace sextant::persist
