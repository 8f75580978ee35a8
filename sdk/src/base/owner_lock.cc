#include "base/owner_lock.h"

#include <linux/membarrier.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace sextant {
namespace {

constexpr int kSpins = 200;  // then the holder has been taken off its core: let it run

template <class Done>
void spin_until(Done done) noexcept {
  for (int i = 0; !done(); ++i) {
    if (i % kSpins == kSpins - 1) sched_yield();
  }
}

long membarrier(int command) noexcept {
  return syscall(__NR_membarrier, command, 0, 0);
}

}  // namespace

void OwnerLock::lock_shared() noexcept {
  spin_until([this] { return !locked_.exchange(true, std::memory_order_acquire); });
  if (owner_.load(std::memory_order_relaxed) == 0) return;
  owner_.store(0, std::memory_order_seq_cst);
  membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
  spin_until([this] { return !inside_.load(std::memory_order_acquire); });
}

bool owner_locks_available() noexcept {
  return membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0;
}

void barrier_on_all_threads() noexcept {
  membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
}

}  // namespace sextant
