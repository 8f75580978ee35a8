// The places of runs, newest first, from one head or one segment.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "persist/scan/run_matcher.h"
#include "persist/scan/scan_context.h"

namespace sextant::persist {

/// Which places a source gives. Value.
struct RunBounds {
  uint64_t sequence = UINT64_MAX;       // as things stood then
  std::optional<RunKey> below;          // only places after this one in the list
  UnixNanos end_min = 0;                // parts that ended earlier are left out
  const Tombstones* deleted = nullptr;  // of heads, what these cover is left out; null: nothing
};

/// Thread-confined. Lifetime: not longer than the context.
class RunSource {
 public:
  virtual ~RunSource() = default;
  /// The next place, or a bound above it when is_bound(): then resolve() finds out. Nothing at the end.
  virtual std::optional<RunKey> peek() const = 0;
  virtual bool is_bound() const { return false; }
  virtual Result<void> resolve() { return {}; }
  virtual void pop() = 0;
};

std::unique_ptr<RunSource> head_runs(HeadTable& head, const RunBounds& bounds);
std::unique_ptr<RunSource> segment_runs(ScanContext& context, uint32_t segment, const RunBounds& bounds);
/// Only those runs whose part here has a span that the matcher's filter holds for.
std::unique_ptr<RunSource> matching_head_runs(HeadTable& head, const data::SpanFilter& filter, const RunBounds& bounds);
std::unique_ptr<RunSource> matching_segment_runs(ScanContext& context, uint32_t segment, RunMatcher& matcher,
                                                 const RunBounds& bounds);

}  // namespace sextant::persist
