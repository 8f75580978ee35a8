// Waking a thread that waits, from anywhere, without ever waiting for it.
#pragma once

#include <chrono>

namespace sextant {

/// Internally locked by the kernel (eventfd(2)).
class Waker {
 public:
  Waker() noexcept;
  ~Waker();
  Waker(const Waker&) = delete;
  Waker& operator=(const Waker&) = delete;

  /// The next wait, or the present one, returns at once. Never blocks; safe in signal handlers.
  void wake() noexcept;
  /// Until woken, or for so long. Thread: one waits.
  void wait_for(std::chrono::nanoseconds time) noexcept;
  /// Readable while a wake has not been waited for; to be polled beside other descriptors.
  int descriptor() const noexcept { return descriptor_; }
  /// Forgets earlier wakes.
  void clear() noexcept;
  /// In the child of a fork: a descriptor of its own, instead of the one it shares with the parent.
  void renew() noexcept;

 private:
  int descriptor_;
};

}  // namespace sextant
