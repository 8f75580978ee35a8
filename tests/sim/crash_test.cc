// A store under a seeded workload on a disk that loses power, kills the process, refuses calls and fills up. However it
// goes: every acknowledged span is found exactly once, no span is found that was not sent, and nothing is reported as
// damaged that was merely unfinished. A trace whose deletion was acknowledged is found no more.
#include <gtest/gtest.h>

#include <map>

#include "tests/sim/seeds.h"
#include "tests/support/store_bench.h"

namespace sextant::sim {
namespace {

using testing::KeepingSink;
using testing::PlainSpan;
using testing::SimFiles;
using testing::StoreBench;

constexpr int kSteps = 60;
constexpr uint64_t kTraces = 12;

/// One life of a store, with restarts. Thread-confined.
class Life {
 public:
  explicit Life(uint64_t seed) : random_(seed), bench_(random_.next()) {
    persist::StoreSettings& s = bench_.settings;
    s.log_file_bytes = 12'000ULL << random_.below(5);
    s.log_files_spare_max = static_cast<uint32_t>(random_.below(3));
    s.seal_spans = 10 + random_.below(80);
    s.compact_segments = static_cast<uint32_t>(2 + random_.below(4));
    s.compact_rows = 20 + random_.below(400);
    s.retention_age_nanos = UINT64_MAX;  // the clock steps from 1970 to now
    s.block_rows = static_cast<uint32_t>(1 + random_.below(20));
  }

  void run() {
    open();
    for (int step = 0; step < kSteps && !::testing::Test::HasFailure(); ++step) {
      act();
      if (random_.below(4) == 0) check();
    }
    bench_.files.heal();
    bench_.files.set_capacity(UINT64_MAX);
    restart(true);
    check();
  }

 private:
  struct Sent {
    PlainSpan span;
    bool acknowledged = false;
    bool in_doubt = false;  // refused once: it may be in the log all the same, and be replayed
    bool deleted = false;
  };

  void open() {
    if (bench_.try_open()) return;
    // A disk that refuses may keep a store from opening, never from opening later.
    bench_.files.heal();
    bench_.files.set_capacity(UINT64_MAX);
    bench_.open();
  }

  void act() {
    switch (random_.below(18)) {
      case 0:
        return restart(true);
      case 1:
        return restart(false);
      case 2:
        return bench_.files.fail(random_.below(2) == 0 ? SimFiles::Fault::kWrite : SimFiles::Fault::kSync,
                                 1 + random_.below(6), ErrorCode::kIo, random_.below(4) == 0);
      case 3:
        return bench_.files.heal();
      case 4:
        return bench_.files.set_capacity(random_.below(2) == 0 ? 20'000 + random_.below(400'000) : UINT64_MAX);
      case 5:
        (void)bench_.store->seal();
        return;
      case 6:
        return bench_.clock.advance(random_.below(3 * kNanosPerSecond));
      case 7:
        return bench_.clock.set_unix_nanos(random_.below(2) == 0 ? random_.below(1000)
                                                                 : 1'700'000'000 * kNanosPerSecond);
      case 8:
        return erase();
      case 9:
        bench_.clock.advance(kNanosPerSecond);
        return bench_.store->tick();
      default:
        return send();
    }
  }

  /// A few batches that share one commit.
  void send() {
    std::vector<std::vector<size_t>> batches(1 + random_.below(4));
    std::vector<bool> acknowledged(batches.size());
    for (size_t b = 0; b < batches.size(); ++b) {
      std::vector<PlainSpan> spans;
      for (uint64_t i = 1 + random_.below(6); i > 0; --i) {
        const bool again = !sent_.empty() && random_.below(8) == 0;
        batches[b].push_back(again ? random_.below(sent_.size()) : make_span());
        spans.push_back(sent_[batches[b].back()].span);
      }
      bench_.store->consume(testing::batch_of(spans), LedgerHold(),
                            [&acknowledged, b](Result<void> result) { acknowledged[b] = result.has_value(); });
    }
    bench_.store->tick();
    for (size_t b = 0; b < batches.size(); ++b) {
      for (const size_t index : batches[b]) {
        sent_[index].deleted = false;
        (acknowledged[b] ? sent_[index].acknowledged : sent_[index].in_doubt) = true;
      }
    }
  }

  void erase() {
    const uint64_t trace = 1 + random_.below(kTraces);
    const Result<void> erased = bench_.store->erase_trace(testing::trace_id(trace));
    const bool unknown = !erased && erased.error().code() == ErrorCode::kNotFound;
    for (Sent& sent : sent_) {
      if (sent.span.trace != trace) continue;
      ASSERT_FALSE(unknown && sent.acknowledged) << "span " << sent.span.span << " cannot be deleted";
      if (erased && !sent.in_doubt) sent.deleted = true;
      sent.acknowledged = false;
    }
  }

  size_t make_span() {
    const uint64_t number = sent_.size() + 1;
    PlainSpan span{.trace = 1 + random_.below(kTraces), .span = number, .parent = random_.below(3)};
    span.start = random_.below(100'000);
    span.end = span.start + random_.below(500);
    span.name = "name " + std::to_string(random_.below(5));
    span.service = "service " + std::to_string(random_.below(3));
    span.attributes = {{"number", static_cast<int64_t>(number)}};
    if (random_.below(10) == 0) span.attributes.emplace_back("large", std::string(random_.below(9000), 'x'));
    sent_.push_back({std::move(span)});
    return sent_.size() - 1;
  }

  void restart(bool power) {
    if (power) {
      bench_.lose_power();
    } else {
      bench_.kill();
    }
    open();
  }

  void check() {
    std::map<uint64_t, int> found;  // by span number
    data::ScanEnd end;
    const KeepingSink all = bench_.scan({}, &end);
    for (const data::Batch& batch : all.batches) {
      for (uint32_t row = 0; row < batch.span_count(); ++row) {
        const int64_t number = batch.attribute(batch.spans.attributes[row], "number").number;
        ASSERT_TRUE(number >= 1 && number <= static_cast<int64_t>(sent_.size())) << "a span that was never sent";
        const data::Batch expected = testing::batch_of({sent_[static_cast<size_t>(number) - 1].span});
        ASSERT_TRUE(data::rows_equal(batch, row, expected, 0)) << "span " << number << " is not what was sent";
        ASSERT_EQ(++found[static_cast<uint64_t>(number)], 1) << "span " << number << " is shown twice";
      }
    }
    for (const Sent& sent : sent_) {
      if (sent.acknowledged) {
        ASSERT_TRUE(found.contains(sent.span.span)) << "span " << sent.span.span << " is lost";
      }
      ASSERT_FALSE(sent.deleted && found.contains(sent.span.span)) << "span " << sent.span.span << " came back";
    }
    check_runs(found.size());
    ASSERT_TRUE(end.damages.empty()) << end.damages.front().reason;
    ASSERT_EQ(bench_.store->status().damages, 0U);
  }

  void check_runs(uint64_t spans) {
    data::ScanSpec spec;
    spec.rows = data::ScanSpec::Rows::kRuns;
    uint64_t listed = 0;
    UnixNanos last_start = UINT64_MAX;
    for (const data::RunSummary& run : bench_.scan(spec).runs) {
      listed += run.span_count;
      ASSERT_LE(run.start, last_start);
      last_start = run.start;
    }
    ASSERT_EQ(listed, spans);
  }

  SeededRandom random_;
  StoreBench bench_;
  std::vector<Sent> sent_;
};

TEST(Crash, F01_F02_AcknowledgedSpansAreFoundExactlyOnce) {
  for_each_seed(300, [](uint64_t seed) { Life(seed).run(); });
}

}  // namespace
}  // namespace sextant::sim
