#include "persist/scan/shared_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/sys/random.h"

namespace sextant::persist {
namespace {

TEST(RowRanges, KnowsItsRows) {
  RowRanges ranges;
  EXPECT_FALSE(ranges.meet(0, UINT32_MAX));
  ranges.add(20, 22);
  ranges.add(5, 6);
  ranges.add(6, 9);
  ranges.sort();
  std::set<uint32_t> rows = {5, 6, 7, 8, 20, 21};
  for (uint32_t begin = 0; begin < 30; ++begin) {
    EXPECT_EQ(ranges.contains(begin), rows.contains(begin)) << begin;
    for (uint32_t end = begin + 1; end < 30; ++end) {
      const auto next = rows.lower_bound(begin);
      EXPECT_EQ(ranges.meet(begin, end), next != rows.end() && *next < end) << begin << " " << end;
    }
  }
}

/// Fingerprints in order, some of them twice.
std::vector<uint32_t> fingerprints(SeededRandom& random, size_t count) {
  std::vector<uint32_t> out;
  for (size_t i = 0; i < count; ++i) out.push_back(static_cast<uint32_t>(random.below(3000)));
  std::ranges::sort(out);
  return out;
}

TEST(SharedRows, MarksWhatBothHaveWhateverTheirSizes) {
  SeededRandom random(3);
  for (const auto& [mine_count, other_count] :
       {std::pair<size_t, size_t>{0, 5}, {5, 0}, {400, 500}, {2000, 7}, {7, 2000}}) {
    const std::vector<uint32_t> mine = fingerprints(random, mine_count);
    const std::vector<uint32_t> other = fingerprints(random, other_count);
    std::vector<TraceEntry> mine_traces;
    std::vector<TraceEntry> other_traces;
    for (const uint32_t fingerprint : mine) mine_traces.push_back({.fingerprint = fingerprint});
    for (const uint32_t fingerprint : other) other_traces.push_back({.fingerprint = fingerprint});
    std::vector<bool> expected(mine.size());
    for (size_t i = 0; i < mine.size(); ++i) expected[i] = std::ranges::binary_search(other, mine[i]);
    std::vector<bool> marks(mine.size());
    mark_common(mine_traces, other, marks);
    EXPECT_EQ(marks, expected);
    marks.assign(mine.size(), false);
    mark_common(mine, other_traces, marks);
    EXPECT_EQ(marks, expected);
  }
}

constexpr uint32_t kStripeRows = 10;
constexpr uint32_t kStripes = 20;

/// A segment whose stripes have starts from `start` on, each a little later than the one before; some traces lie in
/// several stripes.
SegmentIndex made_index(SeededRandom& random, UnixNanos start, size_t traces) {
  SegmentIndex index;
  for (uint32_t i = 0; i < kStripes; ++i) {
    BlockEntry block;
    block.first_row = i * kStripeRows;
    block.rows = kStripeRows;
    block.zone.start_min = start + i * UnixNanos{100};
    block.zone.start_max = block.zone.start_min + random.below(250);
    index.blocks.push_back(block);
  }
  for (const uint32_t fingerprint : fingerprints(random, traces)) {
    const auto rows = static_cast<uint32_t>(1 + random.below(2 * kStripeRows));
    const auto first = static_cast<uint32_t>(random.below(kStripes * kStripeRows - rows + 1));
    index.traces.push_back({.fingerprint = fingerprint, .first_row = first, .rows = rows});
  }
  return index;
}

/// True when a row of the one trace may start when a row of the other does.
bool starts_meet(const SegmentIndex& a, const TraceEntry& in_a, const SegmentIndex& b, const TraceEntry& in_b) {
  const auto stripes = [](const SegmentIndex& index, const TraceEntry& trace) {
    return std::span(index.blocks)
        .subspan(index.block_of(trace.first_row), index.block_of(trace.first_row + trace.rows - 1) -
                                                      index.block_of(trace.first_row) + 1);
  };
  return std::ranges::any_of(stripes(a, in_a), [&](const BlockEntry& left) {
    return std::ranges::any_of(stripes(b, in_b), [&](const BlockEntry& right) {
      return left.zone.start_min <= right.zone.start_max && right.zone.start_min <= left.zone.start_max;
    });
  });
}

TEST(SharedRows, OfSegmentsAreThoseThatMayStartAtOnce) {
  SeededRandom random(4);
  size_t alike = 0;
  size_t marked = 0;
  for (const size_t count : {4, 100, 2000}) {
    for (const UnixNanos start : {0, 900, 1800, 5000}) {
      const SegmentIndex a = made_index(random, 0, 2000);
      const SegmentIndex b = made_index(random, start, count);
      std::vector<bool> marks_a(a.traces.size());
      std::vector<bool> marks_b(b.traces.size());
      mark_common(a, b, marks_a, marks_b);
      for (size_t i = 0; i < a.traces.size(); ++i) {
        for (size_t j = 0; j < b.traces.size(); ++j) {
          if (a.traces[i].fingerprint != b.traces[j].fingerprint) continue;
          ++alike;
          if (!starts_meet(a, a.traces[i], b, b.traces[j])) continue;
          EXPECT_TRUE(marks_a[i] && marks_b[j]) << count << " " << start << " " << i << " " << j;
        }
      }
      marked += static_cast<size_t>(std::ranges::count(marks_a, true));
      if (start == 5000) {
        EXPECT_EQ(std::ranges::count(marks_a, true) + std::ranges::count(marks_b, true), 0);
      }
    }
  }
  EXPECT_GT(marked, 0U);
  EXPECT_LT(marked, alike / 2);
}

}  // namespace
}  // namespace sextant::persist
