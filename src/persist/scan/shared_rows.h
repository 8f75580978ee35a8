// Which traces lie in more than one part of the data (a head's batch, a segment): only rows of these can be copies of a
// row elsewhere. Everything else is summed without a look at ids.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "persist/segment/segment_index.h"

namespace sextant::persist {

/// Rows of one segment, in ranges. Value, filled before it is asked.
class RowRanges {
 public:
  /// Rows [begin, end). In any order; ranges are equal or do not overlap.
  void add(uint32_t begin, uint32_t end) { ranges_.emplace_back(begin, end); }
  void add(const TraceEntry& trace) { add(trace.first_row, trace.first_row + trace.rows); }
  /// After the last add().
  void sort();

  bool empty() const { return ranges_.empty(); }
  bool contains(uint32_t row) const { return meet(row, row + 1); }
  /// True when one of the rows [begin, end) is in it.
  bool meet(uint32_t begin, uint32_t end) const;
  uint64_t byte_size() const { return ranges_.capacity() * sizeof(ranges_[0]); }

 private:
  std::vector<std::pair<uint32_t, uint32_t>> ranges_;  // ascending, once sorted
};

/// Marks the traces of `mine` whose fingerprints `others` has. Fingerprints are equal for a few traces that are not: a
/// mark means "perhaps". Both ascend by fingerprint. Requires: marks.size() == mine.size().
void mark_common(std::span<const TraceEntry> mine, std::span<const uint32_t> others, std::vector<bool>& marks);
void mark_common(std::span<const uint32_t> mine, std::span<const TraceEntry> others, std::vector<bool>& marks);

}  // namespace sextant::persist
