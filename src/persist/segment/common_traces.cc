#include "persist/segment/common_traces.h"

#include <algorithm>
#include <span>

#include "persist/segment/fingerprint_walk.h"

namespace sextant::persist {
namespace {

/// What rows have for starts, about. Value.
struct Starts {
  UnixNanos min = UINT64_MAX;
  UnixNanos max = 0;
  void add(const BlockZone& zone) {
    min = std::min(min, zone.start_min);
    max = std::max(max, zone.start_max);
  }
  bool meet(UnixNanos other_min, UnixNanos other_max) const { return min <= other_max && other_min <= max; }
};

/// Rows from the first to the last stripe that a test holds for. Value.
struct Window {
  uint32_t begin = UINT32_MAX;
  uint32_t end = 0;
  bool has(const TraceEntry& trace) const { return trace.first_row < end && trace.first_row + trace.rows > begin; }
};

Starts starts_of(const SegmentIndex& index) {
  Starts starts;
  for (const BlockEntry& block : index.blocks) starts.add(block.zone);
  return starts;
}

Starts starts_of(const SegmentIndex& index, const TraceEntry& trace) {
  Starts starts;
  const uint32_t last = index.block_of(trace.first_row + trace.rows - 1);
  for (uint32_t i = index.block_of(trace.first_row); i <= last; ++i) starts.add(index.blocks[i].zone);
  return starts;
}

/// Where rows with such starts may lie.
Window window_of(const SegmentIndex& index, const Starts& starts) {
  Window window;
  for (const BlockEntry& block : index.blocks) {
    if (!starts.meet(block.zone.start_min, block.zone.start_max)) continue;
    window.begin = std::min(window.begin, block.first_row);
    window.end = block.first_row + block.rows;
  }
  return window;
}

void sort_unique(std::vector<uint32_t>& places) {
  std::ranges::sort(places);
  places.erase(std::unique(places.begin(), places.end()), places.end());
}

}  // namespace

CommonTraces find_common_traces(const SegmentIndex& a, const SegmentIndex& b) {
  const Window in_a = window_of(a, starts_of(b));
  const Window in_b = window_of(b, starts_of(a));
  const auto want_a = [&](const TraceEntry& trace) { return in_a.has(trace); };
  const auto want_b = [&](const TraceEntry& trace) { return in_b.has(trace); };
  CommonTraces common;
  for_each_common(std::span(a.traces), std::span(b.traces), want_a, want_b, [&](size_t i, size_t j) {
    const Starts starts = starts_of(b, b.traces[j]);
    if (!starts_of(a, a.traces[i]).meet(starts.min, starts.max)) return;
    common.a.push_back(static_cast<uint32_t>(i));
    common.b.push_back(static_cast<uint32_t>(j));
  });
  // Of several with one fingerprint each meets each.
  sort_unique(common.a);
  sort_unique(common.b);
  return common;
}

}  // namespace sextant::persist
