// Tests of the store as a whole, on a simulated disk.
#include "persist/store/store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

#include "base/core/hash.h"
#include "persist/store/limits.h"
#include "tests/support/store_bench.h"

namespace sextant::persist {
namespace {

using testing::KeepingSink;
using testing::PlainSpan;
using testing::StoreBench;

std::vector<PlainSpan> trace(uint64_t id, uint64_t spans, uint64_t start) {
  std::vector<PlainSpan> out;
  for (uint64_t i = 1; i <= spans; ++i) {
    out.push_back({.trace = id,
                   .span = i,
                   .parent = i == 1 ? 0ULL : 1ULL,
                   .name = i == 1 ? "root" : "child",
                   .start = start + i,
                   .end = start + i + 10});
  }
  return out;
}

std::vector<uint64_t> listed(const KeepingSink& sink) {
  std::vector<uint64_t> ids;
  for (const data::RunSummary& run : sink.runs) ids.push_back(run.trace_id.bytes[15]);
  return ids;
}

TEST(Store, WhatIsAcknowledgedIsThereAtOnceAndAfterwards) {
  StoreBench bench;
  bench.open();
  EXPECT_TRUE(bench.stored(trace(1, 3, 1000)));
  EXPECT_EQ(bench.spans_of(1).span_count(), 3U);
  EXPECT_EQ(bench.store->sequence(), 1U);
  bench.lose_power();
  bench.open();
  EXPECT_EQ(bench.spans_of(1).span_count(), 3U);
  EXPECT_EQ(bench.store->sequence(), 1U);
  ASSERT_TRUE(bench.store->seal().has_value());
  EXPECT_EQ(bench.store->status().segments, 1U);
  EXPECT_EQ(bench.spans_of(1).span_count(), 3U);
  bench.lose_power();
  bench.open();
  EXPECT_EQ(bench.spans_of(1).span_count(), 3U);
  EXPECT_EQ(bench.store->status().head_spans, 0U);
  EXPECT_EQ(bench.store->status().damages, 0U);
}

TEST(Store, F22_EqualCopiesCollapseDifferingOnesStay) {
  StoreBench bench;
  bench.open();
  EXPECT_TRUE(bench.stored(trace(1, 3, 1000)));
  EXPECT_TRUE(bench.stored(trace(1, 3, 1000)));
  EXPECT_EQ(bench.spans_of(1).span_count(), 3U);
  ASSERT_TRUE(bench.store->seal().has_value());
  EXPECT_TRUE(bench.stored(trace(1, 3, 1000)));
  EXPECT_EQ(bench.spans_of(1).span_count(), 3U);
  ASSERT_TRUE(bench.store->seal().has_value());
  EXPECT_EQ(bench.store->status().segments, 2U);
  EXPECT_EQ(bench.spans_of(1).span_count(), 3U);
  auto changed = trace(1, 3, 1000);
  changed[1].name = "renamed";
  EXPECT_TRUE(bench.stored({changed[1]}));
  EXPECT_EQ(bench.spans_of(1).span_count(), 4U);
  data::ScanSpec runs;
  runs.rows = data::ScanSpec::Rows::kRuns;
  const KeepingSink sink = bench.scan(runs);
  ASSERT_EQ(sink.runs.size(), 1U);
  EXPECT_EQ(sink.runs[0].span_count, 3U);
}

TEST(Store, PagesStayStableWhileDataArrives) {
  StoreBench bench;
  bench.open();
  for (uint64_t id = 1; id <= 9; ++id) {
    EXPECT_TRUE(bench.stored(trace(id, 2, id * 1000)));
    if (id % 4 == 0) {
      ASSERT_TRUE(bench.store->seal().has_value());
    }
  }
  data::ScanSpec spec;
  spec.rows = data::ScanSpec::Rows::kRuns;
  spec.rows_max = 3;
  data::ScanEnd end;
  EXPECT_EQ(listed(bench.scan(spec, &end)), (std::vector<uint64_t>{9, 8, 7}));
  // A new run, an old run that now starts earlier, and a seal of both.
  EXPECT_TRUE(bench.stored(trace(20, 1, 20'000)));
  EXPECT_TRUE(bench.stored({{.trace = 5, .span = 9, .parent = 1, .start = 10, .end = 11}}));
  ASSERT_TRUE(bench.store->seal().has_value());
  std::vector<uint64_t> rest;
  while (end.next) {
    spec.after = end.next;
    for (const uint64_t id : listed(bench.scan(spec, &end))) rest.push_back(id);
  }
  EXPECT_EQ(rest, (std::vector<uint64_t>{6, 5, 4, 3, 2, 1}));
  spec.after.reset();
  spec.rows_max = 100;
  EXPECT_EQ(listed(bench.scan(spec)), (std::vector<uint64_t>{20, 9, 8, 7, 6, 4, 3, 2, 1, 5}));
}

TEST(Store, F24_TwoServersCannotShareADirectory) {
  StoreBench bench;
  bench.open();
  const auto second = Store::open(bench.settings, bench.files, bench.clock, bench.ledger, bench.metrics, bench.log);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code(), ErrorCode::kFailedPrecondition);
}

TEST(Store, F21_LateSpansOfASealedRunAndTimesFrom1970To2262) {
  StoreBench bench;
  bench.open();
  EXPECT_TRUE(bench.stored({{.trace = 1, .span = 2, .parent = 1, .start = 50, .end = 60}}));
  ASSERT_TRUE(bench.store->seal().has_value());
  // The root comes late; another run lies at the end of what signed nanoseconds can say, one at their start.
  EXPECT_TRUE(bench.stored({{.trace = 1, .span = 1, .name = "root", .start = 0, .end = 100}}));
  EXPECT_TRUE(bench.stored({{.trace = 2, .span = 3, .start = INT64_MAX - 10, .end = INT64_MAX}}));
  ASSERT_TRUE(bench.store->seal().has_value());
  data::ScanSpec spec;
  spec.rows = data::ScanSpec::Rows::kRuns;
  const KeepingSink all = bench.scan(spec);
  EXPECT_EQ(listed(all), (std::vector<uint64_t>{2, 1}));
  EXPECT_EQ(all.runs[1].name, "root");
  EXPECT_EQ(all.runs[1].span_count, 2U);
  EXPECT_EQ(all.runs[1].start, 0U);
  spec.time = {INT64_MAX, UINT64_MAX};
  EXPECT_EQ(listed(bench.scan(spec)), (std::vector<uint64_t>{2}));
  spec.time = {0, 10};
  EXPECT_EQ(listed(bench.scan(spec)), (std::vector<uint64_t>{1}));
}

TEST(Store, F08_WithoutSpaceItRefusesReadsOnAndRecovers) {
  StoreBench bench;
  bench.open();
  EXPECT_TRUE(bench.stored(trace(1, 3, 1000)));
  bench.files.set_capacity(0);
  std::optional<Result<void>> answer;
  for (uint64_t id = 2; !answer || *answer; ++id) answer = bench.put(trace(id, 200, id * 1000));
  EXPECT_EQ(answer->error().code(), ErrorCode::kDiskFull);
  EXPECT_FALSE(bench.store->status().writable);
  EXPECT_EQ(bench.spans_of(1).span_count(), 3U);
  bench.files.set_capacity(UINT64_MAX);
  bench.clock.advance(2 * kNanosPerSecond);
  EXPECT_TRUE(bench.stored(trace(200, 3, 1000)));
  EXPECT_TRUE(bench.store->status().writable);
}

TEST(Store, F11_ADiskThatRefusesOnceIsNotNoticedOneThatGoesOnIs) {
  for (const auto fault : {testing::SimFiles::Fault::kWrite, testing::SimFiles::Fault::kSync}) {
    StoreBench bench;
    bench.open();
    EXPECT_TRUE(bench.stored(trace(1, 3, 1000)));
    bench.files.fail(fault, 1, ErrorCode::kIo);
    EXPECT_TRUE(bench.stored(trace(2, 3, 2000)));
    bench.files.fail(fault, 1, ErrorCode::kIo, true);
    const auto answer = bench.put(trace(3, 3, 3000));
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->error().code(), ErrorCode::kUnavailable);
    EXPECT_EQ(bench.spans_of(2).span_count(), 3U);
    EXPECT_EQ(bench.spans_of(3).span_count(), 0U);
    bench.files.heal();
    bench.clock.advance(2 * kNanosPerSecond);
    EXPECT_TRUE(bench.stored(trace(3, 3, 3000)));
    bench.lose_power();
    bench.open();
    for (uint64_t id = 1; id <= 3; ++id) EXPECT_EQ(bench.spans_of(id).span_count(), 3U);
  }
}

TEST(Store, RelaxedSyncsInTimeAndOffNever) {
  for (const auto durability : {Durability::kRelaxed, Durability::kOff}) {
    StoreBench bench;
    bench.settings.durability = durability;
    bench.open();
    EXPECT_TRUE(bench.stored(trace(2, 3, 1000)));
    const uint64_t syncs = bench.files.sync_count();
    bench.clock.advance(100 * kNanosPerMillisecond);
    bench.store->tick();
    EXPECT_EQ(bench.files.sync_count(), syncs);
    bench.clock.advance(200 * kNanosPerMillisecond);
    bench.store->tick();
    EXPECT_EQ(bench.files.sync_count() - syncs, durability == Durability::kRelaxed ? 1U : 0U);
    if (durability != Durability::kRelaxed) continue;
    bench.lose_power();
    bench.open();
    EXPECT_EQ(bench.spans_of(2).span_count(), 3U);
  }
}

TEST(Store, F14_AFullLedgerRefusesUntilSealingMakesRoom) {
  StoreBench bench;
  bench.open();
  LedgerHold rest;
  ASSERT_TRUE(bench.ledger.reserve(bench.ledger.limit_bytes() - bench.ledger.used_bytes(), rest));
  const auto answer = bench.put(trace(1, 3, 1000));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->error().code(), ErrorCode::kResourceExhausted);
  rest.release();
  EXPECT_TRUE(bench.stored(trace(1, 3, 1000)));
  const uint64_t used = bench.ledger.used_bytes();
  ASSERT_TRUE(bench.store->seal().has_value());
  bench.store->tick();
  EXPECT_LT(bench.ledger.used_bytes(), used);
}

TEST(Store, ALongTailIsSealedWhileItIsReplayed) {
  StoreBench bench;
  bench.open();
  for (uint64_t id = 1; id <= 20; ++id) EXPECT_TRUE(bench.stored(trace(id, 5, id * 1000)));
  bench.kill();
  bench.settings.seal_spans = 10;
  bench.open();
  // So many full heads may wait for the background, the active one is not full.
  EXPECT_LT(bench.store->status().head_spans, (kReplayedHeadsMax + 1) * 10);
  EXPECT_GE(bench.store->status().segments, 10 - kReplayedHeadsMax - 1);
  bench.kill();
  bench.open();
  for (uint64_t id = 1; id <= 20; ++id) EXPECT_EQ(bench.spans_of(id).span_count(), 5U);
  EXPECT_EQ(bench.store->status().damages, 0U);
}

TEST(Store, SegmentsAreMergedAndNothingIsLostOrDoubled) {
  StoreBench bench;
  bench.settings.compact_segments = 4;
  bench.open();
  for (uint64_t round = 0; round < 4; ++round) {
    for (uint64_t id = 1; id <= 5; ++id) {
      // The same first spans again each time, and one more: a trace in four segments, with copies.
      EXPECT_TRUE(bench.stored(trace(id, 3 + round, id * 1000)));
    }
    ASSERT_TRUE(bench.store->seal().has_value());
  }
  bench.store->tick();
  EXPECT_EQ(bench.store->status().segments, 1U);
  EXPECT_EQ(bench.store->status().segment_spans, 5U * 6U);
  for (int start = 0; start < 2; ++start) {
    for (uint64_t id = 1; id <= 5; ++id) EXPECT_EQ(bench.spans_of(id).span_count(), 6U);
    data::ScanSpec runs;
    runs.rows = data::ScanSpec::Rows::kRuns;
    const KeepingSink sink = bench.scan(runs);
    EXPECT_EQ(listed(sink), (std::vector<uint64_t>{5, 4, 3, 2, 1}));
    for (const data::RunSummary& run : sink.runs) EXPECT_EQ(run.span_count, 6U);
    bench.lose_power();
    bench.open();
  }
  EXPECT_EQ(bench.store->status().segments, 1U);
  EXPECT_EQ(bench.store->status().damages, 0U);
}

/// What is sealed is large, because it is merged soon. Where nothing comes to merge it with, it is written again, once.
TEST(Store, WhatWasReadForQuestionsGoesWhenNoneIsAsked) {
  StoreBench bench;
  bench.open();
  EXPECT_TRUE(bench.stored(trace(1, 30, 1000)));
  ASSERT_TRUE(bench.store->seal().has_value());
  const auto idle = [&](uint64_t nanos) {
    bench.clock.advance(nanos);
    bench.store->tick();
    return bench.ledger.used_bytes();
  };
  const uint64_t wait = bench.settings.forget_idle_nanos;
  for (int i = 0; i < 3; ++i) idle(wait);  // until it is written again
  EXPECT_EQ(bench.spans_of(1).span_count(), 30U);
  const uint64_t least = idle(wait);
  EXPECT_EQ(idle(wait), least);
  EXPECT_EQ(bench.spans_of(1).span_count(), 30U);
  const uint64_t most = bench.ledger.used_bytes();
  EXPECT_GT(most, least);
  EXPECT_EQ(idle(wait - 1), most);
  EXPECT_EQ(bench.spans_of(1).span_count(), 30U);
  EXPECT_EQ(idle(wait - 1), most);
  EXPECT_EQ(idle(1), least);
}

TEST(Store, ASegmentThatStaysAloneIsWrittenAgain) {
  StoreBench bench;
  bench.open();
  EXPECT_TRUE(bench.stored(trace(1, 30, 1000)));
  ASSERT_TRUE(bench.store->seal().has_value());
  bench.clock.advance(bench.settings.compact_idle_nanos);
  for (int i = 0; i < 3; ++i) bench.store->tick();
  EXPECT_EQ(bench.metrics.counter(Metric::kStoreCompactions).value(), 1U);
  for (int start = 0; start < 2; ++start) {
    EXPECT_EQ(bench.store->status().segments, 1U);
    EXPECT_EQ(bench.spans_of(1).span_count(), 30U);
    bench.lose_power();
    bench.open();
    bench.store->tick();
  }
  EXPECT_EQ(bench.metrics.counter(Metric::kStoreCompactions).value(), 1U);
  EXPECT_EQ(bench.store->status().damages, 0U);
}

TEST(Store, ASegmentThatWasMergedAndIsStillThereIsRemoved) {
  StoreBench bench;
  bench.settings.compact_segments = 2;
  bench.open();
  EXPECT_TRUE(bench.stored(trace(1, 3, 1000)));
  ASSERT_TRUE(bench.store->seal().has_value());
  const std::string path = bench.files.paths().back();
  ASSERT_TRUE(path.ends_with(".segment"));
  const std::string content = bench.files.content(path);
  EXPECT_TRUE(bench.stored(trace(2, 3, 2000)));
  ASSERT_TRUE(bench.store->seal().has_value());
  bench.store->tick();
  ASSERT_EQ(bench.store->status().segments, 1U);
  bench.kill();
  // As if the process had died between publishing the one and removing the other.
  bench.files.set_content(path, content);
  bench.open();
  EXPECT_EQ(bench.store->status().segments, 1U);
  EXPECT_EQ(bench.spans_of(1).span_count(), 3U);
  EXPECT_EQ(bench.spans_of(2).span_count(), 3U);
}

TEST(Store, DamagedSegmentsAreNotMerged) {
  StoreBench bench;
  bench.settings.compact_segments = 2;
  bench.open();
  EXPECT_TRUE(bench.stored(trace(1, 30, 1000)));
  ASSERT_TRUE(bench.store->seal().has_value());
  bench.kill();
  for (const std::string& path : bench.files.paths()) {
    if (!path.ends_with(".segment")) continue;
    std::string content = bench.files.content(path);
    content[200] = static_cast<char>(content[200] ^ 1);
    bench.files.set_content(path, content);
  }
  bench.open();
  EXPECT_TRUE(bench.stored(trace(2, 3, 2000)));
  ASSERT_TRUE(bench.store->seal().has_value());
  for (int i = 0; i < 3; ++i) {
    bench.store->tick();
    bench.clock.advance(5 * kNanosPerSecond);
  }
  EXPECT_EQ(bench.store->status().segments, 2U);
  EXPECT_GT(bench.store->status().damages, 0U);
  // All but the damaged stripe of eight rows.
  EXPECT_EQ(bench.spans_of(1).span_count(), 22U);
  EXPECT_EQ(bench.spans_of(2).span_count(), 3U);
}

/// A disk that takes no segments is asked once, not for every record: the start stays as short as the log is.
TEST(Store, AReplayWhoseSealingFailsGoesOn) {
  StoreBench bench;
  bench.open();
  for (uint64_t id = 1; id <= 20; ++id) EXPECT_TRUE(bench.stored(trace(id, 5, id * 1000)));
  bench.kill();
  bench.settings.seal_spans = 10;
  bench.files.fail(testing::SimFiles::Fault::kWrite, 1, ErrorCode::kIo, true);
  bench.open();
  EXPECT_EQ(bench.metrics.counter(Metric::kStoreSealFailures).value(), 1U);
  EXPECT_EQ(bench.store->status().head_spans, 100U);
  EXPECT_FALSE(bench.store->status().problem.empty());
  bench.files.heal();
  bench.clock.advance(2 * kNanosPerSecond);
  bench.store->tick();
  bench.store->tick();
  EXPECT_LT(bench.store->status().head_spans, 30U);
  EXPECT_TRUE(bench.store->status().problem.empty());
  for (uint64_t id = 1; id <= 20; ++id) EXPECT_EQ(bench.spans_of(id).span_count(), 5U);
}

TEST(Store, RetentionKeepsTheQuotaAndForgetsTheLog) {
  StoreBench bench;
  bench.settings.retention_bytes_max = 300'000;
  bench.open();
  for (uint64_t id = 1; id <= 20; ++id) {
    auto spans = trace(id, 20, id * 1000);
    SeededRandom random(id);
    for (PlainSpan& span : spans) {
      std::string text(500, ' ');
      for (char& c : text) c = static_cast<char>(random.next());
      span.attributes = {{"text", text}};
    }
    EXPECT_TRUE(bench.stored(spans));
    ASSERT_TRUE(bench.store->seal().has_value());
    bench.clock.advance(20 * kNanosPerSecond);
    bench.store->tick();
  }
  const StoreStatus status = bench.store->status();
  EXPECT_LE(status.segment_bytes + status.log_bytes, 300'000U);
  EXPECT_GE(status.segments, 1U);
  EXPECT_EQ(bench.spans_of(20).span_count(), 20U);
  EXPECT_EQ(bench.spans_of(1).span_count(), 0U);
  bench.lose_power();
  bench.open();
  EXPECT_EQ(bench.spans_of(1).span_count(), 0U);
  EXPECT_EQ(bench.spans_of(20).span_count(), 20U);
}

TEST(Store, F20_AClockThatJumpsAheadCostsOnePartitionAMinute) {
  constexpr uint64_t kDay = 24ULL * 3600 * kNanosPerSecond;
  StoreBench bench;
  bench.open();
  for (uint64_t id = 1; id <= 3; ++id) {
    EXPECT_TRUE(bench.stored(trace(id, 2, 1000)));
    ASSERT_TRUE(bench.store->seal().has_value());
    bench.clock.advance(kDay);
  }
  EXPECT_EQ(bench.store->status().segments, 3U);
  bench.clock.set_unix_nanos(bench.clock.unix_nanos() + 3650 * kDay);
  bench.clock.advance(20 * kNanosPerSecond);
  bench.store->tick();
  EXPECT_EQ(bench.store->status().segments, 2U);
  bench.clock.advance(20 * kNanosPerSecond);
  bench.store->tick();
  EXPECT_EQ(bench.store->status().segments, 2U);
  bench.clock.advance(60 * kNanosPerSecond);
  bench.store->tick();
  EXPECT_EQ(bench.store->status().segments, 1U);
  // The last segment goes too; the log it was made of must not bring it back.
  bench.clock.advance(61 * kNanosPerSecond);
  bench.store->tick();
  EXPECT_EQ(bench.store->status().segments, 0U);
  bench.kill();
  bench.open();
  EXPECT_EQ(bench.store->status().head_spans, 0U);
  EXPECT_EQ(bench.store->sequence(), 3U);
}

TEST(Store, F24_AnotherVersionsDirectoryIsLeftAlone) {
  StoreBench bench;
  bench.open();
  EXPECT_TRUE(bench.stored(trace(1, 1, 1000)));
  bench.kill();
  const std::string line = "sextant store, format 7\n";
  bench.files.set_content("/data/FORMAT", fmt::format("{}checksum {:08x}\n", line, crc32c(line)));
  const Result<void> opened = bench.try_open();
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_NE(opened.error().message().find("format 7"), std::string::npos);
}

TEST(Store, F24_ForeignFilesStayAndTemporaryOnesGo) {
  StoreBench bench;
  bench.open();
  EXPECT_TRUE(bench.stored(trace(1, 1, 1000)));
  ASSERT_TRUE(bench.store->seal().has_value());
  bench.kill();
  std::string partition;
  for (const std::string& path : bench.files.paths()) {
    if (path.ends_with(".segment")) partition = path.substr(0, path.rfind('/'));
  }
  bench.files.set_content(partition + "/notes.txt", "mine");
  bench.files.set_content(partition + "/half.segment.tmp", "half");
  bench.files.set_content("/data/default/log/readme", "mine");
  bench.open();
  EXPECT_EQ(bench.files.content(partition + "/notes.txt"), "mine");
  EXPECT_EQ(bench.files.content("/data/default/log/readme"), "mine");
  EXPECT_FALSE(*bench.files.exists(partition + "/half.segment.tmp"));
}

TEST(Store, F25_AScanEndsAtItsDeadlineAndWhenItIsWithdrawn) {
  StoreBench bench;
  bench.open();
  EXPECT_TRUE(bench.stored(trace(1, 3, 1000)));
  KeepingSink sink;
  data::ScanSpec spec;
  spec.deadline_steady_nanos = 0;
  EXPECT_EQ(bench.store->scan(spec, sink).error().code(), ErrorCode::kDeadlineExceeded);
  spec.deadline_steady_nanos = UINT64_MAX;
  std::stop_source stop;
  stop.request_stop();
  spec.cancel = stop.get_token();
  EXPECT_EQ(bench.store->scan(spec, sink).error().code(), ErrorCode::kCancelled);
}

/// Writers, readers and the store's own threads at once; what is acknowledged is seen at once by everyone.
TEST(Store, ManyThreads) {
  constexpr uint64_t kWriters = 3;
  constexpr uint64_t kBatches = 60;
  StoreBench bench;
  bench.settings.scheduling = Scheduling::kThreads;
  bench.settings.seal_spans = 100;
  bench.open();
  std::atomic<uint64_t> written{0};
  std::atomic<bool> writing{true};
  {
    std::vector<std::jthread> threads;
    for (uint64_t w = 1; w <= kWriters; ++w) {
      threads.emplace_back([&, w] {
        for (uint64_t b = 0; b < kBatches; ++b) {
          std::latch answered(1);
          bool good = false;
          const uint64_t id = w * 1000 + b;
          bench.store->consume(testing::batch_of(trace(id, 4, id)), LedgerHold(), [&](Result<void> result) {
            good = result.has_value();
            answered.count_down();
          });
          answered.wait();
          ASSERT_TRUE(good);
          ASSERT_EQ(bench.spans_of(id).span_count(), 4U);
          written += 4;
        }
      });
    }
    std::jthread reader([&] {
      while (writing) {
        const uint64_t before = written;
        data::ScanSpec runs;
        runs.rows = data::ScanSpec::Rows::kRuns;
        uint64_t spans = 0;
        for (const data::RunSummary& run : bench.scan(runs).runs) spans += run.span_count;
        ASSERT_GE(spans, before);
        ASSERT_TRUE(bench.store->names({}).has_value());
      }
    });
    for (std::jthread& thread : threads) thread.join();
    writing = false;
  }
  EXPECT_EQ(bench.scan({}).span_count(), kWriters * kBatches * 4);
  ASSERT_TRUE(bench.store->flush_and_close().has_value());
  bench.kill();
  bench.open();
  EXPECT_EQ(bench.scan({}).span_count(), kWriters * kBatches * 4);
  EXPECT_GE(bench.store->status().segments, 1U);
}

}  // namespace
}  // namespace sextant::persist
