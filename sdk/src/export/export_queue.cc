#include "export/export_queue.h"

#include <algorithm>
#include <new>
#include <utility>

#include "base/log.h"
#include "base/thread_name.h"

namespace sextant::exporting {

ExportQueue::ExportQueue(ExporterPtr exporter, const ExportSettings& settings)
    : exporter_(std::move(exporter)), settings_(settings), jitter_(std::random_device{}()) {
  counts_.name = exporter_->name();
  start();
}

ExportQueue::~ExportQueue() {
  stop();
}

void ExportQueue::start() {
  thread_ = std::thread([this] {
    name_thread("sextant_export");
    run();
  });
}

void ExportQueue::submit(BatchPtr batch) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++submitted_;
  if (stopping_) {
    ++finished_;
    note_lost(*batch);
    return;
  }
  drop_oldest(settings_.pending_bytes_max - std::min(batch->body.size(), settings_.pending_bytes_max));
  bytes_ += batch->body.size();
  batches_.push_back(std::move(batch));
  changed_.notify_all();
}

/// Requires: mutex_ held.
void ExportQueue::drop_oldest(std::size_t bytes_max) {
  while (batches_.size() > 1 && bytes_ > bytes_max) {
    const auto oldest = batches_.begin() + 1;
    bytes_ -= (*oldest)->body.size();
    note_lost(**oldest);
    ++finished_;
    batches_.erase(oldest);
    log_once_a_minute(LogLevel::kWarn, "export queue is full: the oldest batch was dropped", exporter_->name());
  }
}

bool ExportQueue::flush(const Deadline& deadline) {
  std::unique_lock<std::mutex> lock(mutex_);
  const std::uint64_t target = submitted_;
  ++flushes_;
  changed_.notify_all();
  return changed_.wait_until(lock, deadline.until(), [&] { return finished_ >= target; });
}

void ExportQueue::stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    cancel_.wake();
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const BatchPtr& batch : batches_) note_lost(*batch);
  finished_ += batches_.size();
  batches_.clear();
  bytes_ = 0;
}

ExporterCounts ExportQueue::counts() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  ExporterCounts counts = counts_;
  counts.pending_bytes = bytes_;
  for (const BatchPtr& batch : batches_) {
    counts.pending += batch->items;
    counts.by_signal[static_cast<std::size_t>(batch->signal)].pending += batch->items;
  }
  return counts;
}

void ExportQueue::restart_in_child() {
  // The parent's threads are not here, and whatever they held is held for ever: nothing of it may be touched. The old
  // thread object is abandoned, the lock is made anew.
  new (&mutex_) std::mutex;
  new (&changed_) std::condition_variable;
  new (&thread_) std::thread;
  cancel_.renew();
  batches_.clear();
  bytes_ = 0;
  finished_ = submitted_;
  start();
}

void ExportQueue::run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_) {
    changed_.wait(lock, [this] { return stopping_ || !batches_.empty(); });
    if (!stopping_) send_next(lock);
  }
}

/// Requires: the lock, which is given up while the batch is sent; a batch first in the queue.
void ExportQueue::send_next(std::unique_lock<std::mutex>& lock) {
  const BatchPtr batch = batches_.front();
  const std::uint64_t flushes = flushes_;
  lock.unlock();
  const std::chrono::milliseconds timeout = batch->timeout.count() > 0 ? batch->timeout : settings_.timeout;
  const ExportResult result = exporter_->send(*batch, Deadline(Deadline::Clock::now() + timeout, cancel_.descriptor()));
  lock.lock();
  ++counts_.attempts;
  if (result.code == ExportCode::kRetry) {
    ++counts_.retries;
    counts_.last_error = result.message;
    log_once_a_minute(LogLevel::kWarn, "export failed, to be tried again", exporter_->name() + ": " + result.message);
    if (flushes == flushes_) wait_before_retry(lock, result.retry_after);
    return;
  }
  note(*batch, result);
  batches_.pop_front();
  bytes_ -= batch->body.size();
  attempts_ = 0;
  ++finished_;
  changed_.notify_all();
}

void ExportQueue::note_lost(const Batch& batch) {
  counts_.lost += batch.items;
  counts_.by_signal[static_cast<std::size_t>(batch.signal)].lost += batch.items;
}

void ExportQueue::note(const Batch& batch, const ExportResult& result) {
  ItemCounts& of_signal = counts_.by_signal[static_cast<std::size_t>(batch.signal)];
  const bool taken = result.code == ExportCode::kTaken;
  const std::size_t rejected = taken ? std::min(result.rejected, batch.items) : batch.items;
  counts_.sent += batch.items - rejected;
  of_signal.sent += batch.items - rejected;
  counts_.rejected += rejected;
  of_signal.rejected += rejected;
  if (taken && rejected == 0) {
    if (!result.message.empty())
      log_once_a_minute(LogLevel::kWarn, "the receiver warns", exporter_->name() + ": " + result.message);
    return;
  }
  counts_.last_error = result.message;
  log_once_a_minute(LogLevel::kError, "the receiver refused items", exporter_->name() + ": " + result.message);
}

/// Grows by half with each attempt; what the receiver asks for counts more. A fifth of it is chance, so that the
/// programs that lost a receiver together do not come back together.
void ExportQueue::wait_before_retry(std::unique_lock<std::mutex>& lock, std::chrono::milliseconds asked) {
  double pause = static_cast<double>(settings_.retry_pause.count());
  for (std::uint32_t i = 0; i < attempts_ && pause < static_cast<double>(settings_.retry_pause_max.count()); ++i)
    pause *= 1.5;
  ++attempts_;
  pause = std::min(pause, static_cast<double>(settings_.retry_pause_max.count()));
  pause *= std::uniform_real_distribution<double>(0.8, 1.2)(jitter_);
  const auto length = std::max(std::chrono::milliseconds(static_cast<std::int64_t>(pause)), asked);
  const std::uint64_t flushes = flushes_;
  changed_.wait_for(lock, length, [&] { return stopping_ || flushes != flushes_; });
}

}  // namespace sextant::exporting
