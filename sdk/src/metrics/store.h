// All metrics of the process: the streams of the SDK that runs, the memory of the threads, and the lock that guards
// both.
//
// Recording takes the lock only for what a thread has not seen before: an instrument, a set of attributes, a series
// that needs memory. Whoever collects takes it for one stream at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "metrics/slots.h"
#include "metrics/stream.h"

namespace sextant::metrics {

class Reader;

/// What one start of an SDK measures. Guarded by the lock of all metrics, apart from the options. Lifetime: for ever,
/// since threads may be measuring when the SDK stops; there is one for each start.
struct Store {
  std::uint32_t generation = 0;
  MetricOptions options;
  std::string resource;  // encoded
  std::int64_t started_ns = 0;
  std::vector<std::unique_ptr<Stream>> streams;
  std::unordered_map<const Instrument*, std::vector<Stream*>> of_instrument;
  std::uint32_t next_offset = 0;
  std::size_t series_count = 0;
  std::vector<Reader*> readers;
};

/// Never destroyed.
struct Process {
  std::mutex mutex;
  std::unique_ptr<Store> store;  // of the SDK that runs; null: none
  std::vector<std::unique_ptr<Store>> stopped;
  std::vector<std::unique_ptr<Shard>> shards;
  std::uint32_t last_generation = 0;
};
Process& process() noexcept;

/// Counts since the process began.
struct Counters {
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> unrecorded{0};
  std::atomic<std::uint64_t> overflowed{0};
  std::atomic<std::uint64_t> collections{0};
};
extern Counters counters;

/// Starts and stops measuring. Options have been checked.
void install(const MetricOptions& options, std::string resource);
void uninstall();
MetricStats stats();

/// All of these require the lock.
/// The streams of an instrument, made where there are none yet.
const std::vector<Stream*>& streams_of(Store& store, const Instrument& instrument);
/// The series for attributes that the stream's filter has passed: the one of them, a new one, or the overflow.
Series& series_for(Store& store, Stream& stream, const std::string& attributes);
/// The series in which an instrument's measurement with these canonical attributes is counted, one for each stream.
std::vector<Series*> resolve(Store& store, const Instrument& instrument, const std::string& canonical);
/// Adds a thread's words to what series keep of threads that are no more, and to what the readers keep of windows.
void retire(Store& store, const Shard& shard);

/// Over a fork: locks are held by the thread that forks, and measuring begins anew in the child, which has only that
/// one.
void before_fork();
void after_fork_in_parent();
void after_fork_in_child();

}  // namespace sextant::metrics
