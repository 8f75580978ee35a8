#include "metrics/observation.h"

#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <utility>

#include "base/log.h"
#include "metrics/attribute_set.h"
#include "metrics/store.h"

namespace sextant {
namespace metrics {
namespace {

struct Callback {
  const Instrument* instrument = nullptr;
  ObserverCallback<std::int64_t> of_int;
  ObserverCallback<double> of_double;
};

/// Internally locked. Never destroyed. Why: the lock is held while callbacks run, so that none runs any more once it
/// has been removed; it is recursive, so that a callback may remove itself or make another.
struct Callbacks {
  std::recursive_mutex mutex;
  std::map<std::uint64_t, std::shared_ptr<const Callback>> all;
  std::uint64_t last_id = 0;
};

Callbacks& callbacks() {
  static Callbacks& instance = *new Callbacks;
  return instance;
}

/// Thread-confined.
template <class T>
class Collecting final : public Observer<T> {
 public:
  Collecting(const Instrument& instrument, std::vector<Observation>& into) : instrument_(instrument), into_(into) {}

  void observe(T value, Attributes attributes) noexcept override {
    if (!accepted(value) || into_.size() >= kObservationsMax) {
      counters.refused.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    Observation told{canonical(attributes), 0, 0};
    if constexpr (std::is_same_v<T, double>) told.real = value;
    if constexpr (std::is_same_v<T, std::int64_t>) told.integer = value;
    into_.push_back(std::move(told));
  }

 private:
  bool accepted(std::int64_t value) const noexcept { return value >= instrument_.lowest_int; }
  bool accepted(double value) const noexcept { return value >= instrument_.lowest && value <= instrument_.highest; }

  const Instrument& instrument_;
  std::vector<Observation>& into_;
};

std::uint64_t add(Callback callback) {
  Callbacks& all = callbacks();
  const std::lock_guard<std::recursive_mutex> lock(all.mutex);
  const std::uint64_t id = ++all.last_id;
  all.all.emplace(id, std::make_shared<const Callback>(std::move(callback)));
  return id;
}

}  // namespace

Observations observe_all() {
  Observations told;
  Callbacks& all = callbacks();
  const std::lock_guard<std::recursive_mutex> lock(all.mutex);
  std::uint64_t last = 0;
  const std::uint64_t end = all.last_id;
  for (auto next = all.all.upper_bound(last); next != all.all.end() && next->first <= end;
       next = all.all.upper_bound(last)) {
    last = next->first;
    const std::shared_ptr<const Callback> callback = next->second;  // it may remove itself
    std::vector<Observation>& into = told[callback->instrument];
    if (callback->of_int) {
      Collecting<std::int64_t> observer(*callback->instrument, into);
      callback->of_int(observer);
    } else if (callback->of_double) {
      Collecting<double> observer(*callback->instrument, into);
      callback->of_double(observer);
    }
  }
  return told;
}

void hold_callbacks() noexcept {
  callbacks().mutex.lock();
}
void release_callbacks() noexcept {
  callbacks().mutex.unlock();
}
void renew_callbacks_in_child() noexcept {
  new (&callbacks().mutex) std::recursive_mutex;
}

}  // namespace metrics

void Observable::remove() noexcept {
  if (id_ == 0) return;
  metrics::Callbacks& all = metrics::callbacks();
  const std::lock_guard<std::recursive_mutex> lock(all.mutex);
  all.all.erase(std::exchange(id_, 0));
}

Observable Meter::observe(const detail::Instrument* instrument, ObserverCallback<std::int64_t> callback) {
  if (instrument == nullptr || !callback) return {};
  return Observable(metrics::add({instrument, std::move(callback), {}}));
}

Observable Meter::observe(const detail::Instrument* instrument, ObserverCallback<double> callback) {
  if (instrument == nullptr || !callback) return {};
  return Observable(metrics::add({instrument, {}, std::move(callback)}));
}

const detail::Instrument* Meter::make(InstrumentKind kind, Number number, std::string_view name,
                                      const InstrumentOptions& options) const {
  const detail::ScopeInfo* scope = scope_ != nullptr ? scope_ : &detail::scope_at(0);
  return metrics::intern_instrument({scope, kind, number == Number::kDouble, name, options});
}

Meter meter(std::string_view name, std::string_view version, std::string_view schema_url, Attributes attributes) {
  Meter made;
  made.scope_ = &detail::intern_scope(name, version, schema_url, attributes);
  return made;
}

}  // namespace sextant
