#include "persist/scan/shared_rows.h"

#include <algorithm>

#include "base/core/check.h"

namespace sextant::persist {
namespace {

/// A list so many times as long as the other is searched, not walked.
constexpr size_t kSearchedRatio = 16;

uint32_t fingerprint_of(const TraceEntry& trace) {
  return trace.fingerprint;
}
uint32_t fingerprint_of(uint32_t fingerprint) {
  return fingerprint;
}

/// Calls `found` for places in both lists of entries that are wanted and have the same fingerprint.
template <typename Mine, typename Other, typename WantMine, typename WantOther, typename Found>
void for_each_common(std::span<const Mine> mine, std::span<const Other> others, const WantMine& want_mine,
                     const WantOther& want_other, const Found& found) {
  const bool skip_mine = mine.size() / kSearchedRatio > others.size();
  const bool skip_others = others.size() / kSearchedRatio > mine.size();
  const auto before = [](const auto& entry, uint32_t fingerprint) { return fingerprint_of(entry) < fingerprint; };
  const auto next = [&](const auto& list, size_t at, uint32_t fingerprint, bool search) {
    if (!search) return at + 1;
    const auto from = list.begin() + static_cast<ptrdiff_t>(at);
    return static_cast<size_t>(std::lower_bound(from, list.end(), fingerprint, before) - list.begin());
  };
  size_t i = 0;
  size_t j = 0;
  while (i < mine.size() && j < others.size()) {
    const uint32_t left = fingerprint_of(mine[i]);
    const uint32_t right = fingerprint_of(others[j]);
    if (!want_mine(mine[i])) {
      ++i;
    } else if (left < right) {
      i = next(mine, i, right, skip_mine);
    } else if (!want_other(others[j])) {
      ++j;
    } else if (left > right) {
      j = next(others, j, left, skip_others);
    } else {
      for (size_t k = j; k < others.size() && fingerprint_of(others[k]) == left; ++k) found(i, k);
      ++i;
    }
  }
}

constexpr auto kAny = [](const auto& /*entry*/) { return true; };

template <typename Mine, typename Other>
void mark_each(std::span<const Mine> mine, std::span<const Other> others, std::vector<bool>& marks) {
  CHECK(marks.size() == mine.size());
  for_each_common(mine, others, kAny, kAny, [&](size_t i, size_t /*other*/) { marks[i] = true; });
}

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

}  // namespace

void RowRanges::sort() {
  std::ranges::sort(ranges_);
}

bool RowRanges::meet(uint32_t begin, uint32_t end) const {
  // The first range that ends behind `begin`.
  const auto found = std::ranges::upper_bound(ranges_, begin, {}, &std::pair<uint32_t, uint32_t>::second);
  return found != ranges_.end() && found->first < end;
}

void mark_common(const SegmentIndex& a, const SegmentIndex& b, std::vector<bool>& marks_a, std::vector<bool>& marks_b) {
  CHECK(marks_a.size() == a.traces.size() && marks_b.size() == b.traces.size());
  const Window in_a = window_of(a, starts_of(b));
  const Window in_b = window_of(b, starts_of(a));
  const auto want_a = [&](const TraceEntry& trace) { return in_a.has(trace); };
  const auto want_b = [&](const TraceEntry& trace) { return in_b.has(trace); };
  for_each_common(std::span(a.traces), std::span(b.traces), want_a, want_b, [&](size_t i, size_t j) {
    const Starts starts = starts_of(b, b.traces[j]);
    if (starts_of(a, a.traces[i]).meet(starts.min, starts.max)) marks_a[i] = marks_b[j] = true;
  });
}
void mark_common(std::span<const TraceEntry> mine, std::span<const uint32_t> others, std::vector<bool>& marks) {
  mark_each(mine, others, marks);
}
void mark_common(std::span<const uint32_t> mine, std::span<const TraceEntry> others, std::vector<bool>& marks) {
  mark_each(mine, others, marks);
}

}  // namespace sextant::persist
