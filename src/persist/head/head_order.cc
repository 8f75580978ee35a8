#include "persist/head/head_order.h"

#include <algorithm>

namespace sextant::persist {
namespace {

/// A trace's rows in one batch.
struct Part {
  data::TraceId id;
  const HeadBatch* batch;
  const TraceGroup* group;
};

/// The parts of one trace, by number in the list of parts.
struct Trace {
  UnixNanos start;
  uint32_t begin;
  uint32_t end;
};

std::vector<Part> parts_of(std::span<const HeadBatchPtr> batches, const Tombstones& deleted) {
  std::vector<Part> parts;
  for (const HeadBatchPtr& batch : batches) {
    for (const TraceGroup& group : batch->groups) {
      if (!deleted.cover(group.trace_id, batch->sequence)) parts.push_back({group.trace_id, batch.get(), &group});
    }
  }
  std::ranges::sort(parts, [](const Part& a, const Part& b) {
    return a.id != b.id ? a.id < b.id : a.batch->sequence < b.batch->sequence;
  });
  return parts;
}

std::vector<Trace> traces_of(const std::vector<Part>& parts) {
  std::vector<Trace> traces;
  for (uint32_t i = 0; i < parts.size(); ++i) {
    const UnixNanos start = parts[i].group->start_min;
    if (i == 0 || parts[i].id != parts[i - 1].id) traces.push_back({start, i, i});
    traces.back().start = std::min(traces.back().start, start);
    traces.back().end = i + 1;
  }
  std::ranges::sort(traces, [&](const Trace& a, const Trace& b) {
    return a.start != b.start ? a.start < b.start : parts[a.begin].id < parts[b.begin].id;
  });
  return traces;
}

}  // namespace

Result<void> for_each_trace(std::span<const HeadBatchPtr> batches, const Tombstones& deleted,
                            const std::function<Result<void>(const OrderedTrace&)>& visit) {
  const std::vector<Part> parts = parts_of(batches, deleted);
  OrderedTrace ordered;
  for (const Trace& trace : traces_of(parts)) {
    ordered.id = parts[trace.begin].id;
    ordered.starts.clear();
    ordered.rows.clear();
    ordered.last_arrival = 0;
    for (uint32_t i = trace.begin; i < trace.end; ++i) {
      const HeadBatch& batch = *parts[i].batch;
      note_start(ordered.starts, batch.sequence, parts[i].group->start_min);
      ordered.last_sequence = batch.sequence;
      ordered.last_arrival = std::max(ordered.last_arrival, batch.arrival);
      for (const uint32_t row : batch.rows_of(*parts[i].group)) ordered.rows.push_back({&batch.batch, row});
    }
    sort_and_collapse(ordered.rows);
    TRY(visit(ordered));
  }
  return {};
}

}  // namespace sextant::persist
