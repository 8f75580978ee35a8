#include "metrics/reader.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "base/owner_lock.h"
#include "metrics/store.h"

namespace sextant::metrics {
namespace {

thread_local bool collecting = false;

class Collecting {
 public:
  Collecting() noexcept { collecting = true; }
  ~Collecting() { collecting = false; }
  Collecting(const Collecting&) = delete;
  Collecting& operator=(const Collecting&) = delete;
};

/// What a series came to in all threads, and the ranges that no reader has been given.
struct Reading {
  Total total;
  Range closed;  // of the epoch that ends
  Range open;    // of the one that has begun
};

/// Requires: the lock of all metrics.
Reading read_series(const Process& all, const Store& store, Series& series, std::uint64_t epoch) {
  Reading reading;
  reading.total = series.retired;
  // Why: what is counted must be within the ranges, which writers widen before they count.
  for (const auto& shard : all.shards) {
    const Word* slot = shard->generation == store.generation ? shard->at(series.offset) : nullptr;
    if (slot != nullptr) series.read(slot, reading.total);
  }
  for (const auto& shard : all.shards) {
    const Word* slot = shard->generation == store.generation ? shard->at(series.offset) : nullptr;
    if (slot == nullptr || !series.range_recorded) continue;
    series.read_window(slot, epoch, reading.closed);
    series.read_window(slot, epoch + 1, reading.open);
  }
  if (is_monotonic(series.stream->instrument->kind))
    reading.total.real = series.highest = std::max(series.highest, reading.total.real);
  return reading;
}

/// Turns what there is into what came since.
void subtract(Op op, Total& total, const Total& previous) {
  switch (op) {
    case Op::kSumInt:
      total.integer -= previous.integer;
      break;
    case Op::kExplicit:
      total.buckets.resize(std::max(total.buckets.size(), previous.buckets.size()));
      for (std::size_t i = 0; i < previous.buckets.size(); ++i) total.buckets[i] -= previous.buckets[i];
      break;
    case Op::kExponential:
      total.exponential.subtract(previous.exponential);
      break;
    default:
      break;
  }
  total.real -= previous.real;
}

bool is_nothing(Op op, const Total& total) noexcept {
  if (is_histogram(op)) return total.count() == 0;
  return op == Op::kSumInt ? total.integer == 0 : total.real == 0;
}

/// Attributes that a view made equal are one: sums are added, of last values the last one counts.
std::vector<Observation> merge(const Stream& stream, const std::vector<Observation>& told) {
  std::vector<Observation> merged;
  std::unordered_map<std::string, std::size_t> at;
  const auto put = [&](const std::string& attributes, const Observation& one) {
    const auto [found, fresh] = at.emplace(attributes, merged.size());
    if (fresh) {
      merged.push_back({attributes, one.integer, one.real});
      return;
    }
    Observation& into = merged[found->second];
    into.integer = is_last(stream.op) ? one.integer : into.integer + one.integer;
    into.real = is_last(stream.op) ? one.real : into.real + one.real;
  };
  for (const Observation& one : told) {
    const std::string attributes = filtered(one.attributes, stream.filter, Part::kKept);
    const std::size_t ordinary = at.size() - at.count(overflow_attributes());
    const bool fits = at.count(attributes) != 0 || ordinary + 1 < stream.limit;
    if (!fits) counters.overflowed.fetch_add(1, std::memory_order_relaxed);
    put(fits ? attributes : overflow_attributes(), one);
  }
  return merged;
}

}  // namespace

std::mutex& collection_mutex() noexcept {
  static std::mutex& instance = *new std::mutex;
  return instance;
}

bool collecting_here() noexcept {
  return collecting;
}

Reader::~Reader() {
  if (!attached_) return;
  Process& all = process();
  const std::lock_guard<std::mutex> lock(all.mutex);
  if (all.store == nullptr) return;
  auto& readers = all.store->readers;
  readers.erase(std::remove(readers.begin(), readers.end(), this), readers.end());
}

void Reader::attach() {
  Process& all = process();
  const std::lock_guard<std::mutex> lock(all.mutex);
  if (all.store == nullptr) return;
  all.store->readers.push_back(this);
  attached_ = true;
  begin(*all.store);
}

/// Requires: the lock of all metrics.
void Reader::begin(const Store& store) {
  if (generation_ == store.generation) return;
  generation_ = store.generation;
  last_ns_ = store.started_ns;
  streams_.clear();
}

bool Reader::is_delta(const Stream& stream) const noexcept {
  if (temporality_ == Temporality::kCumulative || is_last(stream.op)) return false;
  const InstrumentKind kind = stream.instrument->kind;
  if (!is_monotonic(kind)) return false;
  return temporality_ == Temporality::kDelta || !is_observable(kind);
}

Reader::StreamState& Reader::state_of(const Stream& stream) {
  if (streams_.size() <= stream.index) streams_.resize(stream.index + 1);
  return streams_[stream.index];
}

Reader::SeriesState& Reader::state_of(const Stream& stream, const Series& series) {
  auto& states = state_of(stream).series;
  if (states.size() <= series.index) states.resize(std::max<std::size_t>(series.index + 1, stream.series.size()));
  return states[series.index];
}

void Reader::widen(const Stream& stream, const Series& series, const Range& range) {
  if (generation_ == series.generation && !range.empty()) state_of(stream, series).range.add(range);
}

std::vector<Collected> Reader::collect() {
  std::vector<Collected> all_collected;
  if (collecting) return all_collected;
  const std::lock_guard<std::mutex> one_at_a_time(collection_mutex());
  const Collecting here;
  const Observations told = observe_all();
  Process& all = process();
  {
    const std::lock_guard<std::mutex> lock(all.mutex);
    if (all.store == nullptr) return all_collected;
    begin(*all.store);
    for (const auto& [instrument, values] : told) {
      if (!values.empty()) streams_of(*all.store, *instrument);
    }
    epoch_ = collection_epoch.fetch_add(1, std::memory_order_seq_cst);
    now_ns_ = wall_ns();
    ++collections_;
  }
  barrier_on_all_threads();
  for (std::size_t i = 0;; ++i) {
    const std::lock_guard<std::mutex> lock(all.mutex);
    if (all.store == nullptr || all.store->generation != generation_ || i >= all.store->streams.size()) break;
    Collected collected = collect_stream(*all.store, *all.store->streams[i], told);
    if (!collected.points.empty()) all_collected.push_back(std::move(collected));
  }
  last_ns_ = now_ns_;
  last_epoch_ = epoch_;
  counters.collections.fetch_add(1, std::memory_order_relaxed);
  return all_collected;
}

Collected Reader::collect_stream(Store& store, Stream& stream, const Observations& told) {
  Collected collected;
  collected.stream = &stream;
  collected.delta = is_delta(stream);
  collected.time_ns = now_ns_;
  if (!is_observable(stream.instrument->kind)) {
    collect_measured(store, stream, collected);
  } else if (const auto found = told.find(stream.instrument); found != told.end()) {
    collect_observed(stream, found->second, collected);
  }
  return collected;
}

void Reader::collect_measured(Store& store, Stream& stream, Collected& into) {
  into.points.reserve(stream.series.size());
  for (const auto& series : stream.series) {
    Point point;
    Reading reading;
    if (!is_last(stream.op)) reading = read_series(process(), store, *series, epoch_);
    for (Reader* reader : store.readers) reader->widen(stream, *series, reading.closed);
    if (!make_point(stream, *series, std::move(reading.total), reading.open, point)) continue;
    point.attributes = series->attributes;
    if (const ExemplarStore* exemplars = series->exemplars.load(std::memory_order_acquire); exemplars != nullptr)
      point.exemplars = exemplars->since(attached_ ? last_epoch_ : 0);
    into.points.push_back(std::move(point));
  }
  stream.harvested_epoch = epoch_;
}

/// False where there is nothing to tell.
bool Reader::make_point(const Stream& stream, Series& series, Total total, const Range& unharvested, Point& point) {
  point.start_ns = series.start_ns;
  if (is_last(stream.op)) {
    const std::uint64_t set = series.last_epoch.load(std::memory_order_acquire);
    if (set == 0 || (temporality_ == Temporality::kDelta && set <= last_epoch_)) return false;
    const std::uint64_t bits = series.last.load(std::memory_order_relaxed);
    point.total.integer = static_cast<std::int64_t>(bits);
    point.total.real = as_double(bits);
    return true;
  }
  if (attached_ && is_histogram(stream.op)) {
    SeriesState& state = state_of(stream, series);
    total.range = state.range;
    total.range.add(unharvested);
  }
  if (!is_delta(stream)) {
    if (is_histogram(stream.op) && total.count() == 0) return false;
    point.total = std::move(total);
    return true;
  }
  SeriesState& state = state_of(stream, series);
  point.total = total;
  subtract(stream.op, point.total, state.previous);
  if (is_nothing(stream.op, point.total)) return false;
  state.previous = std::move(total);
  state.range = {};
  point.start_ns = std::max(stream.instrument->created_ns, last_ns_);
  return true;
}

void Reader::collect_observed(const Stream& stream, const std::vector<Observation>& told, Collected& into) {
  StreamState& state = state_of(stream);
  for (Observation& one : merge(stream, told)) {
    Point point;
    if (make_observed_point(stream, state, one, point)) into.points.push_back(std::move(point));
  }
  // What is told no more is forgotten, late enough for a value that is missing once to be the same series still.
  if (state.observed.size() <= 2 * stream.limit) return;
  for (auto it = state.observed.begin(); it != state.observed.end();)
    it = it->second.seen == collections_ ? std::next(it) : state.observed.erase(it);
}

bool Reader::make_observed_point(const Stream& stream, StreamState& state, Observation& told, Point& point) {
  const auto [found, fresh] = state.observed.try_emplace(told.attributes);
  ObservedState& known = found->second;
  // A series that was there at the first collection began with its instrument; others since the last collection.
  if (fresh) known.start_ns = collections_ == 1 ? std::max(stream.instrument->created_ns, last_ns_) : last_ns_;
  known.seen = collections_;
  point.attributes = std::move(told.attributes);
  point.start_ns = known.start_ns;
  point.total.integer = told.integer;
  point.total.real = told.real;
  if (!is_delta(stream)) return true;
  // A counter that fell began anew.
  const bool reset = told.integer < known.integer || told.real < known.real;
  if (!reset) {
    point.total.integer -= known.integer;
    point.total.real -= known.real;
  }
  known.integer = told.integer;
  known.real = told.real;
  point.start_ns = std::max(stream.instrument->created_ns, last_ns_);
  return !is_nothing(stream.op, point.total);
}

}  // namespace sextant::metrics
