// Runs health checks: at the same time as each other, on a bounded set of threads, each within its time.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "sextant/health.h"

namespace sextant::health {

/// Internally locked. Thread: one of its own that begins and ends rounds, and those that run checks, all begun when
/// they are needed. They are left behind where a check hangs, so what they use is shared with them.
class Checker {
 public:
  explicit Checker(const HealthSettings& settings);
  ~Checker();
  Checker(const Checker&) = delete;
  Checker& operator=(const Checker&) = delete;

  Result<bool> add(HealthCheck check);
  bool remove(std::string_view name);
  HealthReport check();
  /// Like check(), without waiting. `done` is called once, on this thread or on the checker's, with no lock held; it
  /// must be quick.
  using Done = std::function<void(const HealthReport&)>;
  void check_later(Done done);

 private:
  struct Entry;
  struct Shared;
  bool in_child() const noexcept;

  std::shared_ptr<Shared> shared_;
  const int process_;  // in the child of a fork there are no threads, and what they held is held for ever
};

}  // namespace sextant::health
