#include "persist/head/head_batch.h"

#include <algorithm>
#include <numeric>

namespace sextant::persist {
namespace {

/// What HeadTable's index takes for each trace that a batch names: a place, a trace, two to four slots, and what its
/// lists have reserved beyond.
constexpr uint64_t kBytesPerTrace = 96;

/// The number of each row's trace, traces counted in order of appearance, and their groups with rows_end as the number
/// of rows.
std::vector<uint32_t> count_traces(const data::SpanColumns& s, std::vector<TraceGroup>& groups) {
  std::vector<uint32_t> trace_of(s.trace_id.size());
  data::CodeTable table;
  for (uint32_t row = 0; row < trace_of.size(); ++row) {
    const data::TraceId& id = s.trace_id[row];
    const UnixNanos start = s.start_unix_nanos[row];
    const UnixNanos end = std::max(start, s.end_unix_nanos[row]);
    const auto next = static_cast<uint32_t>(groups.size());
    uint32_t trace = row > 0 ? trace_of[row - 1] : 0;
    if (row == 0 || groups[trace].trace_id != id) {
      trace = table.find_or_insert(data::IdHash()(id), next, [&](uint32_t i) { return groups[i].trace_id == id; });
      if (trace == data::CodeTable::kNone) trace = next;
      if (trace == next) groups.push_back({id, 0, 0, start, end});
    }
    TraceGroup& group = groups[trace];
    ++group.rows_end;
    group.start_min = std::min(group.start_min, start);
    group.end_max = std::max(group.end_max, end);
    trace_of[row] = trace;
  }
  return trace_of;
}

/// Rows of a trace keep the order in which they came.
void group_rows(HeadBatch& head) {
  std::vector<TraceGroup> groups;
  const std::vector<uint32_t> trace_of = count_traces(head.batch.spans, groups);
  std::vector<uint32_t> order(groups.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, {}, [&](uint32_t trace) -> const data::TraceId& { return groups[trace].trace_id; });
  head.groups.reserve(groups.size());
  std::vector<uint32_t> next_place(groups.size());
  uint32_t place = 0;
  for (const uint32_t trace : order) {
    TraceGroup& group = head.groups.emplace_back(groups[trace]);
    next_place[trace] = group.rows_begin = place;
    place += group.rows_end;
    group.rows_end = place;
    head.start_min = std::min(head.start_min, group.start_min);
    head.end_max = std::max(head.end_max, group.end_max);
  }
  head.rows.resize(trace_of.size());
  for (uint32_t row = 0; row < trace_of.size(); ++row) head.rows[next_place[trace_of[row]]++] = row;
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
