// Readers: who collects, and what it has been told already. Each has a temporality and a memory of its own, so that
// none changes what another one sees.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "metrics/exemplar.h"
#include "metrics/observation.h"
#include "metrics/stream.h"
#include "metrics/total.h"

namespace sextant::metrics {

struct Store;

/// One point of a stream. A value.
struct Point {
  std::string attributes;  // canonical
  std::int64_t start_ns = 0;
  Total total;
  std::vector<Exemplar> exemplars;
};

/// What one stream came to. The stream lives for ever; of it only what never changes may be read.
struct Collected {
  const Stream* stream = nullptr;
  bool delta = false;
  std::int64_t time_ns = 0;
  std::vector<Point> points;  // at least one
};

/// Held by whoever collects. Before the lock of all metrics, where both are.
std::mutex& collection_mutex() noexcept;
/// Whether this thread is collecting: a callback that asks for a collection would wait for itself.
bool collecting_here() noexcept;

/// Guarded by the collection's lock, and the lock of all metrics.
class Reader {
 public:
  explicit Reader(Temporality temporality) : temporality_(temporality) {}
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// Makes the running SDK keep this reader's ranges up to date: without it there are none. Once.
  void attach();
  /// Everything there is to tell, in the order in which streams came to be; nothing where no SDK runs.
  std::vector<Collected> collect();

  /// Requires: the lock of all metrics. Values of this range were counted in the series.
  void widen(const Stream& stream, const Series& series, const Range& range);

 private:
  struct SeriesState {
    Range range;     // since the last point, where that is a delta, or since the beginning
    Total previous;  // of the last delta
  };
  struct ObservedState {
    std::int64_t start_ns = 0;
    std::uint64_t seen = 0;  // the collection in which it was told last
    std::int64_t integer = 0;
    double real = 0;
  };
  struct StreamState {
    std::vector<SeriesState> series;
    std::unordered_map<std::string, ObservedState> observed;
  };

  bool is_delta(const Stream& stream) const noexcept;
  StreamState& state_of(const Stream& stream);
  SeriesState& state_of(const Stream& stream, const Series& series);
  void begin(const Store& store);
  Collected collect_stream(Store& store, Stream& stream, const Observations& told);
  void collect_measured(Store& store, Stream& stream, Collected& into);
  void collect_observed(const Stream& stream, const std::vector<Observation>& told, Collected& into);
  bool make_point(const Stream& stream, Series& series, Total total, const Range& unharvested, Point& point);
  bool make_observed_point(const Stream& stream, StreamState& state, Observation& told, Point& point);

  const Temporality temporality_;
  bool attached_ = false;
  std::uint32_t generation_ = 0;  // of the SDK whose state it has
  std::uint64_t collections_ = 0;
  std::uint64_t last_epoch_ = 0;  // up to which exemplars and last values have been told
  std::uint64_t epoch_ = 0;       // that the present collection closes
  std::int64_t last_ns_ = 0;      // of the last collection, or when the SDK started; wall
  std::int64_t now_ns_ = 0;
  std::vector<StreamState> streams_;  // by index
};

}  // namespace sextant::metrics
