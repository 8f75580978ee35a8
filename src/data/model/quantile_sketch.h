// Quantiles of very many numbers in little memory: counts in buckets whose width grows with the numbers.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace sextant::data {

/// Counts of numbers by their leading bits: each power of two is cut into 64 buckets, so that a quantile is off by less
/// than 0.8 % of itself, whatever the numbers. The count, the least and the greatest number are exact. Two sketches
/// merge into what one over all numbers would be, in any order. Value. Thread-confined while it grows.
class QuantileSketch {
 public:
  static constexpr double kRelativeErrorMax = 0.008;

  /// Counts a finite number.
  void add(double value) {
    note_range(value);
    ++count_;
    const uint32_t bucket = bucket_of(value);
    const uint32_t place = bucket - first_bucket_;  // wraps when below
    if (place < counts_.size()) [[likely]] {
      ++counts_[place];
    } else {
      add_outside(bucket);
    }
  }
  void merge(const QuantileSketch& other);

  uint64_t count() const { return count_; }
  /// The number of rank ceil(q * count), at least 1: q 0 is the least, 1 the greatest. Nothing when none was counted.
  /// Requires: 0 <= q <= 1.
  std::optional<double> quantile(double q) const;
  uint64_t byte_size() const {
    return few_.capacity() * sizeof(few_[0]) + counts_.capacity() * sizeof(counts_[0]) + sizeof(*this);
  }

 private:
  /// Buckets ascend with the numbers: the negative ones below kZeroBucket, zero on it.
  static constexpr int kBucketBits = 6;
  static constexpr int kDroppedBits = 52 - kBucketBits;
  static constexpr uint32_t kZeroBucket = 1U << (11 + kBucketBits);
  static uint32_t bucket_of(double value) {
    const auto bits = std::bit_cast<uint64_t>(value);
    const auto size = static_cast<uint32_t>((bits & ~(1ULL << 63)) >> kDroppedBits);
    return (bits >> 63) == 0 ? kZeroBucket + size : kZeroBucket - size;
  }
  static double middle_of(uint32_t bucket);

  void note_range(double value) {
    if (value < min_) min_ = value;
    if (value > max_) max_ = value;
  }
  void add_outside(uint32_t bucket);
  void widen(uint32_t low, uint32_t high);
  uint32_t bucket_at(uint64_t rank) const;

  uint64_t count_ = 0;
  double min_ = std::numeric_limits<double>::infinity();
  double max_ = -std::numeric_limits<double>::infinity();
  std::vector<uint32_t> few_;  // buckets of the first numbers: most groups never have more
  uint32_t first_bucket_ = 0;  // of counts_
  std::vector<uint64_t> counts_;
};

}  // namespace sextant::data
