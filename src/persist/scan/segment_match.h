// Which runs have a span that satisfies a filter. Asked of few runs of a segment, it reads those; asked of many, it
// tests the whole segment once.
#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

#include "persist/scan/scan_context.h"

namespace sextant::persist {

/// Thread-confined. Lifetime: not longer than context and filter.
class RunMatcher {
 public:
  RunMatcher(ScanContext& context, const data::SpanFilter& filter)
      : context_(context), filter_(filter), segments_(context.segment_count()) {}

  Result<bool> segment_has_match(uint32_t segment, const data::TraceId& id);
  /// Looks at all parts of the run.
  Result<bool> run_has_match(const data::TraceId& id);

 private:
  struct SegmentState {
    uint32_t asked = 0;
    bool tested = false;    // `matching` is complete
    bool excluded = false;  // by its names: nothing matches
    bool names_asked = false;
    std::unordered_set<data::TraceId, data::IdHash> matching;
  };
  Result<void> test_segment(uint32_t segment);
  Result<bool> test_run(uint32_t segment, const data::TraceId& id);
  bool excluded_by_names(uint32_t segment);

  ScanContext& context_;
  const data::SpanFilter& filter_;
  std::vector<SegmentState> segments_;
};

}  // namespace sextant::persist
