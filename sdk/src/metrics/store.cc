#include "metrics/store.h"

#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "base/owner_lock.h"
#include "metrics/observation.h"
#include "metrics/reader.h"

namespace sextant {

namespace detail {
std::atomic<std::uint32_t> metrics_generation{0};
}

namespace metrics {

Counters counters;

Process& process() noexcept {
  static Process& instance = *new Process;
  return instance;
}

namespace {

/// What every start begins with. Requires: the lock.
std::unique_ptr<Store> new_store(Process& all, const MetricOptions& options, std::string resource) {
  auto store = std::make_unique<Store>();
  if (++all.last_generation == 0) ++all.last_generation;
  store->generation = all.last_generation;
  store->options = options;
  store->resource = std::move(resource);
  store->started_ns = wall_ns();
  return store;
}

std::unique_ptr<Series> new_series(Store& store, const Stream& stream, const std::string& attributes) {
  auto series = std::make_unique<Series>();
  series->generation = store.generation;
  series->op = stream.op;
  series->exemplars_taken = stream.exemplars;
  series->range_recorded = stream.range_recorded;
  series->scale_max = static_cast<std::int8_t>(stream.scale_max);
  series->buckets = stream.buckets;
  series->bounds = stream.bounds.data();
  series->stream = &stream;
  series->index = static_cast<std::uint32_t>(stream.series.size());
  series->attributes = attributes;
  series->start_ns = wall_ns();
  series->retired.exponential.scale = stream.scale_max;
  const std::uint32_t words = series->words();
  const std::uint32_t left = kSegmentWords - store.next_offset % kSegmentWords;
  if (words > left) store.next_offset += left;  // a series lies within one segment
  series->offset = store.next_offset;
  store.next_offset += words;
  return series;
}

Series& add_series(Store& store, Stream& stream, const std::string& attributes) {
  stream.series.push_back(new_series(store, stream, attributes));
  Series& made = *stream.series.back();
  stream.by_attributes.emplace(made.attributes, &made);
  ++store.series_count;
  return made;
}

}  // namespace

static_assert(kBucketWords + kBoundsMax + 1 <= kSegmentWords);
static_assert(kExponentialWords + kExponentialBucketsMax <= kSegmentWords);

void install(const MetricOptions& options, std::string resource) {
  owner_locks_available();  // registers this process for barrier_on_all_threads()
  Process& all = process();
  const std::lock_guard<std::mutex> lock(all.mutex);
  all.store = new_store(all, options, std::move(resource));
  detail::metrics_generation.store(all.store->generation, std::memory_order_release);
}

void uninstall() {
  Process& all = process();
  const std::lock_guard<std::mutex> lock(all.mutex);
  detail::metrics_generation.store(0, std::memory_order_release);
  if (all.store == nullptr) return;
  all.store->readers.clear();
  all.stopped.push_back(std::move(all.store));
}

MetricStats stats() {
  MetricStats stats;
  stats.refused = counters.refused.load(std::memory_order_relaxed);
  stats.unrecorded = counters.unrecorded.load(std::memory_order_relaxed);
  stats.overflowed = counters.overflowed.load(std::memory_order_relaxed);
  stats.collections = counters.collections.load(std::memory_order_relaxed);
  Process& all = process();
  const std::lock_guard<std::mutex> lock(all.mutex);
  if (all.store != nullptr) stats.series = all.store->series_count;
  return stats;
}

const std::vector<Stream*>& streams_of(Store& store, const Instrument& instrument) {
  const auto found = store.of_instrument.find(&instrument);
  if (found != store.of_instrument.end()) return found->second;
  std::vector<Stream*>& streams = store.of_instrument[&instrument];
  for (auto& made : make_streams(instrument, store.options)) {
    made->index = static_cast<std::uint32_t>(store.streams.size());
    streams.push_back(made.get());
    store.streams.push_back(std::move(made));
  }
  if (streams.empty()) instrument.dropped_in.store(store.generation, std::memory_order_relaxed);
  instrument.prepared_in.store(store.generation, std::memory_order_release);
  return streams;
}

Series& series_for(Store& store, Stream& stream, const std::string& attributes) {
  const auto found = stream.by_attributes.find(attributes);
  if (found != stream.by_attributes.end()) return *found->second;
  const std::size_t ordinary = stream.series.size() - (stream.overflow != nullptr ? 1 : 0);
  const bool is_overflow = attributes == overflow_attributes();
  if (!is_overflow && ordinary + 1 < stream.limit) return add_series(store, stream, attributes);
  if (!is_overflow) {
    counters.overflowed.fetch_add(1, std::memory_order_relaxed);
    log_once_a_minute(LogLevel::kWarn,
                      "a metric has as many attribute sets as it may: further ones are added up in one point with "
                      "otel.metric.overflow=true",
                      stream.name);
  }
  if (stream.overflow == nullptr) stream.overflow = &add_series(store, stream, overflow_attributes());
  return *stream.overflow;
}

std::vector<Series*> resolve(Store& store, const Instrument& instrument, const std::string& canonical) {
  std::vector<Series*> all;
  for (Stream* stream : streams_of(store, instrument))
    all.push_back(&series_for(store, *stream, filtered(canonical, stream->filter, Part::kKept)));
  return all;
}

void retire(Store& store, const Shard& shard) {
  const std::uint64_t now = collection_epoch.load(std::memory_order_relaxed);
  for (const auto& stream : store.streams) {
    if (is_last(stream->op)) continue;
    for (const auto& series : stream->series) {
      const Word* slot = shard.at(series->offset);
      if (slot == nullptr) continue;
      series->read(slot, series->retired);
      if (!series->range_recorded) continue;
      Range range;
      for (const std::uint64_t epoch : {now - 1, now}) {
        if (epoch > stream->harvested_epoch) series->read_window(slot, epoch, range);
      }
      for (Reader* reader : store.readers) reader->widen(*stream, *series, range);
    }
  }
}

namespace {

void unlock_all_but_callbacks() {
  process().mutex.unlock();
  instruments_mutex().unlock();
  collection_mutex().unlock();
}

}  // namespace

void before_fork() {
  if (collecting_here()) return;  // a callback forks: this thread has the locks that matter
  collection_mutex().lock();
  hold_callbacks();
  instruments_mutex().lock();
  process().mutex.lock();
}

void after_fork_in_parent() {
  if (collecting_here()) return;
  unlock_all_but_callbacks();
  release_callbacks();
}

/// The parent keeps what was measured before; other threads' memory is forgotten, with the threads.
void after_fork_in_child() {
  if (collecting_here()) return;
  Process& all = process();
  if (all.store != nullptr) {
    std::unique_ptr<Store> before = std::move(all.store);
    all.store = new_store(all, before->options, before->resource);
    all.store->readers = before->readers;
    all.stopped.push_back(std::move(before));
    detail::metrics_generation.store(all.store->generation, std::memory_order_release);
  }
  owner_locks_available();
  renew_callbacks_in_child();
  unlock_all_but_callbacks();
}

}  // namespace metrics
}  // namespace sextant
