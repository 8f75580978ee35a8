#include "metrics/exponential.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <utility>

namespace sextant::metrics {
namespace {

constexpr double kLog2E = 1.4426950408889634074;

/// 2^scale / ln 2.
double scale_factor(int scale) noexcept {
  return std::ldexp(kLog2E, scale);
}

}  // namespace

std::int32_t exponential_index(double value, int scale) noexcept {
  constexpr double kSmallestNormal = 2.2250738585072014e-308;
  if (value < kSmallestNormal) value = kSmallestNormal;
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  const auto exponent = static_cast<std::int32_t>(bits >> 52 & 0x7ff) - 1023;
  const std::uint64_t fraction = bits & ((std::uint64_t{1} << 52) - 1);
  if (scale <= 0) return (fraction == 0 ? exponent - 1 : exponent) >> -scale;
  const std::int32_t whole = exponent * (std::int32_t{1} << scale);
  if (fraction == 0) return whole - 1;
  const std::uint64_t one_to_two = fraction | std::uint64_t{1023} << 52;
  double significand = 0;
  std::memcpy(&significand, &one_to_two, sizeof(significand));
  const auto part = static_cast<std::int32_t>(std::ceil(std::log(significand) * scale_factor(scale))) - 1;
  return whole + std::clamp(part, std::int32_t{0}, (std::int32_t{1} << scale) - 1);
}

double exponential_upper_bound(std::int32_t index, int scale) noexcept {
  const std::int64_t upper = std::int64_t{index} + 1;
  if (scale <= 0)
    return std::ldexp(1.0,
                      static_cast<int>(std::clamp<std::int64_t>(upper * (std::int64_t{1} << -scale), -2000, 2000)));
  const std::int64_t whole = upper >> scale;
  const double part = std::ldexp(static_cast<double>(upper - whole * (std::int64_t{1} << scale)), -scale);
  return std::ldexp(std::exp2(part), static_cast<int>(whole));
}

std::uint64_t Exponential::count() const noexcept {
  std::uint64_t all = zero_count;
  for (const std::uint64_t bucket : buckets) all += bucket;
  return all;
}

void Exponential::trim() {
  while (!buckets.empty() && buckets.back() == 0) buckets.pop_back();
  const auto first = std::find_if(buckets.begin(), buckets.end(), [](std::uint64_t n) { return n != 0; });
  offset = buckets.empty() ? 0 : offset + static_cast<std::int32_t>(first - buckets.begin());
  buckets.erase(buckets.begin(), first);
}

void Exponential::downscale(int by) {
  if (by <= 0) return;
  scale -= by;
  if (buckets.empty()) return;
  const std::int32_t first = offset >> by;
  const std::int32_t last = (offset + static_cast<std::int32_t>(buckets.size()) - 1) >> by;
  std::vector<std::uint64_t> merged(static_cast<std::size_t>(last - first + 1));
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    const std::int32_t index = (offset + static_cast<std::int32_t>(i)) >> by;
    merged[static_cast<std::size_t>(index - first)] += buckets[i];
  }
  offset = first;
  buckets = std::move(merged);
}

void Exponential::fit(std::uint32_t buckets_max) {
  while (buckets.size() > buckets_max && scale > kExponentialScaleMin) downscale(1);
}

void Exponential::add(const Exponential& other, std::uint32_t buckets_max) {
  zero_count += other.zero_count;
  if (other.buckets.empty()) return;
  if (buckets.empty()) {
    const std::uint64_t zeros = zero_count;
    *this = other;
    zero_count = zeros;
    return fit(buckets_max);
  }
  Exponential theirs = other;
  // Why: at first only as far apart as the bits of both ranges demand, so that the sum below is never large.
  const int common = std::min(scale, theirs.scale);
  downscale(scale - common);
  theirs.downscale(theirs.scale - common);
  const auto range = [&] {
    const std::int64_t low = std::min(offset, theirs.offset);
    const std::int64_t high = std::max(std::int64_t{offset} + static_cast<std::int64_t>(buckets.size()),
                                       std::int64_t{theirs.offset} + static_cast<std::int64_t>(theirs.buckets.size()));
    return high - low;
  };
  while (range() > buckets_max && scale > kExponentialScaleMin) {
    downscale(1);
    theirs.downscale(1);
  }
  const std::int32_t low = std::min(offset, theirs.offset);
  std::vector<std::uint64_t> sum(static_cast<std::size_t>(range()));
  for (std::size_t i = 0; i < buckets.size(); ++i) sum[static_cast<std::size_t>(offset - low) + i] += buckets[i];
  for (std::size_t i = 0; i < theirs.buckets.size(); ++i)
    sum[static_cast<std::size_t>(theirs.offset - low) + i] += theirs.buckets[i];
  offset = low;
  buckets = std::move(sum);
}

void Exponential::subtract(const Exponential& earlier) {
  zero_count -= earlier.zero_count;
  Exponential before = earlier;
  downscale(scale - before.scale);
  before.downscale(before.scale - scale);
  for (std::size_t i = 0; i < before.buckets.size(); ++i) {
    const std::int64_t at = std::int64_t{before.offset} - offset + static_cast<std::int64_t>(i);
    if (at >= 0 && at < static_cast<std::int64_t>(buckets.size())) {
      std::uint64_t& bucket = buckets[static_cast<std::size_t>(at)];
      bucket -= std::min(bucket, before.buckets[i]);
    }
  }
  trim();
}

}  // namespace sextant::metrics
