// What measurements come to, added up over threads.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "metrics/exponential.h"

namespace sextant::metrics {

/// Smallest and largest value; neither where nothing was measured. A value.
struct Range {
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();

  bool empty() const noexcept { return min > max; }
  void add(const Range& other) noexcept {
    if (other.min < min) min = other.min;
    if (other.max > max) max = other.max;
  }
};

/// A value; which members count depends on how the stream aggregates.
struct Total {
  std::int64_t integer = 0;            // sums and last values of int64
  double real = 0;                     // of double, and sums of histograms
  std::vector<std::uint64_t> buckets;  // of explicit histograms
  Exponential exponential;
  Range range;  // of histograms

  /// Measurements in a histogram.
  std::uint64_t count() const noexcept;
};

}  // namespace sextant::metrics
