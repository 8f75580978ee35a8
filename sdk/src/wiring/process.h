// What outlives every SDK of the process: threads hold lanes of the queue, and spans may end when nothing runs.
#pragma once

#include <mutex>

#include "base/waker.h"
#include "queue/record_queue.h"
#include "sextant/sdk.h"

namespace sextant::wiring {

/// An SDK as the process sees it. Thread: start and stop one at a time, the process' mutex held.
class Running {
 public:
  virtual ~Running() = default;
  /// The process ends, and nobody has stopped it.
  virtual void stop_at_exit() noexcept = 0;
  /// In the child of a fork: threads are started anew, with nothing of the parent's in their queues.
  virtual void restart_in_child() noexcept = 0;
};

/// Never destroyed.
struct Process {
  Waker waker;
  queue::RecordQueue spans{{}, waker};
  queue::RecordQueue logs{{}, waker};
  std::mutex mutex;  // starts and stops
  Running* running = nullptr;
};

Process& process() noexcept;

}  // namespace sextant::wiring
