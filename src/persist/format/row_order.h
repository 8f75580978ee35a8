// Rows of several batches in the order in which the store keeps them, equal copies collapsed: what a client sends twice
// is there once, wherever the copies lie.
#pragma once

#include <cstdint>
#include <vector>

#include "base/sys/clock.h"
#include "data/model/batch.h"

namespace sextant::persist {

/// A row where it lies. Lifetime: that of the batch.
struct RowRef {
  const data::Batch* batch = nullptr;
  uint32_t row = 0;

  const data::TraceId& trace_id() const { return batch->spans.trace_id[row]; }
  const data::SpanId& span_id() const { return batch->spans.span_id[row]; }
  UnixNanos start() const { return batch->spans.start_unix_nanos[row]; }
};

/// Sorts by (trace id, start, span id) and drops every row that equals an earlier one in every field. Rows with the
/// same ids that differ all stay, in the order in which they were given.
void sort_and_collapse(std::vector<RowRef>& rows);

/// Sorts likewise and drops nothing. True when rows have the same ids and start: copies, equal or not.
bool sort_and_find_copies(std::vector<RowRef>& rows);

}  // namespace sextant::persist
