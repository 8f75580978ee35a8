// Which runs have a span that satisfies a filter: stripe by stripe, each tested once.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "persist/scan/scan_context.h"
#include "persist/scan/stripe_filter.h"

namespace sextant::persist {

/// Thread-confined. Lifetime: not longer than context and filter.
class RunMatcher {
 public:
  RunMatcher(ScanContext& context, const data::SpanFilter& filter)
      : context_(context), filter_(filter), segments_(context.segment_count()) {}

  /// Rows of a stripe that match; nullptr when none can, or when the stripe cannot be read, which is reported.
  Result<const RowSet*> rows(uint32_t segment, uint32_t block);
  /// False when no span of the segment can match.
  Result<bool> segment_may_match(uint32_t segment);
  Result<bool> segment_has_match(uint32_t segment, const data::TraceId& id);
  /// Looks at all parts of the run.
  Result<bool> run_has_match(const data::TraceId& id);

 private:
  struct SegmentState {
    bool asked = false;
    bool may_match = true;
    std::shared_ptr<SegmentContents> contents;
    std::unique_ptr<StripeFilter> filter;
    std::map<uint32_t, std::unique_ptr<RowSet>> stripes;  // null: nothing matches
  };
  Result<bool> stripe_has_match(uint32_t segment, uint32_t block, uint32_t begin, uint32_t end,
                                const data::TraceId& id);

  ScanContext& context_;
  const data::SpanFilter& filter_;
  std::vector<SegmentState> segments_;
};

}  // namespace sextant::persist
