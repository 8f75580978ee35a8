// The SDK's own thread: gathers what the program recorded, and hands it to the exporters' queues.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/waker.h"
#include "export/export_queue.h"

namespace sextant::exporting {

/// Something that yields batches from time to time. Thread: the pipeline's.
class Source {
 public:
  virtual ~Source() = default;
  /// When gather() is to be called next, by the monotonic clock.
  virtual std::int64_t due_ns() const noexcept = 0;
  enum class Extent { kWhatIsDue, kEverything };
  /// Called when it is due, when the thread was woken, and, for everything, at a flush.
  virtual void gather(Extent extent, std::int64_t now_ns, const std::function<void(Batch)>& sink) = 0;
};

/// Internally locked. Thread: one of its own, from start() to stop().
class Pipeline {
 public:
  /// The waker outlives the pipeline; sources are woken by it too.
  Pipeline(Waker& waker, const ExportSettings& settings);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// Before start().
  void add_exporter(ExporterPtr exporter);
  void add_source(std::shared_ptr<Source> source);
  /// Any time, any thread.
  void every(std::chrono::nanoseconds period, std::function<void()> task);
  void start();

  /// Everything that was recorded before is gathered and sent, or refused. False when the deadline came first.
  bool flush(const Deadline& deadline);
  /// Gathers once more, then ends all threads. What could not be sent by the deadline counts as lost. Once.
  bool stop(const Deadline& deadline);
  std::vector<ExporterCounts> counts() const;
  void restart_in_child();

 private:
  struct Task {
    std::chrono::nanoseconds period;
    std::function<void()> run;
    std::int64_t due_ns;
  };
  void run();
  std::int64_t run_tasks(std::int64_t now_ns);
  std::int64_t gather(Source::Extent extent);
  void submit(Batch batch);
  bool gather_everything(const Deadline& deadline);

  Waker& waker_;
  const ExportSettings settings_;
  std::vector<std::unique_ptr<ExportQueue>> queues_;
  std::vector<std::shared_ptr<Source>> sources_;
  std::mutex tasks_mutex_;
  std::vector<Task> tasks_;
  std::mutex mutex_;
  std::condition_variable gathered_;
  std::uint64_t wanted_ = 0;    // flushes asked for
  std::uint64_t answered_ = 0;  // the newest of them that has been gathered
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace sextant::exporting
