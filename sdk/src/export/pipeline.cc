// The loop of the SDK's own thread, and how it starts, flushes and stops.
#include "export/pipeline.h"

#include <algorithm>
#include <new>
#include <utility>

#include "base/clock.h"
#include "base/thread_name.h"

namespace sextant::exporting {

Pipeline::Pipeline(Waker& waker, const ExportSettings& settings) : waker_(waker), settings_(settings) {}

Pipeline::~Pipeline() {
  stop(Deadline::after(std::chrono::seconds(0)));
}

void Pipeline::add_exporter(ExporterPtr exporter) {
  queues_.push_back(std::make_unique<ExportQueue>(std::move(exporter), settings_));
}

void Pipeline::add_source(std::shared_ptr<Source> source) {
  sources_.push_back(std::move(source));
}

void Pipeline::every(std::chrono::nanoseconds period, std::function<void()> task) {
  {
    const std::lock_guard<std::mutex> lock(tasks_mutex_);
    tasks_.push_back({period, std::move(task), monotonic_ns() + period.count()});
  }
  waker_.wake();
}

void Pipeline::start() {
  thread_ = std::thread([this] {
    name_thread("sextant_gather");
    run();
  });
}

void Pipeline::run() {
  while (!stopping_.load()) {
    std::uint64_t wanted = 0;
    bool asked = false;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      wanted = wanted_;
      asked = wanted_ != answered_;
    }
    const std::int64_t tasks_due = run_tasks(monotonic_ns());
    const std::int64_t sources_due = gather(asked ? Source::Extent::kEverything : Source::Extent::kWhatIsDue);
    if (asked) {
      const std::lock_guard<std::mutex> lock(mutex_);
      answered_ = wanted;
      gathered_.notify_all();
      continue;
    }
    waker_.wait_for(std::chrono::nanoseconds(std::min(tasks_due, sources_due) - monotonic_ns()));
  }
}

/// Returns when the next one is due.
std::int64_t Pipeline::run_tasks(std::int64_t now_ns) {
  std::vector<std::function<void()>> due;
  std::int64_t next = INT64_MAX;
  {
    const std::lock_guard<std::mutex> lock(tasks_mutex_);
    for (Task& task : tasks_) {
      if (task.due_ns <= now_ns) {
        due.push_back(task.run);
        task.due_ns = now_ns + task.period.count();
      }
      next = std::min(next, task.due_ns);
    }
  }
  for (const auto& task : due) task();
  return next;
}

std::int64_t Pipeline::gather(Source::Extent extent) {
  std::int64_t next = INT64_MAX;
  for (const auto& source : sources_) {
    source->gather(extent, monotonic_ns(), [this](Batch batch) { submit(std::move(batch)); });
    next = std::min(next, source->due_ns());
  }
  return next;
}

void Pipeline::submit(Batch batch) {
  const auto shared = std::make_shared<const Batch>(std::move(batch));
  for (const auto& queue : queues_) {
    if (queue->wants(shared->signal)) queue->submit(shared);
  }
}

bool Pipeline::gather_everything(const Deadline& deadline) {
  std::unique_lock<std::mutex> lock(mutex_);
  const std::uint64_t mine = ++wanted_;
  waker_.wake();
  return gathered_.wait_until(lock, deadline.until(), [&] { return answered_ >= mine; });
}

bool Pipeline::flush(const Deadline& deadline) {
  if (!thread_.joinable()) return false;
  bool complete = gather_everything(deadline);
  for (const auto& queue : queues_) complete = queue->flush(deadline) && complete;
  return complete;
}

bool Pipeline::stop(const Deadline& deadline) {
  if (!thread_.joinable()) return true;
  const bool complete = flush(deadline);
  stopping_.store(true);
  waker_.wake();
  thread_.join();
  for (const auto& queue : queues_) queue->stop();
  return complete;
}

std::vector<ExporterCounts> Pipeline::counts() const {
  std::vector<ExporterCounts> all;
  for (const auto& queue : queues_) all.push_back(queue->counts());
  return all;
}

void Pipeline::restart_in_child() {
  new (&thread_) std::thread;
  new (&mutex_) std::mutex;
  new (&tasks_mutex_) std::mutex;
  new (&gathered_) std::condition_variable;
  answered_ = wanted_;
  for (const auto& queue : queues_) queue->restart_in_child();
  start();
}

}  // namespace sextant::exporting
