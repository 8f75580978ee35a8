// Faults of the disk and of power while a store works: cases F03 and F09 to F11 of docs/reliability.md, each call that
// can fail made to fail once.
#include <gtest/gtest.h>

#include "tests/sim/fault_bench.h"

namespace sextant::sim {
namespace {

using testing::SimFiles;

constexpr uint64_t kDayNanos = 24ULL * 3600 * kNanosPerSecond;

/// What lies below the directory of segments.
struct SegmentFiles {
  uint64_t segments = 0;
  uint64_t temporary = 0;
};
SegmentFiles segment_files(const SimFiles& files) {
  SegmentFiles found;
  for (const std::string& path : files.paths()) {
    if (path.ends_with(".segment")) ++found.segments;
    if (path.ends_with(".tmp")) ++found.temporary;
  }
  return found;
}

/// Runs `work` on a fresh store again and again, each time ended at the next of its changes to the disk; `check` sees
/// the store opened anew. Returns how many changes there were.
template <typename Prepare, typename Work, typename Check>
uint64_t end_at_every_change(bool power, const Prepare& prepare, const Work& work, const Check& check) {
  for (uint64_t nth = 1;; ++nth) {
    FaultBench faults(nth);
    prepare(faults);
    faults.bench.open();
    faults.send_many(4);
    faults.bench.files.fail(SimFiles::Fault::kChange, nth, ErrorCode::kIo, true);
    work(faults);
    const bool met = faults.bench.files.fault_was_met();
    if (power) {
      faults.bench.lose_power();
    } else {
      faults.bench.kill();
    }
    faults.reopen_healed();
    check(faults);
    EXPECT_FALSE(::testing::Test::HasFailure()) << "ended at change " << nth;
    if (!met || ::testing::Test::HasFailure()) return nth - 1;
  }
}

void seal_and_merge(FaultBench& faults) {
  testing::StoreBench& bench = faults.bench;
  for (int round = 0; round < 3; ++round) {
    (void)bench.store->seal();
    bench.store->tick();
    faults.send_many(3);
    bench.clock.advance(2 * kNanosPerSecond);
  }
  bench.store->tick();
}

TEST(Fault, F03_EndedAtEveryChangeOfSealingAndMerging) {
  const auto prepare = [](FaultBench& faults) { faults.bench.settings.compact_segments = 2; };
  const auto check = [](FaultBench& faults) {
    faults.check();
    const SegmentFiles on_disk = segment_files(faults.bench.files);
    EXPECT_EQ(on_disk.temporary, 0U);
    EXPECT_EQ(on_disk.segments, faults.bench.store->status().segments) << "a file that belongs to nothing";
  };
  for (const bool power : {false, true}) {
    const uint64_t changes = end_at_every_change(power, prepare, seal_and_merge, check);
    EXPECT_GT(changes, 20U);
    std::printf("ended at each of %llu changes\n", static_cast<unsigned long long>(changes));
  }
}

TEST(Fault, F03_EndedAtEveryChangeOfRetention) {
  const auto prepare = [](FaultBench& faults) { faults.bench.settings.retention_age_nanos = 2 * kDayNanos; };
  const auto work = [](FaultBench& faults) {
    for (int day = 0; day < 5; ++day) {
      (void)faults.bench.store->seal();
      faults.bench.clock.advance(kDayNanos);
      faults.bench.store->tick();
      (void)faults.send();
    }
  };
  const auto check = [](FaultBench& faults) {
    // A segment is there or it is not; what is there is whole.
    const FaultBench::Found found = faults.look();
    EXPECT_EQ(found.spans, found.traces.size() * FaultBench::kSpansEach);
    EXPECT_EQ(faults.reports() - faults.torn_tails(), 0U);
    EXPECT_EQ(segment_files(faults.bench.files).temporary, 0U);
    EXPECT_EQ(segment_files(faults.bench.files).segments, faults.bench.store->status().segments);
  };
  for (const bool power : {false, true}) EXPECT_GT(end_at_every_change(power, prepare, work, check), 10U);
}

TEST(Fault, F08_WithoutSpaceRetentionGoesOnAndServiceComesBack) {
  FaultBench faults;
  testing::StoreBench& bench = faults.bench;
  bench.settings.retention_age_nanos = 2 * kDayNanos;
  bench.settings.seal_age_nanos = UINT64_MAX;
  bench.open();
  for (int day = 0; day < 2; ++day) {
    faults.send_many(5);
    ASSERT_TRUE(bench.store->seal().has_value());
    bench.clock.advance(kDayNanos);
  }
  ASSERT_EQ(bench.store->status().segments, 2U);
  bench.files.set_capacity(0);
  uint64_t refused = 0;
  for (int i = 0; i < 200; ++i) refused += faults.send() ? 0 : 1;
  EXPECT_GT(refused, 0U);
  EXPECT_FALSE(bench.store->status().writable);
  EXPECT_NE(bench.store->status().problem.find("no space"), std::string::npos) << bench.store->status().problem;
  EXPECT_EQ(faults.look().traces.size(), faults.acknowledged_count());
  bench.clock.advance(3 * kDayNanos / 2);
  bench.store->tick();
  EXPECT_EQ(bench.store->status().segments, 1U) << "retention needs no space";
  bench.files.set_capacity(UINT64_MAX);
  bench.clock.advance(2 * kNanosPerSecond);
  EXPECT_TRUE(faults.send());
  EXPECT_TRUE(bench.store->status().writable);
}

TEST(Fault, F09_WithoutSpaceForAMergeItsInputsStayAndItIsTriedAgain) {
  FaultBench faults;
  testing::StoreBench& bench = faults.bench;
  bench.settings.compact_segments = 3;
  bench.open();
  for (int i = 0; i < 3; ++i) {
    faults.send_many(4);
    ASSERT_TRUE(bench.store->seal().has_value());
  }
  bench.files.set_capacity(0);
  bench.store->tick();
  EXPECT_EQ(bench.store->status().segments, 3U);
  EXPECT_EQ(bench.metrics.counter(Metric::kStoreCompactFailures).value(), 1U);
  EXPECT_EQ(segment_files(bench.files).temporary, 0U) << "what a merge wrote is given back";
  faults.check();
  bench.files.set_capacity(UINT64_MAX);
  bench.clock.advance(2 * kNanosPerSecond);
  bench.store->tick();
  EXPECT_EQ(bench.store->status().segments, 1U);
  faults.check();
  bench.lose_power();
  bench.open();
  faults.check();
}

/// A life of batches, seals and merges with the n-th call of a kind refused; true when the call was met.
bool live_with(SimFiles::Fault fault, uint64_t nth, bool persistent) {
  FaultBench faults(nth);
  testing::StoreBench& bench = faults.bench;
  bench.settings.compact_segments = 3;
  bench.settings.log_file_bytes = 12'000;
  bench.open();
  bench.files.fail(fault, nth, ErrorCode::kIo, persistent);
  uint64_t seals_refused = 0;
  for (int i = 1; i <= 60; ++i) {
    (void)faults.send();
    if (i % 10 == 0) seals_refused += bench.store->seal() ? 0 : 1;
  }
  const bool met = bench.files.fault_was_met();
  if (met && persistent) {
    EXPECT_FALSE(faults.send()) << "acknowledged by a disk that refuses";
    EXPECT_FALSE(bench.store->status().writable);
  }
  faults.check();  // what was refused is not seen, reading goes on
  bench.files.heal();
  bench.clock.advance(2 * kNanosPerSecond);
  EXPECT_TRUE(faults.send());
  EXPECT_TRUE(bench.store->status().writable);
  if (met) {
    const uint64_t counted = seals_refused + bench.metrics.counter(Metric::kStoreLogFailures).value() +
                             bench.metrics.counter(Metric::kStoreSealFailures).value() +
                             bench.metrics.counter(Metric::kStoreCompactFailures).value();
    // Removing what a merge has replaced is tried again by the next start, and reported by the log only.
    EXPECT_TRUE(counted > 0 || fault == SimFiles::Fault::kSync);
  }
  bench.lose_power();
  bench.open();
  faults.check();
  EXPECT_FALSE(::testing::Test::HasFailure()) << "call " << nth << (persistent ? " and all after it" : "");
  return met;
}

/// Each call of a kind in turn, until a life has no more of them.
uint64_t refuse_every(SimFiles::Fault fault, bool persistent) {
  for (uint64_t nth = 1;; ++nth) {
    if (!live_with(fault, nth, persistent) || ::testing::Test::HasFailure()) return nth - 1;
  }
}

TEST(Fault, F10_EveryWriteRefusedOnce) {
  const uint64_t writes = refuse_every(SimFiles::Fault::kWrite, false);
  EXPECT_GT(writes, 80U);
  std::printf("each of %llu writes\n", static_cast<unsigned long long>(writes));
}

TEST(Fault, F11_EverySyncRefusedOnceAndFromThenOn) {
  for (const bool persistent : {false, true}) {
    const uint64_t syncs = refuse_every(SimFiles::Fault::kSync, persistent);
    EXPECT_GT(syncs, 60U);
    std::printf("each of %llu syncs\n", static_cast<unsigned long long>(syncs));
  }
}

}  // namespace
}  // namespace sextant::sim
