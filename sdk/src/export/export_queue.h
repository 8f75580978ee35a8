// One exporter's batches: a thread that sends them in order, again and again where the receiver is away, within a
// budget of bytes.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <random>
#include <string>
#include <thread>

#include "base/waker.h"
#include "sextant/exporter.h"

namespace sextant::exporting {

using BatchPtr = std::shared_ptr<const Batch>;

/// Internally locked. Thread: one of its own, from construction to stop().
class ExportQueue {
 public:
  ExportQueue(ExporterPtr exporter, const ExportSettings& settings);
  ~ExportQueue();
  ExportQueue(const ExportQueue&) = delete;
  ExportQueue& operator=(const ExportQueue&) = delete;

  bool wants(Signal signal) const noexcept { return exporter_->wants(signal); }
  /// Where the budget is used up, the oldest batch that is not being sent goes, and is counted.
  void submit(BatchPtr batch);
  /// Waits until all that was submitted before has been sent or refused; a pause between two attempts is cut short.
  /// False when the deadline came first.
  bool flush(const Deadline& deadline);
  /// Ends the thread at once: what is being sent is given up. What is left counts as lost. Once.
  void stop();
  ExporterCounts counts() const;
  /// In the child of a fork, where the thread is gone: forgets what the parent sends, and starts a thread.
  void restart_in_child();

 private:
  void start();
  void run();
  void send_next(std::unique_lock<std::mutex>& lock);
  void note(const Batch& batch, const ExportResult& result);
  void note_lost(const Batch& batch);
  void drop_oldest(std::size_t bytes_max);
  void wait_before_retry(std::unique_lock<std::mutex>& lock, std::chrono::milliseconds asked);

  const ExporterPtr exporter_;
  const ExportSettings settings_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<BatchPtr> batches_;  // the first one is being sent
  std::size_t bytes_ = 0;
  std::uint64_t submitted_ = 0;
  std::uint64_t finished_ = 0;  // batches
  std::uint64_t flushes_ = 0;   // grows with each flush(): pauses end
  std::uint32_t attempts_ = 0;  // of the first batch
  bool stopping_ = false;
  ExporterCounts counts_;
  std::minstd_rand jitter_;
  Waker cancel_;
  std::thread thread_;
};

}  // namespace sextant::exporting
