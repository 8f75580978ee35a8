// Long values of which a question wants the beginning: what it gets, and that less is unfolded for it.
#include <gtest/gtest.h>

#include "base/sys/random.h"
#include "tests/support/store_bench.h"

namespace sextant::persist {
namespace {

using testing::KeepingSink;
using testing::PlainSpan;
using testing::StoreBench;

/// Some hundred words in no order, so that no piece is shared.
std::string prose(uint64_t seed, uint64_t bytes) {
  SeededRandom random(seed);
  std::string out;
  while (out.size() < bytes) {
    const uint64_t word = random.below(300);
    out.append(2 + word % 7, static_cast<char>('a' + word % 26));
    out += random.below(10) == 0 ? ".\n" : " ";
  }
  return out.substr(0, bytes);
}

PlainSpan span_with(uint64_t trace, uint64_t span, const std::string& value) {
  return {.trace = trace,
          .span = span,
          .name = prose(trace * 100 + span, 300),
          .start = trace * 1000 + span,
          .end = trace * 1000 + span + 5,
          .status_message = prose(trace, 5000),
          .attributes = {{"long", value}, {"short", "word"}},
          .event = {{"of.event", prose(trace * 100 + span + 50, 3000)}}};
}

KeepingSink beginnings_of(StoreBench& bench, uint64_t trace, uint64_t bytes, data::ScanEnd* end = nullptr) {
  data::ScanSpec spec;
  spec.run.trace_ids = {testing::trace_id(trace)};
  spec.value_bytes_max = bytes;
  return bench.scan(spec, end);
}

/// The value comes whole, or at least so much of it as was asked for, and says how long it was.
void expect_beginning(const data::Batch& batch, data::ValueCode code, const std::string& whole, uint64_t bytes) {
  const std::string_view text = batch.values.text(code);
  EXPECT_EQ(batch.whole_bytes(code), whole.size());
  EXPECT_TRUE(whole.starts_with(text));
  EXPECT_GE(text.size(), std::min<uint64_t>(whole.size(), bytes));
}

uint64_t cut_values(const KeepingSink& sink) {
  uint64_t cut = 0;
  for (const data::Batch& batch : sink.batches) cut += batch.cut_values.size();
  return cut;
}

/// A store with some traces of some spans in a segment, each with values of 30,000 bytes.
class Beginnings : public ::testing::Test {
 protected:
  static constexpr uint64_t kTraces = 6;
  static constexpr uint64_t kSpans = 4;
  static constexpr uint64_t kLongBytes = 30'000;

  static std::string value_of(uint64_t trace, uint64_t span) { return prose(trace * 7 + span, kLongBytes); }
  static std::vector<PlainSpan> spans_of(uint64_t trace) {
    std::vector<PlainSpan> spans;
    for (uint64_t i = 1; i <= kSpans; ++i) spans.push_back(span_with(trace, i, value_of(trace, i)));
    return spans;
  }
  void SetUp() override {
    bench_.open();
    for (uint64_t trace = 1; trace <= kTraces; ++trace) ASSERT_TRUE(bench_.stored(spans_of(trace)));
  }
  void seal() {
    ASSERT_TRUE(bench_.store->seal().has_value());
    open_again();
  }
  /// Seals, and lets the segment be written again: what is merged soon is not compressed.
  void settle() {
    ASSERT_TRUE(bench_.store->seal().has_value());
    bench_.clock.advance(bench_.settings.compact_idle_nanos);
    for (int i = 0; i < 3; ++i) bench_.store->tick();
    ASSERT_EQ(bench_.metrics.counter(Metric::kStoreCompactions).value(), 1U);
    open_again();
  }
  /// Nothing that was read is in memory afterwards.
  void open_again() {
    ASSERT_TRUE(bench_.store->flush_and_close().has_value());
    bench_.store.reset();
    bench_.open();
  }
  void expect_beginnings(const KeepingSink& sink, uint64_t trace, uint64_t bytes) {
    ASSERT_EQ(sink.span_count(), kSpans);
    for (const data::Batch& batch : sink.batches) {
      for (uint32_t row = 0; row < batch.span_count(); ++row) {
        const uint64_t span = batch.spans.span_id[row].bytes[7];
        expect_beginning(batch, batch.values_of(batch.spans.attributes[row])[0], value_of(trace, span), bytes);
        EXPECT_EQ(batch.values.text(batch.values_of(batch.spans.attributes[row])[1]), "word");
        EXPECT_EQ(batch.values.text(batch.spans.name[row]).size(), 300U);
        EXPECT_EQ(batch.values.text(batch.spans.status_message[row]).size(), 5000U);
        expect_beginning(batch, batch.values_of(batch.events.attributes[batch.events_of(row).begin])[0],
                         prose(trace * 100 + span + 50, 3000), bytes);
      }
    }
  }

  StoreBench bench_;
};

TEST_F(Beginnings, OfHeadAndSegmentsAreThoseOfTheValues) {
  static constexpr uint64_t kWanted[] = {1, 200, 2500, 29'999, 30'000};
  for (const uint64_t bytes : kWanted) expect_beginnings(beginnings_of(bench_, 3, bytes), 3, bytes);
  for (const bool compressed : {false, true}) {
    if (compressed) {
      settle();
    } else {
      seal();
    }
    for (const uint64_t bytes : kWanted) {
      const KeepingSink sink = beginnings_of(bench_, 3, bytes);
      expect_beginnings(sink, 3, bytes);
      EXPECT_EQ(cut_values(sink), bytes == kLongBytes ? 0U : bytes > 3000 ? kSpans : 2 * kSpans) << bytes;
    }
  }
}

TEST_F(Beginnings, TakeLessUnfolding) {
  settle();
  data::ScanEnd whole;
  beginnings_of(bench_, 3, UINT64_MAX, &whole);
  open_again();
  data::ScanEnd cut;
  beginnings_of(bench_, 3, 200, &cut);
  EXPECT_GE(whole.stats.text_bytes_unfolded, kSpans * kLongBytes);
  EXPECT_EQ(bench_.metrics.counter(Metric::kStoreScanTextBytes).value(),
            whole.stats.text_bytes_unfolded + cut.stats.text_bytes_unfolded);
  EXPECT_LT(cut.stats.text_bytes_unfolded, whole.stats.text_bytes_unfolded * 4 / 5);
  // What was unfolded is kept; what goes further is unfolded whole, once.
  data::ScanEnd again;
  beginnings_of(bench_, 3, 200, &again);
  EXPECT_EQ(again.stats.text_bytes_unfolded, 0U);
  beginnings_of(bench_, 3, 20'000, &again);
  EXPECT_GT(again.stats.text_bytes_unfolded, 0U);
  expect_beginnings(beginnings_of(bench_, 3, 20'000, &again), 3, 20'000);
  EXPECT_EQ(again.stats.text_bytes_unfolded, 0U);
}

TEST_F(Beginnings, CopiesAreComparedWhole) {
  seal();
  // An equal copy, and one that differs at its end only: in head, then in a second segment.
  std::vector<PlainSpan> copies = {spans_of(3)[0], spans_of(3)[1]};
  std::get<std::string>(copies[1].attributes[0].second).back() = '!';
  ASSERT_TRUE(bench_.stored(copies));
  EXPECT_EQ(beginnings_of(bench_, 3, 200).span_count(), kSpans + 1);
  seal();
  EXPECT_EQ(beginnings_of(bench_, 3, 200).span_count(), kSpans + 1);
}

TEST_F(Beginnings, ConditionsAreOnWholeValues) {
  seal();
  data::ScanSpec spec;
  spec.value_bytes_max = 200;
  spec.span.kind = data::SpanFilter::Kind::kCondition;
  spec.span.condition.key = "long";
  spec.span.condition.bytes = value_of(2, 3);
  const KeepingSink sink = bench_.scan(spec);
  ASSERT_EQ(sink.span_count(), 1U);
  EXPECT_EQ(sink.batches[0].spans.span_id[0], testing::span_id(3));
}

}  // namespace
}  // namespace sextant::persist
