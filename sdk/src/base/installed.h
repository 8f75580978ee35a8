// The rules by which a process records, as one SDK after the other sets them.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace sextant {

/// One immutable value at a time, or none; to be an object that is never destroyed. Those before are kept for ever:
/// other threads may be using them. Internally locked; reading is one atomic load.
template <class T>
class Installed {
 public:
  const T* get() const noexcept { return current_.load(std::memory_order_acquire); }
  /// Requires: the mutex held.
  void set(std::unique_ptr<const T> value) {
    current_.store(value.get(), std::memory_order_release);
    if (value != nullptr) all_.push_back(std::move(value));
  }
  /// The one set last, whether or not it is still in force; null: none ever was. Requires: the mutex held.
  const T* last() const noexcept { return all_.empty() ? nullptr : all_.back().get(); }
  std::mutex& mutex() noexcept { return mutex_; }  // to be held over a fork

 private:
  std::atomic<const T*> current_{nullptr};
  std::mutex mutex_;
  std::vector<std::unique_ptr<const T>> all_;
};

}  // namespace sextant
