#include "wiring/process.h"

#include <pthread.h>

#include <cstdlib>
#include <new>

#include "base/log.h"
#include "logs/runtime.h"
#include "scope/scope_registry.h"
#include "trace/runtime.h"
#include "trace/thread_state.h"

namespace sextant::wiring {
namespace {

/// Static objects may still trace after this; their spans are counted as dropped.
void at_exit() {
  Process& all = process();
  const std::unique_lock<std::mutex> lock(all.mutex, std::try_to_lock);
  if (lock.owns_lock() && all.running != nullptr) all.running->stop_at_exit();
}

void before_fork() {
  Process& all = process();
  detail::lock_scopes_for_fork();
  trace::lock_for_fork();
  logs::hold_for_fork();
  all.spans.lanes_mutex().lock();
  all.logs.lanes_mutex().lock();
  lock_log_for_fork();
}

void unlock_queues() {
  unlock_log_after_fork();
  process().logs.lanes_mutex().unlock();
  process().spans.lanes_mutex().unlock();
}

void in_parent() {
  unlock_queues();
  logs::release_in_parent();
  trace::unlock_after_fork();
  detail::unlock_scopes_after_fork();
}

void in_child() {
  Process& all = process();
  new (&all.mutex) std::mutex;  // may have been held by a thread that is gone
  all.waker.renew();
  trace::after_fork_in_child();
  all.spans.forget_all();
  all.logs.forget_all();
  trace::thread_state.lane = nullptr;
  unlock_queues();
  logs::release_in_child();
  trace::unlock_after_fork();
  detail::unlock_scopes_after_fork();
  if (all.running != nullptr) all.running->restart_in_child();
}

Process& make_process() {
  auto* made = new Process;
  pthread_atfork(before_fork, in_parent, in_child);
  std::atexit(at_exit);
  return *made;
}

}  // namespace

Process& process() noexcept {
  static Process& instance = make_process();
  return instance;
}

}  // namespace sextant::wiring
