// What the cases of docs/reliability.md that need a simulated disk share: traces that are sent, remembered and looked
// for. Header only.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/store_bench.h"

namespace sextant::sim {

/// Thread-confined.
class FaultBench {
 public:
  static constexpr uint64_t kSpansEach = 3;

  explicit FaultBench(uint64_t seed = 1) : bench(seed) {
    bench.settings.log_file_bytes = 24'000;
    bench.settings.retention_age_nanos = UINT64_MAX;
  }

  /// A trace of its own in a batch of its own; true when it was acknowledged.
  bool send() {
    std::vector<testing::PlainSpan> spans;
    const uint64_t trace = ++traces_;
    for (uint64_t i = 1; i <= kSpansEach; ++i) {
      testing::PlainSpan span{.trace = trace, .span = trace * 10 + i, .parent = i == 1 ? 0 : trace * 10 + 1};
      span.start = trace * 100 + i;
      span.end = trace * 100 + 50;
      span.name = "step " + std::to_string(trace % 5);
      span.service = "service " + std::to_string(trace % 3);
      span.attributes = {{"key", static_cast<int64_t>(i)}, {"text", std::string(60, 'x') + std::to_string(trace)}};
      if (trace % 4 == 0) span.attributes.emplace_back("long", long_text(trace));
      sent_[span.span] = span;
      spans.push_back(std::move(span));
    }
    const bool stored = bench.stored(spans);
    if (stored) acknowledged_.insert(trace);
    return stored;
  }
  void send_many(int count) {
    for (int i = 0; i < count; ++i) (void)send();
  }

  struct Found {
    std::set<uint64_t> traces;   // those with spans
    std::set<uint64_t> numbers;  // of spans
    uint64_t spans = 0;
    uint64_t scan_damages = 0;  // that the question was told of
  };
  /// All that can be read. Fails the test for a span that was not sent, is not as it was sent, or is there twice.
  Found look() {
    Found found;
    data::ScanEnd end;
    const testing::KeepingSink all = bench.scan({}, &end);
    for (const data::Batch& batch : all.batches) {
      for (uint32_t row = 0; row < batch.span_count(); ++row) {
        const uint64_t span = number_of(batch.spans.span_id[row].bytes);
        const auto sent = sent_.find(span);
        if (sent == sent_.end()) {
          ADD_FAILURE() << "span " << span << " was never sent";
          return found;
        }
        EXPECT_TRUE(data::rows_equal(batch, row, testing::batch_of({sent->second}), 0)) << "span " << span;
        EXPECT_TRUE(found.numbers.insert(span).second) << "span " << span << " is shown twice";
        found.traces.insert(sent->second.trace);
      }
    }
    found.spans = found.numbers.size();
    found.scan_damages = end.damages.size();
    return found;
  }

  /// Every acknowledged trace is there; each trace that is there is whole, in spans and in the list of runs; nothing is
  /// reported as damaged.
  void check() {
    const Found found = look();
    for (const uint64_t trace : acknowledged_) EXPECT_TRUE(found.traces.contains(trace)) << trace << " is lost";
    EXPECT_EQ(found.spans, found.traces.size() * kSpansEach);
    data::ScanSpec spec;
    spec.rows = data::ScanSpec::Rows::kRuns;
    const testing::KeepingSink runs = bench.scan(spec);
    EXPECT_EQ(runs.runs.size(), found.traces.size());
    EXPECT_EQ(found.scan_damages, 0U);
    EXPECT_EQ(bench.store->status().damages, 0U);
  }

  /// The disk works again; the store is opened, whatever the fault did to it before.
  void reopen_healed() {
    bench.files.heal();
    bench.files.set_capacity(UINT64_MAX);
    bench.open();
  }

  uint64_t reports() { return bench.store->status().damages + torn_tails(); }
  uint64_t torn_tails() { return bench.metrics.counter(Metric::kStoreTornTails).value(); }
  uint64_t sent_count() const { return traces_; }
  uint64_t acknowledged_count() const { return acknowledged_.size(); }

  /// Takes over what the other one sent, as if a new process looked at its files.
  void know_of(const FaultBench& other) {
    traces_ = other.traces_;
    sent_ = other.sent_;
    acknowledged_ = other.acknowledged_;
  }

  testing::StoreBench bench;

 private:
  template <typename Bytes>
  static uint64_t number_of(const Bytes& bytes) {
    uint64_t number = 0;
    for (const uint8_t byte : bytes) number = number << 8 | byte;
    return number;
  }
  /// Long enough to lie among the texts of a segment, in more than one piece.
  static std::string long_text(uint64_t trace) {
    SeededRandom random(trace);
    std::string text = "[";
    for (int i = 0; i < 8; ++i) {
      text += R"({"role":"user","content":")";
      for (int j = 0; j < 50; ++j) text += static_cast<char>('a' + random.below(26));
      text += "\"},";
    }
    return text + "0]";
  }

  uint64_t traces_ = 0;
  std::map<uint64_t, testing::PlainSpan> sent_;  // by span
  std::set<uint64_t> acknowledged_;              // traces
};

}  // namespace sextant::sim
