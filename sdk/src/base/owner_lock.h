// A lock that costs its owner two plain stores.
//
// Nearly every span is used by one thread alone, yet another one may come at any time: to add an attribute, to end it,
// to find that it was never ended. An atomic read-modify-write at every use would be a third of what a span costs. So a
// lock belongs to the thread that took it first (Kawachiya, Koseki and Onodera: Lock Reservation, 2002): the owner
// announces that it is inside with a plain store, and looks whether the lock is still its own. Whoever else comes first
// takes the ownership away, once and for all, and makes the operating system run a memory barrier on all threads
// (membarrier(2)), after which the owner's store has either become visible or the owner will see that it owns no more.
// From then on it is an ordinary spin lock.
#pragma once

#include <atomic>
#include <cstdint>

namespace sextant {

namespace detail {
inline thread_local char thread_mark_byte;
}

/// A number of this thread's own, never 0.
inline std::uintptr_t thread_mark() noexcept {
  return reinterpret_cast<std::uintptr_t>(&detail::thread_mark_byte);
}

/// Internally locked. Holders must do little: others spin.
class OwnerLock {
 public:
  /// Before anyone else knows the lock. Marks its owner; 0: nobody, it is an ordinary lock from the start.
  void reset(std::uintptr_t owner) noexcept { owner_.store(owner, std::memory_order_relaxed); }
  /// Whether no second thread has come yet.
  bool owned() const noexcept { return owner_.load(std::memory_order_relaxed) != 0; }

  /// Holds the lock for its own lifetime.
  class Hold {
   public:
    Hold(OwnerLock& lock, std::uintptr_t mark) noexcept : lock_(lock), as_owner_(lock.enter(mark)) {
      if (!as_owner_) lock_.lock_shared();
    }
    ~Hold() { (as_owner_ ? lock_.inside_ : lock_.locked_).store(false, std::memory_order_release); }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    OwnerLock& lock_;
    bool as_owner_;
  };

 private:
  bool enter(std::uintptr_t mark) noexcept {
    if (owner_.load(std::memory_order_relaxed) != mark) return false;
    inside_.store(true, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    if (owner_.load(std::memory_order_relaxed) == mark) return true;
    inside_.store(false, std::memory_order_release);
    return false;
  }
  void lock_shared() noexcept;

  std::atomic<std::uintptr_t> owner_{0};
  std::atomic<bool> inside_{false};  // the owner is
  std::atomic<bool> locked_{false};  // somebody else is, or anybody where nobody owns
};

/// To be called once in a process, and again in its child after fork(): whether locks may have owners, which needs a
/// kernel with membarrier(2). Where it has none, every lock is an ordinary one.
bool owner_locks_available() noexcept;

/// A memory barrier on every running thread of the process, after owner_locks_available() has been called.
void barrier_on_all_threads() noexcept;

}  // namespace sextant
