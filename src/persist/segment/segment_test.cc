// Segments written and read back: every kind of value, merged, found by trace, with damage.
#include "persist/segment/segment.h"

#include <gtest/gtest.h>

#include <map>

#include "base/sys/random.h"
#include "persist/format/row_order.h"
#include "persist/segment/segment_merge.h"
#include "persist/segment/segment_writer.h"
#include "tests/support/random_spans.h"
#include "tests/support/sim_files.h"

namespace sextant::persist {
namespace {

const std::string kName = "0000000000000001-0000000000000002-20260101T000000-20260101T000001.segment";

/// Rows of a batch as a segment keeps them.
std::vector<RowRef> ordered(const data::Batch& batch) {
  std::vector<RowRef> rows;
  for (uint32_t row = 0; row < batch.span_count(); ++row) rows.push_back({&batch, row});
  sort_and_collapse(rows);
  std::map<data::TraceId, UnixNanos> starts;
  for (const RowRef& ref : rows) {
    const auto [known, fresh] = starts.try_emplace(ref.trace_id(), ref.start());
    if (!fresh) known->second = std::min(known->second, ref.start());
  }
  std::ranges::stable_sort(rows, [&](const RowRef& a, const RowRef& b) {
    return std::pair(starts[a.trace_id()], a.trace_id()) < std::pair(starts[b.trace_id()], b.trace_id());
  });
  return rows;
}

/// Thread-confined.
class SegmentTest : public ::testing::Test {
 protected:
  std::shared_ptr<Segment> write(const std::string& path, const data::Batch& batch, uint32_t stripe_rows,
                                 uint64_t sequence = 1) {
    SegmentInfo info;
    info.file_id = sequence + 6;
    info.first_sequence = info.last_sequence = sequence;
    auto writer = SegmentWriter::create(files_, path, info, {stripe_rows, Effort::kNone});
    EXPECT_TRUE(writer.has_value());
    RowSource source(batch, (*writer)->tables());
    const std::vector<RowRef> rows = ordered(batch);
    for (size_t i = 0; i < rows.size(); ++i) {
      EXPECT_TRUE((*writer)->add_rows(source, std::span(&rows[i].row, 1)).has_value());
      if (i + 1 < rows.size() && rows[i + 1].trace_id() == rows[i].trace_id()) continue;
      RunPart part;
      part.summary.trace_id = rows[i].trace_id();
      part.starts = {{sequence, start_of(rows, rows[i].trace_id())}};
      (*writer)->end_trace(part);
    }
    EXPECT_TRUE((*writer)->finish().has_value());
    return open(path);
  }

  static UnixNanos start_of(const std::vector<RowRef>& rows, const data::TraceId& id) {
    UnixNanos start = UINT64_MAX;
    for (const RowRef& ref : rows) {
      if (ref.trace_id() == id) start = std::min(start, ref.start());
    }
    return start;
  }

  std::shared_ptr<Segment> open(const std::string& path) {
    auto segment = Segment::open(files_, path, kName, ledger_, cache_);
    EXPECT_TRUE(segment.has_value());
    return segment ? *segment : nullptr;
  }

  /// All rows, stripe by stripe.
  static std::vector<data::Batch> read_all(Segment& segment) {
    std::vector<data::Batch> batches;
    const auto contents = segment.contents();
    EXPECT_TRUE(contents.has_value());
    for (const BlockEntry& block : (*contents)->index().blocks) {
      auto batch = segment.read_block(**contents, block);
      EXPECT_TRUE(batch.has_value()) << batch.error().message();
      if (batch) batches.push_back(std::move(*batch));
    }
    return batches;
  }

  /// The rows of the segment are those of the batch, in their order.
  static void expect_rows(Segment& segment, const data::Batch& batch) {
    const std::vector<RowRef> rows = ordered(batch);
    size_t next = 0;
    for (const data::Batch& read : read_all(segment)) {
      for (uint32_t row = 0; row < read.span_count(); ++row, ++next) {
        ASSERT_LT(next, rows.size());
        ASSERT_TRUE(data::rows_equal(read, row, batch, rows[next].row)) << "row " << next;
      }
    }
    ASSERT_EQ(next, rows.size());
  }

  void SetUp() override { ASSERT_TRUE(files_.make_directories("/data").has_value()); }

  testing::SimFiles files_{1};
  MemoryLedger ledger_{256ULL << 20};
  SliceCache cache_{32ULL << 20, ledger_};
};

TEST_F(SegmentTest, WhatGoesInComesOut) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    const data::Batch batch = testing::random_batch(seed, 1 + seed * 3 % 90);
    const auto segment = write("/data/s" + std::to_string(seed), batch, static_cast<uint32_t>(1 + seed % 40));
    ASSERT_TRUE(segment);
    expect_rows(*segment, batch);
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
}

TEST_F(SegmentTest, SomeRowsAreTheSameAsInWholeStripes) {
  for (uint64_t seed = 7; seed < 12; ++seed) {
    const data::Batch batch = testing::random_batch(seed, 300);
    const auto segment = write("/data/s" + std::to_string(seed), batch, 128);
    const auto contents = *segment->contents();
    SeededRandom random(seed);
    for (const BlockEntry& block : contents->index().blocks) {
      const data::Batch whole = *segment->read_block(*contents, block);
      for (uint32_t first = 0; first < block.rows; first += 3) {
        // One row, neighbours, or rows far apart.
        std::vector<uint32_t> rows;
        const uint64_t gap = 1 + random.below(20);
        for (uint64_t row = first; row < block.rows && rows.size() < 1 + first % 12; row += 1 + random.below(gap)) {
          rows.push_back(static_cast<uint32_t>(row));
        }
        data::Batch some;
        ASSERT_TRUE(segment->read_rows(*contents, block, rows, some).has_value());
        ASSERT_EQ(some.span_count(), rows.size());
        for (uint32_t i = 0; i < rows.size(); ++i) {
          ASSERT_TRUE(data::rows_equal(some, i, whole, rows[i])) << seed << " " << rows[i];
        }
      }
    }
  }
}

TEST_F(SegmentTest, TracesAndRunsAreFound) {
  const data::Batch batch = testing::random_batch(9, 200);
  const auto segment = write("/data/s", batch, 16);
  const auto contents = *segment->contents();
  const SegmentIndex& index = contents->index();
  std::map<data::TraceId, uint32_t> rows;
  for (const RowRef& ref : ordered(batch)) ++rows[ref.trace_id()];
  ASSERT_EQ(index.traces.size(), rows.size());
  for (const auto& [id, count] : rows) {
    const auto found = Segment::find(index, id);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].rows, count);
    const auto run = segment->read_run(index, found[0].run);
    ASSERT_TRUE(run.has_value());
    EXPECT_EQ(run->summary.trace_id, id);
  }
}

TEST_F(SegmentTest, MergedSegmentsHoldEachSpanOnce) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    const std::string base = "/data/m" + std::to_string(seed);
    data::Batch all;
    std::vector<std::shared_ptr<Segment>> inputs;
    const data::Batch first = testing::random_batch(seed, 60);
    const data::Batch second = testing::random_batch(seed + 1000, 40);
    data::Batch third = testing::random_batch(seed, 60);  // copies of the first
    {
      data::BatchAppender appender(all);
      appender.append_all(first);
      appender.append_all(second);
    }
    inputs.push_back(write(base + "a", first, 10, 1));
    inputs.push_back(write(base + "b", second, 7, 2));
    inputs.push_back(write(base + "c", third, 33, 3));
    SegmentInfo info;
    info.file_id = 99;
    info.level = 1;
    auto writer = SegmentWriter::create(files_, base, info, {16, Effort::kSmall});
    ASSERT_TRUE(writer.has_value());
    const auto merged = merge_segments(std::move(inputs), {}, **writer, [](uint64_t) { return Result<void>{}; });
    ASSERT_TRUE(merged.has_value()) << merged.error().message();
    expect_rows(*open(base), all);
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
}

TEST_F(SegmentTest, EveryTruncationAndFlippedByteIsBearable) {
  const data::Batch batch = testing::random_batch(3, 5);
  write("/data/s", batch, 3);
  const std::string bytes = files_.content("/data/s");
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
    for (const std::string& content : {flipped, bytes.substr(0, at)}) {
      files_.set_content("/data/t", content);
      const auto segment = Segment::open(files_, "/data/t", kName, ledger_, cache_);
      if (!segment) continue;
      const auto contents = (*segment)->contents();
      ASSERT_TRUE(contents.has_value());
      for (const BlockEntry& block : (*contents)->index().blocks) (void)(*segment)->read_block(**contents, block);
      for (uint32_t run = 0; run < (*contents)->index().run_count(); ++run) {
        (void)(*segment)->read_run((*contents)->index(), run);
      }
      (void)(*segment)->read_names();
    }
  }
}

}  // namespace
}  // namespace sextant::persist
