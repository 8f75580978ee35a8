// Deletion of traces, on a simulated disk.
#include <gtest/gtest.h>

#include <future>
#include <set>

#include "base/core/hash.h"
#include "persist/format/limits.h"
#include "persist/format/tombstones.h"
#include "persist/store/store.h"
#include "tests/support/store_bench.h"

namespace sextant::persist {
namespace {

using testing::KeepingSink;
using testing::PlainSpan;
using testing::SimFiles;
using testing::StoreBench;
using testing::trace_id;

using Ids = std::set<uint64_t>;

constexpr const char* kDeletedFile = "/data/default/deleted";

std::vector<PlainSpan> trace(uint64_t id, uint64_t spans = 3, uint64_t first = 1) {
  std::vector<PlainSpan> out;
  for (uint64_t i = first; i < first + spans; ++i) {
    PlainSpan span{.trace = id, .span = i, .parent = i == 1 ? 0ULL : 1ULL, .name = "name " + std::to_string(id)};
    span.start = id * 1000 + i;
    span.end = span.start + 10;
    span.attributes = {{"number", static_cast<int64_t>(id)}, {"text", std::to_string(id) + std::string(300, 's')}};
    out.push_back(std::move(span));
  }
  return out;
}

/// Thread-confined.
class EraseTest : public ::testing::Test {
 protected:
  void SetUp() override { bench_.open(); }

  void restart() {
    bench_.lose_power();
    bench_.open();
  }
  void erase(uint64_t id) {
    const Result<void> erased = bench_.store->erase_trace(trace_id(id));
    ASSERT_TRUE(erased.has_value()) << erased.error().message();
  }
  ErrorCode refusal(uint64_t id) {
    const Result<void> erased = bench_.store->erase_trace(trace_id(id));
    return erased ? ErrorCode::kInternal : erased.error().code();
  }
  void be_idle(int steps = 8) {
    for (int i = 0; i < steps; ++i) {
      bench_.clock.advance(kNanosPerSecond);
      bench_.store->tick();
    }
  }

  /// Trace ids that each kind of question finds; the test fails where they differ.
  Ids found() {
    Ids spans;
    uint64_t count = 0;
    for (const data::Batch& batch : bench_.scan({}).batches) {
      for (const data::TraceId& id : batch.spans.trace_id) spans.insert(id.bytes[15]);
      count += batch.span_count();
    }
    data::ScanSpec runs;
    runs.rows = data::ScanSpec::Rows::kRuns;
    EXPECT_EQ(ids_of(bench_.scan(runs)), spans);
    runs.span.kind = data::SpanFilter::Kind::kCondition;
    runs.span.condition.key = "number";
    runs.span.condition.op = data::CompareOp::kGreater;
    runs.span.condition.type = data::ValueType::kInt;
    EXPECT_EQ(ids_of(bench_.scan(runs)), spans);
    for (const data::SpanFilter& filter : {data::SpanFilter(), runs.span}) {
      data::AggregateSpec sum;
      sum.span = filter;
      sum.by = {{data::SpanField::kName, {}, {}}};
      sum.calls = {{}};
      const auto groups = bench_.store->aggregate(sum);
      EXPECT_TRUE(groups.has_value());
      EXPECT_EQ(groups->rows, spans.size());
      double total = 0;
      for (uint32_t row = 0; row < groups->rows; ++row) total += groups->columns[0].numbers[row];
      EXPECT_EQ(total, static_cast<double>(count));
    }
    for (uint64_t id = 1; id < 10; ++id) {
      EXPECT_EQ(bench_.spans_of(id).span_count() > 0, spans.contains(id)) << id;
    }
    return spans;
  }
  static Ids ids_of(const KeepingSink& sink) {
    Ids ids;
    for (const data::RunSummary& run : sink.runs) EXPECT_TRUE(ids.insert(run.trace_id.bytes[15]).second);
    return ids;
  }

  /// Of spans that lie in heads and segments, deleted or not.
  Ids named() {
    data::NamesSpec spec;
    spec.of = data::NamesSpec::Of::kOperations;
    const auto names = bench_.store->names(spec);
    EXPECT_TRUE(names.has_value());
    Ids ids;
    for (const data::Name& name : names->names) ids.insert(std::stoull(name.text.substr(name.text.find(' '))));
    return ids;
  }
  bool has_tombstones() { return bench_.files.exists(kDeletedFile).value_or(false); }

  StoreBench bench_;
};

TEST_F(EraseTest, IsGoneFromTheHeadAtOnceAndAfterwards) {
  for (uint64_t id : {1, 2, 3}) ASSERT_TRUE(bench_.stored(trace(id)));
  const uint64_t before = bench_.store->sequence();
  erase(2);
  EXPECT_GT(bench_.store->sequence(), before) << "what was asked before is not the same any more";
  EXPECT_EQ(found(), (Ids{1, 3}));
  restart();
  EXPECT_EQ(found(), (Ids{1, 3}));
  ASSERT_TRUE(bench_.store->seal().has_value());
  EXPECT_EQ(found(), (Ids{1, 3}));
  EXPECT_EQ(named(), (Ids{1, 3}));
  restart();
  EXPECT_EQ(found(), (Ids{1, 3}));
  EXPECT_EQ(bench_.store->status().damages, 0U);
}

TEST_F(EraseTest, IsGoneFromSegmentsAndThenFromTheDisk) {
  for (uint64_t id : {1, 2, 3}) ASSERT_TRUE(bench_.stored(trace(id)));
  ASSERT_TRUE(bench_.store->seal().has_value());
  ASSERT_TRUE(bench_.stored(trace(2, 2, 7)));
  ASSERT_TRUE(bench_.store->seal().has_value());
  erase(2);
  EXPECT_EQ(found(), (Ids{1, 3}));
  EXPECT_EQ(named(), (Ids{1, 2, 3})) << "lists of names may know it a little longer";
  restart();
  EXPECT_EQ(found(), (Ids{1, 3}));
  EXPECT_TRUE(has_tombstones());
  be_idle();
  EXPECT_EQ(found(), (Ids{1, 3}));
  EXPECT_EQ(named(), (Ids{1, 3}));
  EXPECT_EQ(bench_.store->status().segment_spans, 6U);
  EXPECT_FALSE(has_tombstones());
  restart();
  EXPECT_EQ(found(), (Ids{1, 3}));
}

TEST_F(EraseTest, ALargeSegmentIsWrittenAgainEvenIfItIsNeverIdle) {
  bench_.settings.compact_rows = 4;  // segments of two rows are large
  restart();
  for (uint64_t id : {1, 2}) ASSERT_TRUE(bench_.stored(trace(id)));
  ASSERT_TRUE(bench_.store->seal().has_value());
  erase(2);
  const auto work = [&](uint64_t nanos) {
    bench_.clock.advance(nanos);
    ASSERT_TRUE(bench_.stored(trace(5)));
    bench_.store->tick();
  };
  work(kNanosPerSecond);
  EXPECT_EQ(named(), (Ids{1, 2, 5}));
  work(bench_.settings.erase_wait_nanos);
  EXPECT_EQ(named(), (Ids{1, 5}));
  EXPECT_EQ(found(), (Ids{1, 5}));
}

TEST_F(EraseTest, WhatArrivesLaterIsShown) {
  ASSERT_TRUE(bench_.stored(trace(2)));
  erase(2);
  EXPECT_EQ(found(), Ids{});
  ASSERT_TRUE(bench_.stored(trace(2, 2)));
  EXPECT_EQ(bench_.spans_of(2).span_count(), 2U) << "a copy of what was deleted is stored anew";
  ASSERT_TRUE(bench_.store->seal().has_value());
  EXPECT_EQ(bench_.spans_of(2).span_count(), 2U);
  restart();
  be_idle();
  EXPECT_EQ(bench_.spans_of(2).span_count(), 2U);
  EXPECT_FALSE(has_tombstones());
  erase(2);
  EXPECT_EQ(found(), Ids{});
}

TEST_F(EraseTest, PartsBeforeAndAfterTheDeletionLieInSegmentsOfTheirOwn) {
  ASSERT_TRUE(bench_.stored(trace(2)));
  ASSERT_TRUE(bench_.stored(trace(1)));
  ASSERT_TRUE(bench_.store->seal().has_value());
  erase(2);
  ASSERT_TRUE(bench_.stored(trace(2, 4, 20)));
  ASSERT_TRUE(bench_.store->seal().has_value());
  EXPECT_EQ(bench_.spans_of(2).span_count(), 4U);
  EXPECT_EQ(found(), (Ids{1, 2}));
  be_idle();
  EXPECT_EQ(bench_.store->status().segments, 1U);
  EXPECT_EQ(bench_.spans_of(2).span_count(), 4U);
  EXPECT_EQ(found(), (Ids{1, 2}));
}

TEST_F(EraseTest, WhenNothingIsLeftTheLogDoesNotBringItBack) {
  ASSERT_TRUE(bench_.stored(trace(2)));
  erase(2);
  ASSERT_TRUE(bench_.store->seal().has_value());
  EXPECT_EQ(bench_.store->status().segments, 0U);
  be_idle();
  EXPECT_FALSE(has_tombstones());
  restart();
  EXPECT_EQ(found(), Ids{});
  ASSERT_TRUE(bench_.stored(trace(2)));
  ASSERT_TRUE(bench_.store->seal().has_value());
  erase(2);
  be_idle();
  EXPECT_EQ(bench_.store->status().segments, 0U);
  EXPECT_FALSE(has_tombstones());
  restart();
  EXPECT_EQ(found(), Ids{});
  ASSERT_TRUE(bench_.stored(trace(2)));
  restart();
  EXPECT_EQ(found(), Ids{2});
}

TEST_F(EraseTest, TheSealedFileNeverSaysLessThanBefore) {
  ASSERT_TRUE(bench_.stored(trace(1)));
  ASSERT_TRUE(bench_.store->seal().has_value());
  ASSERT_TRUE(bench_.stored(trace(2)));
  erase(2);
  ASSERT_TRUE(bench_.store->seal().has_value());  // of which nothing is left
  bench_.settings.retention_bytes_max = 0;
  restart();
  be_idle(20);
  ASSERT_EQ(bench_.store->status().segments, 0U) << "retention took the only segment";
  EXPECT_FALSE(has_tombstones());
  restart();
  EXPECT_EQ(found(), Ids{});
}

TEST_F(EraseTest, UnknownTracesAreRefused) {
  EXPECT_EQ(refusal(2), ErrorCode::kNotFound);
  ASSERT_TRUE(bench_.stored(trace(2)));
  erase(2);
  EXPECT_EQ(refusal(2), ErrorCode::kNotFound);
  ASSERT_TRUE(bench_.store->seal().has_value());
  EXPECT_EQ(refusal(2), ErrorCode::kNotFound);
  ASSERT_TRUE(bench_.store->flush_and_close().has_value());
  EXPECT_EQ(refusal(2), ErrorCode::kUnavailable);
}

TEST_F(EraseTest, TheNumberOfTombstonesIsBounded) {
  Tombstones many;
  for (uint64_t i = 0; i < kTombstonesMax; ++i) {
    data::TraceId id = trace_id(i % 256);
    id.bytes[0] = static_cast<uint8_t>(1 + i / 256);
    many.add({id, 1000, 1});
  }
  ASSERT_TRUE(bench_.stored(trace(2)));
  bench_.kill();
  bench_.files.set_content(kDeletedFile, many.encode());
  bench_.open();
  EXPECT_EQ(refusal(2), ErrorCode::kResourceExhausted);
  EXPECT_EQ(found(), Ids{2});
  ASSERT_TRUE(bench_.stored(trace(3)));
  be_idle();
  EXPECT_FALSE(has_tombstones()) << "they cover nothing";
  erase(2);
  EXPECT_EQ(found(), Ids{3});
}

TEST_F(EraseTest, ADamagedFileIsReportedAndCostsWhatIsDamaged) {
  for (uint64_t id : {1, 2, 3}) ASSERT_TRUE(bench_.stored(trace(id)));
  erase(2);
  erase(3);
  bench_.kill();
  std::string text = bench_.files.content(kDeletedFile);
  text.back() = 'x';
  text[text.size() - 12] ^= 1;
  bench_.files.set_content(kDeletedFile, text);
  bench_.open();
  EXPECT_GT(bench_.store->status().damages, 0U);
  EXPECT_EQ(found(), (Ids{1, 3}));
  bench_.kill();
  bench_.files.set_content(kDeletedFile, std::string(kTombstoneFileBytesMax + 1, 'x'));
  bench_.open();
  EXPECT_GT(bench_.store->status().damages, 0U);
  EXPECT_EQ(found(), (Ids{1, 2, 3}));
  erase(2);
  restart();
  EXPECT_EQ(found(), (Ids{1, 3}));
  EXPECT_EQ(bench_.store->status().damages, 0U);
}

TEST_F(EraseTest, AFileOfAnotherVersionIsRefused) {
  bench_.kill();
  const std::string line = fmt::format("deleted traces, format {}, entries 0", kFormatVersion + 1);
  bench_.files.set_content(kDeletedFile, fmt::format("{} {:08x}\n", line, crc32c(line)));
  const Result<void> opened = bench_.try_open();
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code(), ErrorCode::kUnsupported);
}

TEST_F(EraseTest, ARefusedDeletionIsCarriedOutAsAWholeOrNotAtAll) {
  // The disk refuses at each call that changes it; then all goes on, or the power fails at once.
  for (uint64_t nth = 1; nth <= 8; ++nth) {
    for (const bool goes_on : {false, true}) {
      StoreBench bench(nth);
      bench.open();
      ASSERT_TRUE(bench.stored(trace(2)));
      ASSERT_TRUE(bench.store->seal().has_value());
      ASSERT_TRUE(bench.stored(trace(2, 3, 11)));
      bench.files.fail(SimFiles::Fault::kChange, nth, ErrorCode::kIo);
      const bool erased = bench.store->erase_trace(trace_id(2)).has_value();
      bench.files.heal();
      if (goes_on) {
        ASSERT_TRUE(bench.store->seal().has_value());
      }
      const uint64_t before = bench.spans_of(2).span_count();
      EXPECT_EQ(before, erased ? 0U : 6U);
      bench.lose_power();
      bench.open();
      const uint64_t after = bench.spans_of(2).span_count();
      EXPECT_TRUE(after == 0U || (after == 6U && !erased)) << nth << " " << after;
      if (goes_on) {
        EXPECT_EQ(after, before) << nth;
      }
    }
  }
}

/// Segments that got their names and could not be made certain lie about with what was deleted later.
TEST_F(EraseTest, SegmentsThatFailedDoNotBringItBack) {
  for (const auto fault : {SimFiles::Fault::kSync, SimFiles::Fault::kChange, SimFiles::Fault::kWrite}) {
    for (uint64_t nth = 1; nth <= 12; ++nth) {
      for (const bool persistent : {false, true}) {
        StoreBench bench(nth);
        bench.open();
        const auto be_idle_there = [&](int steps) {
          for (int i = 0; i < steps; ++i) {
            bench.clock.advance(kNanosPerSecond);
            bench.store->tick();
          }
        };
        for (const uint64_t id : {1, 2}) {
          ASSERT_TRUE(bench.stored(trace(id)));
          ASSERT_TRUE(bench.store->seal().has_value());
        }
        bench.files.fail(fault, nth, ErrorCode::kIo, persistent);
        be_idle_there(1);  // merges both
        bench.files.heal();
        ASSERT_TRUE(bench.store->erase_trace(trace_id(2)).has_value());
        ASSERT_TRUE(bench.stored(trace(3)));
        ASSERT_TRUE(bench.store->seal().has_value());
        be_idle_there(20);  // merges all three
        EXPECT_EQ(bench.spans_of(2).span_count(), 0U);
        bench.lose_power();
        bench.open();
        EXPECT_EQ(bench.spans_of(2).span_count(), 0U) << "call " << nth << (persistent ? " and all after it" : "");
        for (const uint64_t id : {1, 3}) EXPECT_EQ(bench.spans_of(id).span_count(), 3U);
        EXPECT_EQ(bench.store->status().damages, 0U);
      }
    }
  }
}

TEST(Erase, RunsBesideEverythingElse) {
  StoreBench bench;
  bench.settings.scheduling = Scheduling::kThreads;
  bench.settings.seal_spans = 40;
  bench.settings.compact_segments = 3;
  bench.open();
  for (uint64_t id = 1; id <= 60; ++id) {
    std::promise<bool> stored;
    bench.store->consume(testing::batch_of(trace(id)), LedgerHold(),
                         [&](Result<void> result) { stored.set_value(result.has_value()); });
    ASSERT_TRUE(stored.get_future().get());
    if (id % 2 == 0) {
      ASSERT_TRUE(bench.store->erase_trace(trace_id(id)).has_value());
    }
    EXPECT_EQ(bench.spans_of(id).span_count(), id % 2 == 0 ? 0U : 3U);
  }
  ASSERT_TRUE(bench.store->seal().has_value());
  EXPECT_EQ(bench.scan({}).span_count(), 90U);
}

}  // namespace
}  // namespace sextant::persist
