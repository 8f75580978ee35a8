#include "query/traces/duration_counts.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace sextant::query {

// Below 2^kSubBits each duration has a bucket of its own; above, the leading bit and the kSubBits behind it choose.
uint32_t DurationCounts::bucket_of(uint64_t nanos) {
  const int width = std::bit_width(nanos);
  if (width <= kSubBits) return static_cast<uint32_t>(nanos);
  const int shift = width - kSubBits - 1;
  return (static_cast<uint32_t>(shift + 1) << kSubBits) +
         static_cast<uint32_t>((nanos >> shift) & ((1 << kSubBits) - 1));
}

uint64_t DurationCounts::middle_of(uint32_t bucket) {
  const uint32_t group = bucket >> kSubBits;
  const uint64_t sub = bucket & ((1 << kSubBits) - 1);
  if (group == 0) return sub;
  const uint32_t shift = group - 1;
  const uint64_t low = ((uint64_t{1} << kSubBits) + sub) << shift;
  return low + ((uint64_t{1} << shift) >> 1);
}

void DurationCounts::add(uint64_t nanos) {
  ++buckets_[bucket_of(nanos)];
  ++total_;
}

std::optional<uint64_t> DurationCounts::quantile(double share) const {
  if (total_ == 0) return std::nullopt;
  const auto rank = std::max<uint64_t>(1, static_cast<uint64_t>(std::ceil(share * static_cast<double>(total_))));
  uint64_t seen = 0;
  uint32_t bucket = 0;
  while (bucket < kBuckets && (seen += buckets_[bucket]) < rank) ++bucket;
  return middle_of(std::min(bucket, kBuckets - 1));
}

}  // namespace sextant::query
