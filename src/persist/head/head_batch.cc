#include "persist/head/head_batch.h"

#include <algorithm>
#include <numeric>

namespace sextant::persist {
namespace {

/// Index entries, list nodes and the summary of a run, for each trace that a batch names: measured, rounded up.
constexpr uint64_t kBytesPerTrace = 1024;

void group_rows(HeadBatch& head) {
  const data::SpanColumns& s = head.batch.spans;
  head.rows.resize(s.trace_id.size());
  std::iota(head.rows.begin(), head.rows.end(), 0U);
  // Stable, so that the rows of a trace keep the order in which they came.
  std::ranges::stable_sort(head.rows, [&](uint32_t a, uint32_t b) { return s.trace_id[a] < s.trace_id[b]; });
  for (uint32_t i = 0; i < head.rows.size(); ++i) {
    const uint32_t row = head.rows[i];
    const UnixNanos start = s.start_unix_nanos[row];
    const UnixNanos end = std::max(start, s.end_unix_nanos[row]);
    if (head.groups.empty() || head.groups.back().trace_id != s.trace_id[row]) {
      head.groups.push_back({s.trace_id[row], i, i, start, end});
    }
    TraceGroup& group = head.groups.back();
    group.rows_end = i + 1;
    group.start_min = std::min(group.start_min, start);
    group.end_max = std::max(group.end_max, end);
    head.start_min = std::min(head.start_min, start);
    head.end_max = std::max(head.end_max, end);
  }
}

}  // namespace

const TraceGroup* HeadBatch::find(const data::TraceId& id) const {
  const auto found = std::ranges::lower_bound(groups, id, {}, &TraceGroup::trace_id);
  return found != groups.end() && found->trace_id == id ? &*found : nullptr;
}

std::shared_ptr<HeadBatch> make_head_batch(data::Batch&& batch, LedgerHold&& hold) {
  auto head = std::make_shared<HeadBatch>();
  head->batch = std::move(batch);
  head->hold = std::move(hold);
  group_rows(*head);
  return head;
}

bool charge(HeadBatch& head, MemoryLedger& ledger, uint64_t extra_bytes) {
  const uint64_t bytes = sizeof(HeadBatch) + head.batch.byte_size() + head.rows.capacity() * sizeof(uint32_t) +
                         head.groups.size() * (sizeof(TraceGroup) + kBytesPerTrace) + extra_bytes;
  // An empty hold may belong to no ledger.
  if (head.hold.bytes() == 0) return ledger.reserve(bytes, head.hold);
  return head.hold.resize(bytes);
}

}  // namespace sextant::persist
