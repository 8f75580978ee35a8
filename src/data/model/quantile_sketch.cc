#include "data/model/quantile_sketch.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/core/check.h"

namespace sextant::data {
namespace {

/// Numbers up to which a sketch keeps a list instead of counts: the list is then the smaller of the two.
constexpr size_t kFewMax = 64;
/// Room that the list begins with: growing from one number on takes longer than counting them.
constexpr size_t kFewFirst = 16;

/// Counts grow by half a power of two beyond what is needed: neighbours of a number usually follow.
constexpr uint32_t kSpareBuckets = 32;

}  // namespace

double QuantileSketch::middle_of(uint32_t bucket) {
  const bool negative = bucket < kZeroBucket;
  const uint64_t size = negative ? kZeroBucket - bucket : bucket - kZeroBucket;
  if (size == 0) return 0;
  // A number of few digits: of nanoseconds a whole one.
  const auto middle = std::bit_cast<double>((size << kDroppedBits) | (1ULL << (kDroppedBits - 1)));
  return negative ? -middle : middle;
}

void QuantileSketch::add_outside(uint32_t bucket) {
  if (counts_.empty() && few_.size() < kFewMax) {
    if (few_.empty()) few_.reserve(kFewFirst);
    few_.push_back(bucket);
    return;
  }
  uint32_t low = bucket;
  uint32_t high = bucket;
  for (const uint32_t known : few_) {
    low = std::min(low, known);
    high = std::max(high, known);
  }
  widen(low, high);
  ++counts_[bucket - first_bucket_];
  for (const uint32_t known : few_) ++counts_[known - first_bucket_];
  few_ = {};
}

/// Makes place for buckets from `low` to `high`.
void QuantileSketch::widen(uint32_t low, uint32_t high) {
  const auto end = first_bucket_ + static_cast<uint32_t>(counts_.size());
  const uint32_t new_low =
      std::min(counts_.empty() ? low : first_bucket_, low < kSpareBuckets ? 0 : low - kSpareBuckets);
  const uint32_t new_end = std::max(counts_.empty() ? 0 : end, high + kSpareBuckets);
  std::vector<uint64_t> wider(new_end - new_low);
  std::ranges::copy(counts_, wider.begin() + (counts_.empty() ? 0 : first_bucket_ - new_low));
  counts_ = std::move(wider);
  first_bucket_ = new_low;
}

void QuantileSketch::merge(const QuantileSketch& other) {
  if (other.count_ == 0) return;
  const uint64_t count = count_ + other.count_;
  note_range(other.min_);
  note_range(other.max_);
  for (const uint32_t bucket : other.few_) {
    const uint32_t place = bucket - first_bucket_;
    if (place < counts_.size()) {
      ++counts_[place];
    } else {
      add_outside(bucket);
    }
  }
  if (!other.counts_.empty()) {
    widen(other.first_bucket_, other.first_bucket_ + static_cast<uint32_t>(other.counts_.size()));
    for (size_t i = 0; i < other.counts_.size(); ++i)
      counts_[other.first_bucket_ + i - first_bucket_] += other.counts_[i];
    const std::vector<uint32_t> few = std::move(few_);
    few_ = {};
    for (const uint32_t bucket : few) {
      if (bucket - first_bucket_ >= counts_.size()) widen(bucket, bucket);
      ++counts_[bucket - first_bucket_];
    }
  }
  count_ = count;
}

uint32_t QuantileSketch::bucket_at(uint64_t rank) const {
  if (counts_.empty()) {
    std::array<uint32_t, kFewMax> buckets;
    const auto end = std::ranges::copy(few_, buckets.begin()).out;
    const auto place = buckets.begin() + static_cast<ptrdiff_t>(rank - 1);
    std::nth_element(buckets.begin(), place, end);
    return *place;
  }
  // From the nearer end.
  size_t i = 0;
  if (rank <= count_ / 2) {
    uint64_t up_to = counts_[0];
    while (up_to < rank) up_to += counts_[++i];
  } else {
    i = counts_.size() - 1;
    uint64_t below = count_ - counts_[i];
    while (below >= rank) below -= counts_[--i];
  }
  return first_bucket_ + static_cast<uint32_t>(i);
}

std::optional<double> QuantileSketch::quantile(double q) const {
  CHECK(q >= 0 && q <= 1);
  if (count_ == 0) return std::nullopt;
  const auto rank = static_cast<uint64_t>(std::ceil(q * static_cast<double>(count_)));
  if (rank <= 1) return min_;
  if (rank >= count_) return max_;
  return std::clamp(middle_of(bucket_at(rank)), min_, max_);
}

}  // namespace sextant::data
