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
  ranges.add(20, 22);
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

}  // namespace
}  // namespace sextant::persist
