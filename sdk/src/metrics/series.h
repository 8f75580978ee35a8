// A series: one set of attributes of one stream, and how a measurement is added to it.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "metrics/slots.h"
#include "metrics/total.h"

namespace sextant::metrics {

class ExemplarStore;
struct Stream;

/// How a stream aggregates.
enum class Op : std::uint8_t { kSumInt, kSumDouble, kLastInt, kLastDouble, kExplicit, kExponential };
inline bool is_histogram(Op op) noexcept {
  return op >= Op::kExplicit;
}
inline bool is_last(Op op) noexcept {
  return op == Op::kLastInt || op == Op::kLastDouble;
}

/// When exemplars are taken.
enum class Exemplars : std::uint8_t { kNever, kInSampledSpans, kAlways };

// The words of a series in a thread's memory.
// Format: sums { sum, exemplars seen }; histograms { sum, exemplars seen, two windows { epoch, min, max }, buckets… };
// exponential ones have a header before the buckets, which stand at their index modulo their number.
inline constexpr std::uint32_t kSumWord = 0;
inline constexpr std::uint32_t kSeenWord = 1;
inline constexpr std::uint32_t kWindowWords = 2;
inline constexpr std::uint32_t kWindowSize = 3;
inline constexpr std::uint32_t kBucketWords = 8;
inline constexpr std::uint32_t kChangesWord = 8;  // odd while an exponential histogram is downscaled
inline constexpr std::uint32_t kScaleWord = 9;
inline constexpr std::uint32_t kLowWord = 10;
inline constexpr std::uint32_t kHighWord = 11;
inline constexpr std::uint32_t kFilledWord = 12;
inline constexpr std::uint32_t kZeroWord = 13;
inline constexpr std::uint32_t kExponentialWords = 14;

/// The upper part is immutable once it is made, or atomic; the lower part is guarded by the lock of all metrics.
/// Lifetime: for ever, since a thread may be measuring when the SDK stops.
struct Series {
  std::uint32_t generation = 0;
  std::uint32_t offset = 0;
  Op op = Op::kSumInt;
  Exemplars exemplars_taken = Exemplars::kNever;
  bool range_recorded = false;
  std::int8_t scale_max = kExponentialScaleMax;
  std::uint32_t buckets = 0;       // of histograms; explicit ones have one more than bounds
  const double* bounds = nullptr;  // padded with infinities to a multiple of 8
  const Stream* stream = nullptr;
  std::atomic<ExemplarStore*> exemplars{nullptr};
  // Of gauges, which all threads share.
  Word last{0};
  std::atomic<std::uint64_t> last_epoch{0};  // 0: never set

  std::uint32_t index = 0;  // in its stream
  std::string attributes;   // canonical
  std::int64_t start_ns = 0;
  Total retired;       // of threads that are no more
  double highest = 0;  // sum that was collected: adding up in another order must not make it fall

  std::uint32_t words() const noexcept;
  void read(const Word* slot, Total& total) const;
  /// Adds the range of the window of this epoch, where there is one.
  void read_window(const Word* slot, std::uint64_t epoch, Range& range) const;
};

/// Grows with each collection: tells what was measured before it from what came after.
extern std::atomic<std::uint64_t> collection_epoch;

inline double as_double(std::uint64_t bits) noexcept {
  double value = 0;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}
inline std::uint64_t as_bits(double value) noexcept {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

// Two at a time, by the vector extension that GCC and Clang share.
using Doubles = double __attribute__((vector_size(16)));
using Numbers = std::int64_t __attribute__((vector_size(16)));

/// Index of the bucket whose upper bound is the first that is not below the value.
inline std::uint32_t explicit_bucket(const double* bounds, std::uint32_t buckets, double value) noexcept {
  constexpr std::uint32_t kStep = 8;
  std::uint32_t below = 0;
  std::uint32_t at = 0;
  // Why: comparing them all is quicker than searching, as long as they are few: nothing is mispredicted.
  if (buckets > 64) {
    std::uint32_t end = buckets - 1;
    while (end - at > 64) {
      const std::uint32_t middle = at + (end - at) / 2;
      (bounds[middle] < value ? at : end) = middle;
    }
    below = at = at / kStep * kStep;
    buckets = end + 1;
  }
  const Doubles values = {value, value};
  Numbers counted = {0, 0};
  for (; at + 1 < buckets; at += kStep) {
    for (std::uint32_t i = 0; i < kStep; i += 2) {
      Doubles pair;
      std::memcpy(&pair, bounds + at + i, sizeof(pair));
      counted -= pair < values;  // true is -1
    }
  }
  return below + static_cast<std::uint32_t>(counted[0] + counted[1]);
}

/// Adds to a word that only this thread writes.
inline void add_to(Word& word, std::uint64_t by) noexcept {
  word.store(word.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}
inline void add_to(Word& word, double by) noexcept {
  word.store(as_bits(as_double(word.load(std::memory_order_relaxed)) + by), std::memory_order_relaxed);
}

inline void widen_window(Word* slot, std::uint64_t epoch, double value) noexcept {
  Word* window = slot + kWindowWords + kWindowSize * (epoch & 1);
  if (window[0].load(std::memory_order_relaxed) != epoch) {
    window[1].store(as_bits(value), std::memory_order_relaxed);
    window[2].store(as_bits(value), std::memory_order_relaxed);
    window[0].store(epoch, std::memory_order_release);
    return;
  }
  if (value < as_double(window[1].load(std::memory_order_relaxed)))
    window[1].store(as_bits(value), std::memory_order_relaxed);
  if (value > as_double(window[2].load(std::memory_order_relaxed)))
    window[2].store(as_bits(value), std::memory_order_relaxed);
}

/// Calls `count`, which adds the value to a bucket, and keeps the range. Each epoch has a window, in turns of two, so
/// that the smallest and largest value of a time between two collections is known though nobody but the writer may
/// reset it. Invariant: every value that a collection counts lies within the range that it reports; one that is
/// measured during the collection may widen the next range too. That is why the epoch is looked at again once the value
/// is counted.
template <class Count>
void count_in_range(bool range_recorded, Word* slot, double value, Count count) noexcept {
  if (!range_recorded) return count();
  const std::uint64_t epoch = collection_epoch.load(std::memory_order_relaxed);
  widen_window(slot, epoch, value);
  count();
  std::atomic_signal_fence(std::memory_order_seq_cst);  // between processors the collector orders: membarrier(2)
  const std::uint64_t now = collection_epoch.load(std::memory_order_relaxed);
  if (now != epoch) widen_window(slot, now, value);
}

/// Returns the bucket.
inline std::uint32_t add_to_explicit(const Series& series, Word* slot, double value) noexcept {
  const std::uint32_t bucket = explicit_bucket(series.bounds, series.buckets, value);
  count_in_range(series.range_recorded, slot, value, [&] {
    Word& word = slot[kBucketWords + bucket];
    word.store(word.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  });
  add_to(slot[kSumWord], value);
  return bucket;
}
void add_to_exponential(const Series& series, Word* slot, double value) noexcept;

}  // namespace sextant::metrics
