// Base-2 exponential histograms: bucket i of scale s holds the values in (b^i, b^(i+1)] with b = 2^(2^-s)
// (OpenTelemetry, "Metrics data model", ExponentialHistogram).
#pragma once

#include <cstdint>
#include <vector>

namespace sextant::metrics {

inline constexpr int kExponentialScaleMax = 20;
inline constexpr int kExponentialScaleMin = -10;  // at which two buckets hold all numbers there are
inline constexpr std::uint32_t kExponentialBucketsMax = 1024;

/// Requires: value finite and above 0. Values below the smallest normal number count as that.
std::int32_t exponential_index(double value, int scale) noexcept;
/// The upper bound of a bucket; infinite where that is beyond what doubles hold.
double exponential_upper_bound(std::int32_t index, int scale) noexcept;

/// Counts at one scale. A value.
struct Exponential {
  int scale = kExponentialScaleMax;
  std::uint64_t zero_count = 0;
  std::int32_t offset = 0;             // index of the first bucket
  std::vector<std::uint64_t> buckets;  // neither the first nor the last is 0

  std::uint64_t count() const noexcept;
  /// Merges neighbours, 2^by of them at a time.
  void downscale(int by);
  /// Downscales until there are no more than `buckets_max`, which is at least 2.
  void fit(std::uint32_t buckets_max);
  /// The result has the lower of the two scales, and is fitted to `buckets_max`.
  void add(const Exponential& other, std::uint32_t buckets_max);
  /// Requires: each count of `earlier`, at this scale, is at most that of this one.
  void subtract(const Exponential& earlier);

 private:
  void trim();
};

}  // namespace sextant::metrics
