// Data that may only be touched under its lock: the lock and the data are one object.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <utility>

namespace sextant {

/// Internally locked. `auto state = guarded.lock(); state->field = …;` holds the lock while `state` lives.
template <typename T>
class Guarded {
 public:
  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  /// Access to the value for as long as it lives. Movable, not copyable.
  template <typename U>
  class [[nodiscard]] Access {
   public:
    Access(std::unique_lock<std::mutex> lock, U& value) : lock_(std::move(lock)), value_(&value) {}
    U* operator->() const { return value_; }
    U& operator*() const { return *value_; }

    /// Releases the lock early; the value must not be used afterwards.
    void unlock() { lock_.unlock(); }

   private:
    friend class Guarded;
    std::unique_lock<std::mutex> lock_;
    U* value_;
  };

  Access<T> lock() { return {std::unique_lock(mutex_), value_}; }
  Access<const T> lock() const { return {std::unique_lock(mutex_), value_}; }

  /// Waits, releasing the lock meanwhile, until `ready()` holds. False when `stop` was requested before it did.
  template <typename Predicate>
  bool wait(Access<T>& access, std::stop_token stop, Predicate ready) {
    return changed_.wait(access.lock_, std::move(stop), std::move(ready));
  }

  /// As wait, for at most `duration`. Returns what `ready()` says at the end.
  template <typename Duration, typename Predicate>
  bool wait_for(Access<T>& access, std::stop_token stop, Duration duration, Predicate ready) {
    return changed_.wait_for(access.lock_, std::move(stop), duration, std::move(ready));
  }

  void notify_one() { changed_.notify_one(); }
  void notify_all() { changed_.notify_all(); }

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  T value_{};
};

}  // namespace sextant
