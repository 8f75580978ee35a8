#include "metrics/series.h"

#include <sched.h>

#include <algorithm>

namespace sextant::metrics {

std::atomic<std::uint64_t> collection_epoch{1};

std::uint64_t Total::count() const noexcept {
  std::uint64_t all = exponential.count();
  for (const std::uint64_t bucket : buckets) all += bucket;
  return all;
}

namespace {

std::uint64_t to_word(std::int64_t value) noexcept {
  return static_cast<std::uint64_t>(value);
}
std::int32_t to_index(std::uint64_t word) noexcept {
  return static_cast<std::int32_t>(static_cast<std::int64_t>(word));
}

/// Where the bucket of an index stands.
std::size_t place(std::int32_t index, std::uint32_t buckets) noexcept {
  const auto count = static_cast<std::int32_t>(buckets);
  const std::int32_t rest = index % count;
  return kExponentialWords + static_cast<std::size_t>(rest < 0 ? rest + count : rest);
}

/// The only change that a reader must not see by half. Release stores: what is seen of it makes its beginning seen too.
void downscale(Word* slot, std::uint32_t buckets, std::int32_t low, std::int32_t high, int by) noexcept {
  std::uint64_t counts[kExponentialBucketsMax];
  const auto size = static_cast<std::size_t>(high - low + 1);
  for (std::size_t i = 0; i < size; ++i) {
    Word& word = slot[place(low + static_cast<std::int32_t>(i), buckets)];
    counts[i] = word.load(std::memory_order_relaxed);
  }
  const std::uint64_t changes = slot[kChangesWord].load(std::memory_order_relaxed);
  slot[kChangesWord].store(changes + 1, std::memory_order_relaxed);
  for (std::uint32_t i = 0; i < buckets; ++i) slot[kExponentialWords + i].store(0, std::memory_order_release);
  for (std::size_t i = 0; i < size; ++i) {
    Word& word = slot[place((low + static_cast<std::int32_t>(i)) >> by, buckets)];
    word.store(word.load(std::memory_order_relaxed) + counts[i], std::memory_order_release);
  }
  const std::uint64_t scale = slot[kScaleWord].load(std::memory_order_relaxed);
  slot[kScaleWord].store(to_word(to_index(scale) - by), std::memory_order_release);
  slot[kLowWord].store(to_word(low >> by), std::memory_order_release);
  slot[kHighWord].store(to_word(high >> by), std::memory_order_release);
  slot[kChangesWord].store(changes + 2, std::memory_order_release);
}

void count_index(const Series& series, Word* slot, double value) noexcept {
  const bool filled = slot[kFilledWord].load(std::memory_order_relaxed) != 0;
  const int scale = filled ? to_index(slot[kScaleWord].load(std::memory_order_relaxed)) : series.scale_max;
  std::int32_t index = exponential_index(value, scale);
  if (!filled) {
    slot[kScaleWord].store(to_word(scale), std::memory_order_relaxed);
    slot[kLowWord].store(to_word(index), std::memory_order_relaxed);
    slot[kHighWord].store(to_word(index), std::memory_order_relaxed);
    slot[kFilledWord].store(1, std::memory_order_release);
  }
  const std::int32_t low = to_index(slot[kLowWord].load(std::memory_order_relaxed));
  const std::int32_t high = to_index(slot[kHighWord].load(std::memory_order_relaxed));
  if (index < low || index > high) {
    const std::int64_t lowest = std::min(index, low);
    const std::int64_t highest = std::max(index, high);
    int by = 0;
    while ((highest >> by) - (lowest >> by) >= std::int64_t{series.buckets}) ++by;
    if (by > 0) downscale(slot, series.buckets, low, high, by);
    index >>= by;
    slot[kLowWord].store(to_word(lowest >> by), std::memory_order_release);
    slot[kHighWord].store(to_word(highest >> by), std::memory_order_release);
  }
  Word& bucket = slot[place(index, series.buckets)];
  bucket.store(bucket.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}

void read_exponential(const Series& series, const Word* slot, Exponential& out) {
  constexpr auto kAcquire = std::memory_order_acquire;
  Exponential read;
  read.zero_count = slot[kZeroWord].load(kAcquire);
  while (slot[kFilledWord].load(kAcquire) != 0) {
    const std::uint64_t before = slot[kChangesWord].load(kAcquire);
    read.scale = to_index(slot[kScaleWord].load(kAcquire));
    const std::int32_t low = to_index(slot[kLowWord].load(kAcquire));
    const std::int32_t high = to_index(slot[kHighWord].load(kAcquire));
    read.offset = low;
    read.buckets.clear();
    for (std::int64_t i = low; i <= high && i - low < std::int64_t{series.buckets}; ++i)
      read.buckets.push_back(slot[place(static_cast<std::int32_t>(i), series.buckets)].load(kAcquire));
    if (before % 2 == 0 && slot[kChangesWord].load(kAcquire) == before) break;
    sched_yield();
  }
  out.add(read, series.buckets);
}

}  // namespace

void add_to_exponential(const Series& series, Word* slot, double value) noexcept {
  count_in_range(series.range_recorded, slot, value, [&] {
    if (value != 0) return count_index(series, slot, value);
    slot[kZeroWord].store(slot[kZeroWord].load(std::memory_order_relaxed) + 1, std::memory_order_release);
  });
  add_to(slot[kSumWord], value);
}

std::uint32_t Series::words() const noexcept {
  switch (op) {
    case Op::kSumInt:
    case Op::kSumDouble:
      return 2;
    case Op::kLastInt:
    case Op::kLastDouble:
      return 2;  // for the exemplars alone
    case Op::kExplicit:
      return kBucketWords + buckets;
    case Op::kExponential:
      return kExponentialWords + buckets;
  }
  return 0;
}

void Series::read(const Word* slot, Total& total) const {
  const std::uint64_t sum = slot[kSumWord].load(std::memory_order_relaxed);
  if (op == Op::kSumInt) {
    total.integer = static_cast<std::int64_t>(static_cast<std::uint64_t>(total.integer) + sum);
    return;
  }
  total.real += as_double(sum);
  if (op == Op::kExplicit) {
    total.buckets.resize(buckets);
    for (std::uint32_t i = 0; i < buckets; ++i)
      total.buckets[i] += slot[kBucketWords + i].load(std::memory_order_acquire);
  } else if (op == Op::kExponential) {
    read_exponential(*this, slot, total.exponential);
  }
}

void Series::read_window(const Word* slot, std::uint64_t epoch, Range& range) const {
  const Word* window = slot + kWindowWords + kWindowSize * (epoch & 1);
  if (window[0].load(std::memory_order_acquire) != epoch) return;
  range.add(
      {as_double(window[1].load(std::memory_order_relaxed)), as_double(window[2].load(std::memory_order_relaxed))});
}

}  // namespace sextant::metrics
