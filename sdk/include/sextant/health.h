// Whether a program is well: checks that it registers, and what orchestrators are told.
//
//   telemetry.health().add({"redis", [] { return redis_answers() ? "" : "no answer to PING"; }});
//
// `/healthz` says that the process runs, `/readyz` what the checks say. Checks run when somebody asks, at the same time
// as each other, on threads of their own; one that hangs is reported and left alone until it returns.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sextant/result.h"

namespace sextant {

namespace health {
class Checker;
}

/// What is wrong, as a sentence; empty: nothing.
using HealthFunction = std::function<std::string()>;

enum class Importance : std::uint8_t {
  kCritical,  // the program is not ready where it fails
  kOptional,  // it is shown, and nothing more
};

struct HealthCheck {
  std::string name;  // of its own
  HealthFunction run;
  /// From when somebody asks, waiting for a free thread included. Probes of Kubernetes wait a second.
  std::chrono::milliseconds timeout{750};
  Importance importance = Importance::kCritical;
};

struct HealthSettings {
  std::size_t threads_max = 8;                  // on which checks run
  std::chrono::milliseconds cache_time{1'000};  // so long is a result given again; 0: never
};

struct CheckReport {
  std::string name;
  bool healthy = false;
  std::chrono::milliseconds latency{0};  // of a check that has not returned: until now
  std::string error;                     // empty where healthy
  Importance importance = Importance::kCritical;
};

struct HealthReport {
  bool healthy = false;             // every critical check is
  std::vector<CheckReport> checks;  // in the order in which they were added

  /// `{"status":"healthy","checks":{"redis":{"status":"healthy","latency_ms":1}}}`; a check that failed has the status
  /// `unhealthy` and an `error`.
  std::string json() const;
};

/// A handle: copies are the same checker, which lives as long as one of them. Internally locked. At its end, and when
/// a check is removed, a check that runs is waited for until its timeout. In the child of a fork it runs nothing, and
/// reports that it is unhealthy.
class HealthChecker {
 public:
  static constexpr std::size_t kChecksMax = 256;

  explicit HealthChecker(const HealthSettings& settings = {});

  /// An error says what is wrong with the check: no name, no function, a name that is taken, too many. An exception
  /// that the function throws counts as a failure, and is its sentence.
  Result<bool> add(HealthCheck check) {
    check.run = guarded(std::move(check.run));
    return add_guarded(std::move(check));
  }
  /// It is not begun again. False where it has not returned yet: what it uses must live on.
  bool remove(std::string_view name);
  /// Runs all checks, unless there is a result that is new enough. Returns when the last has returned or run out of
  /// time.
  HealthReport check() const;

  const std::shared_ptr<health::Checker>& internal() const noexcept { return checker_; }

 private:
  static HealthFunction guarded(HealthFunction run);
  Result<bool> add_guarded(HealthCheck check);

  std::shared_ptr<health::Checker> checker_;
};

// Here, and not in the library, since the library is built without exceptions where its user wants that.
inline HealthFunction HealthChecker::guarded(HealthFunction run) {
#if defined(__cpp_exceptions)
  if (run == nullptr) return run;
  return [run = std::move(run)]() -> std::string {
    try {
      return run();
    } catch (const std::exception& failure) {
      return *failure.what() != '\0' ? failure.what() : "it threw an exception without a message";
    } catch (...) {
      return "it threw something that is no exception";
    }
  };
#else
  return run;
#endif
}

}  // namespace sextant
