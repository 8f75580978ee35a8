// Rows of a head in the order in which a segment keeps them: traces by their start, the rows of each by theirs, equal
// copies of a span once.
#pragma once

#include <functional>
#include <span>

#include "base/core/result.h"
#include "persist/format/row_order.h"
#include "persist/head/head_table.h"

namespace sextant::persist {

/// A trace of a head: its rows, and when its batches came.
struct OrderedTrace {
  data::TraceId id;
  std::vector<data::StartChange> starts;  // never empty
  uint64_t last_sequence = 0;
  UnixNanos last_arrival = 0;
  std::vector<RowRef> rows;
};

/// Calls `visit` for each trace, by (start, id) ascending, without what was deleted; an error ends it. Lifetime of the
/// trace: the call.
Result<void> for_each_trace(std::span<const HeadBatchPtr> batches, const Tombstones& deleted,
                            const std::function<Result<void>(const OrderedTrace&)>& visit);

}  // namespace sextant::persist
