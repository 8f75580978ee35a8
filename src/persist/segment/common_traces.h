// Which traces may have a row in two segments: only rows of these can be copies of each other.
#pragma once

#include <cstdint>
#include <vector>

#include "persist/segment/segment_index.h"

namespace sextant::persist {

/// Places in the lists of traces of two segments. Value.
struct CommonTraces {
  std::vector<uint32_t> a;
  std::vector<uint32_t> b;
  uint64_t byte_size() const { return sizeof(*this) + (a.capacity() + b.capacity()) * sizeof(uint32_t); }
};

/// Traces whose fingerprints are equal and which lie in stripes that have starts in common, as equal rows have. Without
/// the second look two segments of a million spans would have a few traces in common by chance, and their stripes would
/// be read whole.
CommonTraces find_common_traces(const SegmentIndex& a, const SegmentIndex& b);

}  // namespace sextant::persist
