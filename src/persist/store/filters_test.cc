// What no segment can have is not read: values that stand in no dictionary, in segments as sealed and as merged.
#include <gtest/gtest.h>

#include "persist/segment/frame_walk.h"
#include "tests/support/store_bench.h"

namespace sextant::persist {
namespace {

using testing::KeepingSink;
using testing::PlainSpan;
using testing::PlainValue;

constexpr uint64_t kSpans = 300;

/// Thread-confined.
class StoreFilters : public ::testing::Test {
 protected:
  void SetUp() override {
    bench_.settings.block_rows = 64;
    bench_.settings.compact_segments = 2;
    bench_.open();
  }

  /// One trace a span, numbered from `begin`: a text, an int and a double that no other span has, and keys of which
  /// each stripe has few values.
  void store_spans(uint64_t begin) {
    std::vector<PlainSpan> spans;
    for (uint64_t i = begin; i < begin + kSpans; ++i) {
      PlainSpan span{.trace = i, .span = i, .start = i * 10, .end = i * 10 + 5};
      span.attributes = {{"id", "request " + std::to_string(i * 7919)},
                         {"size", static_cast<int64_t>(i * 1'000'003)},
                         {"cost", static_cast<double>(i) + 0.5}};
      span.attributes.emplace_back("rare." + std::to_string(i % 16), "of " + std::to_string(i));
      span.event = {{"token", "t" + std::to_string(i * 104'729)}};
      spans.push_back(span);
    }
    ASSERT_TRUE(bench_.stored(spans));
    ASSERT_TRUE(bench_.store->seal().has_value());
  }

  void merge() {
    bench_.store->tick();
    ASSERT_EQ(bench_.store->status().segments, 1U);
  }

  struct Answer {
    std::vector<uint64_t> traces;
    data::ScanStats stats;
  };
  Answer ask(const std::string& key, const PlainValue& value, std::optional<data::AttributeScope> scope = std::nullopt,
             data::CompareOp op = data::CompareOp::kEqual) {
    data::ScanSpec spec;
    spec.span.kind = data::SpanFilter::Kind::kCondition;
    data::Condition& condition = spec.span.condition;
    condition.scope = scope;
    condition.key = key;
    condition.op = op;
    const data::ValueView view = testing::view_of(value);
    condition.type = view.type;
    condition.number = view.number;
    condition.bytes = view.bytes;
    data::ScanEnd end;
    const KeepingSink sink = bench_.scan(spec, &end);
    Answer answer{{}, end.stats};
    for (const data::Batch& batch : sink.batches) {
      for (const data::TraceId& id : batch.spans.trace_id) {
        answer.traces.push_back(uint64_t{id.bytes[14]} << 8 | id.bytes[15]);
      }
    }
    EXPECT_TRUE(end.damages.empty());
    return answer;
  }

  void expect_found(const Answer& answer, uint64_t trace) {
    EXPECT_EQ(answer.traces, std::vector<uint64_t>{trace});
    EXPECT_EQ(answer.stats.segments_opened, 1U);
  }
  void expect_unopened(const Answer& answer) {
    EXPECT_TRUE(answer.traces.empty());
    EXPECT_EQ(answer.stats.segments_opened, 0U);
    EXPECT_EQ(answer.stats.blocks_read, 0U);
  }
  void expect_all_values_found(uint64_t trace) {
    expect_found(ask("id", "request " + std::to_string(trace * 7919)), trace);
    expect_found(ask("size", static_cast<int64_t>(trace * 1'000'003)), trace);
    expect_found(ask("size", static_cast<double>(trace * 1'000'003)), trace);
    expect_found(ask("cost", static_cast<double>(trace) + 0.5, data::AttributeScope::kSpan), trace);
    expect_found(ask("rare." + std::to_string(trace % 16), "of " + std::to_string(trace)), trace);
    expect_found(ask("token", "t" + std::to_string(trace * 104'729), data::AttributeScope::kEvent), trace);
  }
  void expect_absent_values_unopened() {
    expect_unopened(ask("id", "request 1"));
    expect_unopened(ask("size", int64_t{12}));
    expect_unopened(ask("cost", 7.25));
    expect_unopened(ask("rare.3", "of nothing"));
    expect_unopened(ask("token", "t1", data::AttributeScope::kEvent));
  }

  std::string segment_path() {
    for (const std::string& path : bench_.files.paths()) {
      if (path.ends_with(".segment")) return path;
    }
    return {};
  }

  /// Opens the store again with every frame of a kind changed.
  void damage(FrameKind kind, const std::function<void(std::string& bytes, uint64_t content)>& change) {
    const std::string path = segment_path();
    bench_.kill();
    std::string bytes = bench_.files.content(path);
    auto file = *bench_.files.open(path, Files::Open::kRead);
    FrameWalk walk(*file, bytes.size(), 0);
    uint64_t found = 0;
    for (auto frame = *walk.next(); frame; frame = *walk.next()) {
      if (frame->header.kind != kind) continue;
      change(bytes, frame->offset + kFrameHeaderBytes);
      ++found;
    }
    ASSERT_GT(found, 0U);
    bench_.files.set_content(path, bytes);
    bench_.open();
  }

  testing::StoreBench bench_;
};

TEST_F(StoreFilters, ASegmentWithoutTheValueIsNotOpened) {
  store_spans(1);
  expect_absent_values_unopened();
  for (uint64_t trace = 1; trace <= kSpans; trace += 23) expect_all_values_found(trace);
  // Of the stripes only the one that has it is read: to find the row, to find its trace, and its rows.
  EXPECT_EQ(ask("id", "request " + std::to_string(100 * 7919)).stats.blocks_read, 3U);
}

TEST_F(StoreFilters, MergedSegmentsHaveFiltersOfTheirOwn) {
  store_spans(1);
  store_spans(1 + kSpans);
  merge();
  expect_absent_values_unopened();
  for (uint64_t trace = 1; trace <= 2 * kSpans; trace += 37) expect_all_values_found(trace);
}

/// Spans with prose of more than 128 bytes, which in merged segments has a vocabulary and a filter of its other words.
class StoreWordFilters : public StoreFilters {
 protected:
  void store_prose(uint64_t begin) {
    std::vector<PlainSpan> spans;
    for (uint64_t i = begin; i < begin + kSpans; ++i) {
      PlainSpan span{.trace = i, .span = i, .start = i * 10, .end = i * 10 + 5};
      std::string prose = R"([{"role":"user","content":"please look at )" + word(i) + R"( and at the host\nof )";
      for (int part = 0; part < 8; ++part) prose += "the very same sentence that all of them have, ";
      span.attributes = {{"prompt", prose + "last" + std::to_string(i) + "\"}]"}};
      spans.push_back(span);
    }
    ASSERT_TRUE(bench_.stored(spans));
    ASSERT_TRUE(bench_.store->seal().has_value());
  }
  static std::string word(uint64_t number) { return "ticket" + std::to_string(number * 7919); }
  Answer contains(const std::string& bytes) { return ask("prompt", bytes, std::nullopt, data::CompareOp::kContains); }
};

TEST_F(StoreWordFilters, AMergedSegmentWithoutTheWordIsNotOpened) {
  store_prose(1);
  store_prose(1 + kSpans);
  EXPECT_EQ(contains("look at " + word(5) + " and").traces, std::vector<uint64_t>{5});
  const Answer sealed = contains("look at ticket5 and");
  EXPECT_TRUE(sealed.traces.empty());
  EXPECT_EQ(sealed.stats.segments_opened, 2U);
  merge();
  expect_unopened(contains("look at ticket5 and"));
  for (uint64_t trace = 1; trace <= 2 * kSpans; trace += 37) {
    expect_found(contains("look at " + word(trace) + " and"), trace);
    expect_found(contains(", last" + std::to_string(trace) + "\"}]"), trace);
  }
  // Words that may go on are not asked for, and all have what all have.
  EXPECT_EQ(contains("ticket5 ").traces.size(), 0U);
  EXPECT_EQ(contains("ticket5 ").stats.segments_opened, 1U);
  EXPECT_EQ(contains("host\\nof the").traces.size(), 2 * kSpans);
}

TEST_F(StoreWordFilters, ALostFilterMeansThatAnyWordMayBeThere) {
  store_prose(1);
  store_prose(1 + kSpans);
  merge();
  damage(FrameKind::kWordFilter, [](std::string& bytes, uint64_t content) { bytes[content + 3] ^= 1; });
  const Answer absent = contains("look at ticket5 and");
  EXPECT_TRUE(absent.traces.empty());
  EXPECT_EQ(absent.stats.segments_opened, 1U);
  EXPECT_GT(bench_.store->status().damages, 0U);
  expect_found(contains("look at " + word(5) + " and"), 5);
}

TEST_F(StoreFilters, PartsOfShortValuesAreLookedFor) {
  store_spans(1);
  expect_unopened(ask("missing", "x", std::nullopt, data::CompareOp::kContains));
  expect_found(ask("id", std::to_string(100 * 7919), std::nullopt, data::CompareOp::kContains), 100);
  EXPECT_TRUE(ask("id", "xyz", std::nullopt, data::CompareOp::kContains).traces.empty());
  EXPECT_TRUE(ask("size", "1", std::nullopt, data::CompareOp::kContains).traces.empty());
}

TEST_F(StoreFilters, OtherComparisonsLookEverywhere) {
  store_spans(1);
  data::ScanSpec spec;
  spec.span.kind = data::SpanFilter::Kind::kCondition;
  spec.span.condition.key = "size";
  spec.span.condition.op = data::CompareOp::kGreater;
  spec.span.condition.type = data::ValueType::kInt;
  spec.span.condition.number = 1'000'003 * static_cast<int64_t>(kSpans - 3);
  EXPECT_EQ(bench_.scan(spec).span_count(), 3U);
}

TEST_F(StoreFilters, ALostFilterMeansThatAnyValueMayBeThere) {
  store_spans(1);
  damage(FrameKind::kFilters, [](std::string& bytes, uint64_t content) { bytes[content + 3] ^= 1; });
  EXPECT_EQ(bench_.store->status().damages, 0U);
  const Answer absent = ask("id", "request 1");
  EXPECT_TRUE(absent.traces.empty());
  EXPECT_EQ(absent.stats.segments_opened, 1U);
  EXPECT_GT(bench_.store->status().damages, 0U);
  for (uint64_t trace = 1; trace <= kSpans; trace += 23) expect_all_values_found(trace);
}

}  // namespace
}  // namespace sextant::persist
