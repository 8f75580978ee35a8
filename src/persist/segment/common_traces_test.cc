#include "persist/segment/common_traces.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>

#include "base/sys/random.h"

namespace sextant::persist {
namespace {

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
  std::vector<uint32_t> fingerprints;
  for (size_t i = 0; i < traces; ++i) fingerprints.push_back(static_cast<uint32_t>(random.below(3000)));
  std::ranges::sort(fingerprints);
  for (const uint32_t fingerprint : fingerprints) {
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
        .subspan(index.block_of(trace.first_row),
                 index.block_of(trace.first_row + trace.rows - 1) - index.block_of(trace.first_row) + 1);
  };
  return std::ranges::any_of(stripes(a, in_a), [&](const BlockEntry& left) {
    return std::ranges::any_of(stripes(b, in_b), [&](const BlockEntry& right) {
      return left.zone.start_min <= right.zone.start_max && right.zone.start_min <= left.zone.start_max;
    });
  });
}

TEST(CommonTraces, AreThoseThatMayStartAtOnce) {
  SeededRandom random(4);
  size_t alike = 0;
  size_t marked = 0;
  for (const size_t count : {4, 100, 2000}) {
    for (const UnixNanos start : {0, 900, 1800, 5000}) {
      const SegmentIndex a = made_index(random, 0, 2000);
      const SegmentIndex b = made_index(random, start, count);
      const CommonTraces common = find_common_traces(a, b);
      for (size_t i = 0; i < a.traces.size(); ++i) {
        for (size_t j = 0; j < b.traces.size(); ++j) {
          if (a.traces[i].fingerprint != b.traces[j].fingerprint) continue;
          ++alike;
          if (!starts_meet(a, a.traces[i], b, b.traces[j])) continue;
          EXPECT_TRUE(std::ranges::binary_search(common.a, i) && std::ranges::binary_search(common.b, j))
              << count << " " << start << " " << i << " " << j;
        }
      }
      marked += common.a.size();
      if (start == 5000) {
        EXPECT_TRUE(common.a.empty() && common.b.empty());
      }
    }
  }
  EXPECT_GT(marked, 0U);
  EXPECT_LT(marked, alike / 2);
}

}  // namespace
}  // namespace sextant::persist
