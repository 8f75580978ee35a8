#include "health/checker.h"

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/detached_thread.h"
#include "base/thread_name.h"

namespace sextant::health {
namespace {

constexpr std::size_t kErrorBytesMax = 1'024;  // of a check's sentence: it goes into every answer to a probe
constexpr std::int64_t kBeingMade = -1;        // a result: no time at which it was had
constexpr auto kTimeoutMax = std::chrono::hours(1);

std::chrono::milliseconds in_ms(std::int64_t ns) {
  return std::chrono::round<std::chrono::milliseconds>(std::chrono::nanoseconds(ns));
}

std::string text_of(std::chrono::milliseconds time) {
  return std::to_string(time.count()) + " ms";
}

std::chrono::steady_clock::time_point moment(std::int64_t monotonic) {
  return std::chrono::steady_clock::now() + std::chrono::nanoseconds(monotonic - monotonic_ns());
}

}  // namespace

/// A check and how it stands. Locked by Shared::mutex, but for `check`, which is changed by nobody while it runs.
struct Checker::Entry {
  enum class State : std::uint8_t { kIdle, kQueued, kRunning };
  explicit Entry(HealthCheck given) : check(std::move(given)) {}
  std::int64_t timeout_ns() const { return std::chrono::nanoseconds(check.timeout).count(); }

  HealthCheck check;
  State state = State::kIdle;
  bool awaited = false;  // begun in the round that runs
  std::int64_t started_ns = 0;
  std::int64_t latency_ns = 0;  // of its last run
  std::string error;
};

/// What the threads share. Internally locked.
struct Checker::Shared {
  explicit Shared(const HealthSettings& given) : settings(given) {}

  const HealthSettings settings;
  std::mutex mutex;
  std::condition_variable work;     // there is something to run, or no more will be
  std::condition_variable changed;  // a check has returned, a round is asked for, or no more will be
  std::vector<std::shared_ptr<Entry>> entries;
  std::deque<std::shared_ptr<Entry>> queue;
  std::vector<Done> asked;
  std::size_t threads = 0;  // that run checks
  std::size_t busy = 0;     // of them
  bool has_rounds = false;  // the thread of rounds runs
  bool stopping = false;
  HealthReport last;
  std::int64_t last_ns = 0;  // 0: it is not to be given again

  bool last_is_fresh() const {
    return last_ns > 0 && monotonic_ns() - last_ns < std::chrono::nanoseconds(settings.cache_time).count();
  }
  static void run_checks(const std::shared_ptr<Shared>& shared);
  static void run_rounds(const std::shared_ptr<Shared>& shared);
  HealthReport run_round(const std::shared_ptr<Shared>& self, std::unique_lock<std::mutex>& lock);
  void begin(const std::shared_ptr<Shared>& self, const std::shared_ptr<Entry>& entry);
  CheckReport report_on(const Entry& entry, std::int64_t round_ns, std::int64_t now_ns) const;
};

/// Takes checks from the queue. Thread: one of those that run them.
void Checker::Shared::run_checks(const std::shared_ptr<Shared>& shared) {
  name_thread("sextant_check");
  std::unique_lock<std::mutex> lock(shared->mutex);
  for (;;) {
    shared->work.wait(lock, [&] { return shared->stopping || !shared->queue.empty(); });
    if (shared->stopping) break;
    const std::shared_ptr<Entry> entry = std::move(shared->queue.front());
    shared->queue.pop_front();
    entry->state = Entry::State::kRunning;
    entry->started_ns = monotonic_ns();
    ++shared->busy;
    lock.unlock();
    std::string error = entry->check.run();
    if (error.size() > kErrorBytesMax) error.resize(kErrorBytesMax);
    lock.lock();
    --shared->busy;
    entry->state = Entry::State::kIdle;
    entry->latency_ns = monotonic_ns() - entry->started_ns;
    entry->error = std::move(error);
    shared->changed.notify_all();
  }
  --shared->threads;
  shared->changed.notify_all();
}

void Checker::Shared::begin(const std::shared_ptr<Shared>& self, const std::shared_ptr<Entry>& entry) {
  entry->state = Entry::State::kQueued;
  entry->awaited = true;
  queue.push_back(entry);
  if (threads < busy + queue.size() && threads < settings.threads_max) {
    if (run_detached([self] { run_checks(self); })) ++threads;
  }
}

/// Runs what can be run, and waits until all have returned or their time is over.
HealthReport Checker::Shared::run_round(const std::shared_ptr<Shared>& self, std::unique_lock<std::mutex>& lock) {
  const std::int64_t round_ns = monotonic_ns();
  const std::vector<std::shared_ptr<Entry>> all = entries;
  for (const auto& entry : all) {
    entry->awaited = false;
    if (entry->state == Entry::State::kIdle) begin(self, entry);
  }
  work.notify_all();
  for (const auto& entry : all) {
    const auto returned = [&] { return stopping || !entry->awaited || entry->state == Entry::State::kIdle; };
    changed.wait_until(lock, moment(round_ns + entry->timeout_ns()), returned);
  }
  HealthReport report;
  report.healthy = true;
  const std::int64_t now_ns = monotonic_ns();
  for (const auto& entry : all) {
    report.checks.push_back(report_on(*entry, round_ns, now_ns));
    const CheckReport& one = report.checks.back();
    if (!one.healthy && one.importance == Importance::kCritical) report.healthy = false;
    if (entry->state == Entry::State::kQueued) entry->state = Entry::State::kIdle;
  }
  queue.clear();
  return report;
}

CheckReport Checker::Shared::report_on(const Entry& entry, std::int64_t round_ns, std::int64_t now_ns) const {
  CheckReport report;
  report.name = entry.check.name;
  report.importance = entry.check.importance;
  const auto since = [&](std::int64_t start_ns) { return in_ms(now_ns - start_ns); };
  if (entry.state == Entry::State::kQueued) {
    report.latency = since(round_ns);
    report.error = "it did not get to run within " + text_of(entry.check.timeout) + ": ";
    report.error += threads == 0 ? std::string("no thread could be started")
                                 : "all " + std::to_string(threads) + " threads are busy with other checks";
  } else if (!entry.awaited) {
    report.latency = since(entry.started_ns);
    report.error = "it has not returned for " + text_of(report.latency) + ", and is not run again until it does";
  } else if (entry.state == Entry::State::kRunning) {
    report.latency = since(entry.started_ns);
    report.error = "it timed out after " + text_of(entry.check.timeout);
  } else {
    report.latency = in_ms(entry.latency_ns);
    report.error = entry.error;
  }
  report.healthy = report.error.empty();
  return report;
}

/// Whoever asks while a round runs gets the next one, or its result where that may be given again.
void Checker::Shared::run_rounds(const std::shared_ptr<Shared>& shared) {
  name_thread("sextant_health");
  std::unique_lock<std::mutex> lock(shared->mutex);
  while (!shared->stopping) {
    shared->changed.wait(lock, [&] { return shared->stopping || !shared->asked.empty(); });
    std::vector<Done> asked;
    asked.swap(shared->asked);
    if (!shared->stopping && !shared->last_is_fresh()) {
      shared->last_ns = kBeingMade;
      shared->last = shared->run_round(shared, lock);
      if (shared->last_ns == kBeingMade) shared->last_ns = monotonic_ns();
    }
    const HealthReport report = shared->last;
    lock.unlock();
    for (const Done& done : asked) done(report);
    asked.clear();
    lock.lock();
  }
  shared->has_rounds = false;
  shared->changed.notify_all();
}

Checker::Checker(const HealthSettings& settings) : shared_(std::make_shared<Shared>(settings)), process_(getpid()) {}

bool Checker::in_child() const noexcept {
  return getpid() != process_;
}

Checker::~Checker() {
  if (in_child()) {
    // What threads of the parent wait on cannot be destroyed here.
    static_cast<void>(new std::shared_ptr<Shared>(std::move(shared_)));
    return;
  }
  std::vector<std::shared_ptr<Entry>> entries;  // destroyed without the lock
  std::unique_lock<std::mutex> lock(shared_->mutex);
  shared_->stopping = true;
  shared_->work.notify_all();
  shared_->changed.notify_all();
  std::int64_t until_ns = monotonic_ns();
  for (const auto& entry : shared_->entries) {
    if (entry->state == Entry::State::kRunning) until_ns = std::max(until_ns, entry->started_ns + entry->timeout_ns());
  }
  shared_->changed.wait(lock, [this] { return !shared_->has_rounds; });
  shared_->changed.wait_until(lock, moment(until_ns), [this] { return shared_->busy == 0; });
  if (shared_->busy > 0) return;  // what hangs keeps what it uses
  shared_->changed.wait(lock, [this] { return shared_->threads == 0; });
  entries.swap(shared_->entries);
  shared_->queue.clear();
}

Result<bool> Checker::add(HealthCheck check) {
  if (check.name.empty()) return Error{"a health check needs a name"};
  if (check.run == nullptr) return Error{"the health check '" + check.name + "' has no function"};
  if (check.timeout.count() <= 0 || check.timeout > kTimeoutMax)
    return Error{"the health check '" + check.name + "' needs a timeout above 0 ms and of at most an hour"};
  if (in_child()) return Error{"the health check '" + check.name + "' is of no use in the child of a fork"};
  const std::lock_guard<std::mutex> lock(shared_->mutex);
  if (shared_->entries.size() >= HealthChecker::kChecksMax) {
    return Error{"the health check '" + check.name + "' is one too many: there are " +
                 std::to_string(HealthChecker::kChecksMax)};
  }
  for (const auto& entry : shared_->entries) {
    if (entry->check.name == check.name) return Error{"a health check '" + check.name + "' is there already"};
  }
  shared_->entries.push_back(std::make_shared<Entry>(std::move(check)));
  shared_->last_ns = 0;
  return true;
}

bool Checker::remove(std::string_view name) {
  if (in_child()) return true;
  HealthFunction run;  // destroyed without the lock
  std::unique_lock<std::mutex> lock(shared_->mutex);
  auto& all = shared_->entries;
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& entry) { return entry->check.name == name; });
  if (found == all.end()) return true;
  const std::shared_ptr<Entry> entry = *found;
  all.erase(found);
  shared_->last_ns = 0;
  auto& queue = shared_->queue;
  queue.erase(std::remove(queue.begin(), queue.end(), entry), queue.end());
  if (entry->state == Entry::State::kQueued) entry->state = Entry::State::kIdle;
  shared_->changed.notify_all();
  if (entry->state == Entry::State::kRunning) {
    shared_->changed.wait_until(lock, moment(entry->started_ns + entry->timeout_ns()),
                                [&] { return entry->state != Entry::State::kRunning; });
  }
  if (entry->state == Entry::State::kRunning) return false;
  run = std::move(entry->check.run);
  return true;
}

HealthReport Checker::check() {
  std::mutex mutex;
  std::condition_variable answered;
  bool done = false;
  HealthReport result;
  check_later([&](const HealthReport& report) {
    const std::lock_guard<std::mutex> lock(mutex);
    result = report;
    done = true;
    answered.notify_all();
  });
  std::unique_lock<std::mutex> lock(mutex);
  answered.wait(lock, [&] { return done; });
  return result;
}

void Checker::check_later(Done done) {
  if (in_child()) return done({});
  std::unique_lock<std::mutex> lock(shared_->mutex);
  if (!shared_->has_rounds) shared_->has_rounds = run_detached([shared = shared_] { Shared::run_rounds(shared); });
  if (shared_->has_rounds && !shared_->last_is_fresh()) {
    shared_->asked.push_back(std::move(done));
    shared_->changed.notify_all();
    return;
  }
  HealthReport report = shared_->last;
  if (!shared_->last_is_fresh()) {
    report.healthy = false;
    for (CheckReport& one : report.checks) {
      one.healthy = false;
      one.error = "it did not get to run: no thread could be started";
    }
  }
  lock.unlock();
  done(report);
}

}  // namespace sextant::health
