// How a measurement gets to its series. What stands here runs in the program's threads, at every measurement.
#include <pthread.h>

#include <algorithm>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "metrics/exemplar.h"
#include "metrics/store.h"
#include "metrics/thread_cache.h"
#include "trace/thread_state.h"

namespace sextant {

namespace detail {

/// Where a bound instrument's measurements go. Immutable after construction.
struct BoundTargets {
  std::uint32_t generation = 0;
  std::uint32_t offset = 0;         // of the only one
  metrics::Series* only = nullptr;  // null: there are none, or several
  std::vector<metrics::Series*> series;
};

/// Internally locked, by the lock of all metrics.
struct Bound {
  std::atomic<std::uint32_t> references{1};
  const Instrument* instrument = nullptr;
  double lowest = 0;
  double highest = 0;
  std::int64_t lowest_int = 0;
  std::atomic<const BoundTargets*> targets{nullptr};
  std::string canonical;
  std::vector<std::unique_ptr<const BoundTargets>> kept;  // other threads may still use the older ones
};

}  // namespace detail

namespace metrics {
namespace {

using detail::Bound;
using detail::BoundTargets;

thread_local ThreadSlots slots;

void on_thread_end(void* state) {
  auto& ended = *static_cast<ThreadSlots*>(state);
  Process& all = process();
  {
    const std::lock_guard<std::mutex> lock(all.mutex);
    if (all.store != nullptr && ended.shard->generation == all.store->generation) retire(*all.store, *ended.shard);
    ended.shard->free_segments();
    const auto is_it = [&](const auto& shard) { return shard.get() == ended.shard; };
    all.shards.erase(std::remove_if(all.shards.begin(), all.shards.end(), is_it), all.shards.end());
  }
  delete ended.cache;
  ended = {};  // destructors of other thread-local objects may still measure: they begin anew
}

pthread_key_t end_key() noexcept {
  static const pthread_key_t key = [] {
    pthread_key_t made{};
    pthread_key_create(&made, on_thread_end);
    return made;
  }();
  return key;
}

/// Makes this thread ready for the SDK that runs; false where none does.
[[gnu::noinline]] bool enter(ThreadSlots& thread) {
  Process& all = process();
  const std::lock_guard<std::mutex> lock(all.mutex);
  if (all.store == nullptr) return false;
  if (thread.shard == nullptr) {
    thread.random = static_cast<std::uint64_t>(monotonic_ns()) * 0x9e3779b97f4a7c15 | 1;
    thread.cache = new ThreadCache;
    all.shards.push_back(std::make_unique<Shard>());
    thread.shard = all.shards.back().get();
    pthread_setspecific(end_key(), &thread);
  }
  thread.shard->free_segments();
  thread.shard->generation = all.store->generation;
  thread.segments = nullptr;
  thread.segment_count = 0;
  thread.generation = all.store->generation;
  thread.cache->clear();
  return true;
}

/// This thread's words of a series; null without memory, which is counted. Requires: the lock.
Word* slot_of(ThreadSlots& thread, const Series& series) noexcept {
  if (series.generation != thread.generation) return nullptr;
  Word* slot = make_room(*thread.shard, series.offset);
  thread.segments = thread.shard->segments.data();
  thread.segment_count = static_cast<std::uint32_t>(thread.shard->segments.size());
  if (slot == nullptr) counters.unrecorded.fetch_add(1, std::memory_order_relaxed);
  return slot;
}

bool exemplar_possible(const Series& series) noexcept {
  if (series.exemplars_taken == Exemplars::kInSampledSpans) return trace::thread_state.scope != nullptr;
  return series.exemplars_taken == Exemplars::kAlways;
}

template <class T>
std::uint64_t bits_of(T value) noexcept {
  if constexpr (std::is_same_v<T, double>) return as_bits(value);
  return static_cast<std::uint64_t>(value);
}

/// Out of the way of measurements that become no exemplar.
template <class T>
[[gnu::noinline]] void offer(Series& series, Word* slot, std::uint32_t bucket, T value, Attributes attributes) {
  offer_exemplar(series, slot, bucket, bits_of(value), std::is_same_v<T, double>, {attributes, nullptr},
                 slots.next_random());
}
template <class T>
[[gnu::noinline]] void offer(Series& series, Word* slot, std::uint32_t bucket, T value, const Bound& bound) {
  offer_exemplar(series, slot, bucket, bits_of(value), std::is_same_v<T, double>, {{}, &bound.canonical},
                 slots.next_random());
}

/// `origin` knows the attributes: those of the call, or a bound instrument.
template <class T, class Origin>
[[gnu::always_inline]] inline void apply(Series& series, Word* slot, T value, const Origin& origin) noexcept {
  std::uint32_t bucket = 0;
  if (series.op == Op::kExplicit) {
    bucket = add_to_explicit(series, slot, static_cast<double>(value));
  } else if (series.op == (std::is_same_v<T, double> ? Op::kSumDouble : Op::kSumInt)) {
    add_to(slot[kSumWord], std::conditional_t<std::is_same_v<T, double>, double, std::uint64_t>(value));
  } else if (is_last(series.op)) {
    series.last.store(bits_of(value), std::memory_order_relaxed);
    series.last_epoch.store(collection_epoch.load(std::memory_order_relaxed), std::memory_order_release);
  } else {
    add_to_exponential(series, slot, static_cast<double>(value));
  }
  if (__builtin_expect(exemplar_possible(series), 0)) offer(series, slot, bucket, value, origin);
}

/// Whether the value is one that the instrument, or a bound one, takes.
template <class Limits>
bool accepts(const Limits& limits, double value) noexcept {
  return value >= limits.lowest && value <= limits.highest;
}
template <class Limits>
bool accepts(const Limits& limits, std::int64_t value) noexcept {
  return value >= limits.lowest_int;
}

[[gnu::noinline]] void refuse() noexcept {
  counters.refused.fetch_add(1, std::memory_order_relaxed);
}

/// For attributes that this thread has not seen, or does not remember.
template <class T>
[[gnu::noinline]] void record_unknown(const Instrument& instrument, T value, Attributes attributes,
                                      const FlatKey* key) {
  ThreadSlots& thread = slots;
  const std::string all_attributes = canonical(attributes);
  std::vector<Target> targets;
  {
    Process& all = process();
    const std::lock_guard<std::mutex> lock(all.mutex);
    if (all.store == nullptr || all.store->generation != thread.generation) return;
    for (Series* series : resolve(*all.store, instrument, all_attributes)) {
      Word* slot = slot_of(thread, *series);
      if (slot == nullptr) return;
      targets.push_back({series, slot});
    }
  }
  for (const Target& target : targets) apply(*target.series, target.slot, value, attributes);
  if (key != nullptr) thread.cache->add(instrument, *key, std::move(targets));
}

template <class T>
void record_unbound(const Instrument& instrument, T value, Attributes attributes) noexcept {
  if (!accepts(instrument, value)) return refuse();
  const std::uint32_t generation = detail::metrics_generation.load(std::memory_order_relaxed);
  if (instrument.dropped_in.load(std::memory_order_relaxed) == generation) return;
  ThreadSlots& thread = slots;
  if (thread.generation != generation && !enter(thread)) return;
  FlatKey key;
  if (!key.assign(instrument.seed, attributes)) return record_unknown(instrument, value, attributes, nullptr);
  const ThreadCache::Entry* entry = thread.cache->find(instrument, key);
  if (entry == nullptr) return record_unknown(instrument, value, attributes, &key);
  for (const Target& target : entry->targets) apply(*target.series, target.slot, value, attributes);
}

/// Where a bound instrument's measurements go now, and room for them in this thread; null where they go nowhere.
[[gnu::noinline]] const BoundTargets* resolve_bound(Bound& bound, ThreadSlots& thread) {
  const std::uint32_t generation = detail::metrics_generation.load(std::memory_order_relaxed);
  if (thread.generation != generation && !enter(thread)) return nullptr;
  Process& all = process();
  const std::lock_guard<std::mutex> lock(all.mutex);
  if (all.store == nullptr || all.store->generation != thread.generation) return nullptr;
  const BoundTargets* targets = bound.targets.load(std::memory_order_relaxed);
  if (targets == nullptr || targets->generation != thread.generation) {
    auto made = std::make_unique<BoundTargets>();
    made->generation = thread.generation;
    made->series = resolve(*all.store, *bound.instrument, bound.canonical);
    if (made->series.size() == 1) {
      made->only = made->series.front();
      made->offset = made->only->offset;
    }
    targets = made.get();
    bound.kept.push_back(std::move(made));
    bound.targets.store(targets, std::memory_order_release);
  }
  for (const Series* series : targets->series) {
    if (slot_of(thread, *series) == nullptr) return nullptr;
  }
  return targets;
}

template <class T>
[[gnu::noinline]] void record_bound_slowly(Bound& bound, T value) {
  ThreadSlots& thread = slots;
  const BoundTargets* targets = resolve_bound(bound, thread);
  if (targets == nullptr) return;
  for (Series* series : targets->series) apply(*series, thread.at(series->offset), value, bound);
}

/// Several views fit the instrument.
template <class T>
[[gnu::noinline]] void record_in_all(Bound& bound, const BoundTargets& targets, T value) {
  const ThreadSlots& thread = slots;
  for (const Series* series : targets.series) {
    if (thread.at(series->offset) == nullptr) return record_bound_slowly(bound, value);
  }
  for (Series* series : targets.series) apply(*series, thread.at(series->offset), value, bound);
}

template <class T>
void record_bound(Bound& bound, T value) noexcept {
  if (!accepts(bound, value)) return refuse();
  const BoundTargets* targets = bound.targets.load(std::memory_order_acquire);
  const std::uint32_t generation = detail::metrics_generation.load(std::memory_order_relaxed);
  const ThreadSlots& thread = slots;
  if (targets == nullptr || targets->generation != generation || thread.generation != generation)
    return record_bound_slowly(bound, value);
  if (targets->only == nullptr) return record_in_all(bound, *targets, value);
  Word* slot = thread.at(targets->offset);
  if (slot == nullptr) return record_bound_slowly(bound, value);
  apply(*targets->only, slot, value, bound);
}

}  // namespace
}  // namespace metrics

namespace detail {

void record(const Instrument& instrument, std::int64_t value, Attributes attributes) noexcept {
  metrics::record_unbound(instrument, value, attributes);
}
void record(const Instrument& instrument, double value, Attributes attributes) noexcept {
  metrics::record_unbound(instrument, value, attributes);
}
void record(Bound& bound, std::int64_t value) noexcept {
  metrics::record_bound(bound, value);
}
void record(Bound& bound, double value) noexcept {
  metrics::record_bound(bound, value);
}

Bound* bind(const Instrument* instrument, Attributes attributes) noexcept {
  if (instrument == nullptr) return nullptr;
  auto* bound = new (std::nothrow) Bound;
  if (bound == nullptr) return nullptr;
  bound->instrument = instrument;
  bound->lowest = instrument->lowest;
  bound->highest = instrument->highest;
  bound->lowest_int = instrument->lowest_int;
  bound->canonical = metrics::canonical(attributes);
  return bound;
}

void keep(Bound* bound) noexcept {
  if (bound != nullptr) bound->references.fetch_add(1, std::memory_order_relaxed);
}

void release(Bound* bound) noexcept {
  if (bound != nullptr && bound->references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete bound;
}

bool enabled(const Instrument* instrument) noexcept {
  if (instrument == nullptr) return false;
  const std::uint32_t generation = metrics_generation.load(std::memory_order_relaxed);
  if (instrument->prepared_in.load(std::memory_order_acquire) != generation) {
    metrics::Process& all = metrics::process();
    const std::lock_guard<std::mutex> lock(all.mutex);
    if (all.store == nullptr) return false;
    metrics::streams_of(*all.store, *instrument);
  }
  return instrument->dropped_in.load(std::memory_order_relaxed) != generation;
}

}  // namespace detail
}  // namespace sextant
