// Sums over heads and segments: each span once, wherever its copies lie; bounds, damage, and what is not looked at.
#include <gtest/gtest.h>

#include <cmath>

#include "persist/head/head_order.h"
#include "persist/scan/limits.h"
#include "persist/scan/scan.h"
#include "persist/segment/segment_writer.h"
#include "tests/support/manual_clock.h"
#include "tests/support/sim_files.h"
#include "tests/support/span_maker.h"

namespace sextant::persist {
namespace {

using data::AggregateEnd;
using data::AggregateFunction;
using data::AggregateSpec;
using data::SpanField;
using testing::PlainSpan;

const data::SpanColumn kDuration{SpanField::kDuration, std::nullopt, {}};

class ScanAggregate : public ::testing::Test {
 protected:
  void add_head(const std::vector<PlainSpan>& spans) {
    if (snapshot_.heads.empty()) snapshot_.heads.push_back(std::make_shared<HeadTable>());
    auto batch = make_head_batch(testing::batch_of(spans), LedgerHold());
    batch->sequence = ++snapshot_.sequence;
    snapshot_.heads.back()->append(std::move(batch));
  }

  /// Stripes of as many rows as the first list has.
  void add_segment(const std::vector<std::vector<PlainSpan>>& lists) {
    ASSERT_TRUE(files_.make_directories("/data").has_value());
    const std::string name = "/data/segment" + std::to_string(segments_made_++);
    std::vector<PlainSpan> spans;
    for (const auto& list : lists) spans.insert(spans.end(), list.begin(), list.end());
    const auto batch = make_head_batch(testing::batch_of(spans), LedgerHold());
    SegmentInfo info;
    info.file_id = 1;
    info.first_sequence = info.last_sequence = batch->sequence = ++snapshot_.sequence;
    const auto writer =
        SegmentWriter::create(files_, name, info, {static_cast<uint32_t>(lists[0].size()), Effort::kNone});
    ASSERT_TRUE(writer.has_value());
    RowSource source(batch->batch, (*writer)->tables());
    const HeadBatchPtr only = batch;
    const auto written = for_each_trace(std::span(&only, 1), {}, [&](const OrderedTrace& trace) -> Result<void> {
      for (const RowRef& ref : trace.rows) TRY((*writer)->add_rows(source, std::span(&ref.row, 1)));
      RunPart part;
      part.summary.trace_id = trace.id;
      part.starts = trace.starts;
      (*writer)->end_trace(part);
      return {};
    });
    ASSERT_TRUE(written.has_value());
    ASSERT_TRUE((*writer)->finish().has_value());
    open_segment(name);
  }
  void open_segment(const std::string& name) {
    auto segment = Segment::open(files_, name, name, ledger_, cache_);
    ASSERT_TRUE(segment.has_value()) << segment.error().message();
    snapshot_.segments.push_back(std::move(*segment));
  }

  Result<AggregateEnd> ask(const AggregateSpec& spec) {
    return scan_aggregate(snapshot_, spec, {clock_, ledger_, [this](const std::string&) { ++damages_; }, true});
  }
  /// The first column.
  std::vector<double> numbers(const AggregateSpec& spec) {
    const auto end = ask(spec);
    EXPECT_TRUE(end.has_value()) << end.error().message();
    return end ? end->columns[0].numbers : std::vector<double>{};
  }

  static AggregateSpec counting() {
    AggregateSpec spec;
    spec.calls = {{}};
    return spec;
  }

  testing::SimFiles files_{1};
  testing::ManualClock clock_{1};
  MemoryLedger ledger_{64 << 20};
  SliceCache cache_{16ULL << 20, ledger_};
  Snapshot snapshot_;
  int segments_made_ = 0;
  int damages_ = 0;
};

std::vector<PlainSpan> trace(uint64_t id, uint64_t spans, uint64_t start = 1000) {
  std::vector<PlainSpan> out;
  for (uint64_t i = 1; i <= spans; ++i) {
    out.push_back(
        {.trace = id, .span = i, .name = "n" + std::to_string(i % 2), .start = start + i, .end = start + 3 * i});
  }
  return out;
}

TEST_F(ScanAggregate, NothingStoredIsNoRow) {
  const auto end = ask(counting());
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->rows, 0U);
}

TEST_F(ScanAggregate, CopiesCountOnceWhereverTheyLie) {
  add_segment({trace(1, 3), trace(2, 40)});
  add_segment({trace(2, 41), trace(3, 2)});
  add_head(trace(3, 3));
  add_head(trace(3, 2));
  auto twice = trace(4, 3);
  for (const PlainSpan& span : trace(4, 3)) twice.push_back(span);
  add_head(twice);
  auto many = trace(5, 30);
  for (const PlainSpan& span : trace(5, 20)) many.push_back(span);
  add_head(many);
  EXPECT_EQ(numbers(counting()), std::vector<double>{3 + 41 + 3 + 3 + 30});
  // A copy that differs is a span of its own.
  auto changed = trace(2, 1);
  changed[0].status = data::kError;
  add_head(changed);
  EXPECT_EQ(numbers(counting()), std::vector<double>{3 + 41 + 3 + 3 + 30 + 1});
}

TEST_F(ScanAggregate, GroupsByEveryKindOfColumn) {
  add_segment({{{.trace = 1,
                 .span = 1,
                 .name = "a",
                 .service = "s",
                 .start = 1,
                 .end = 11,
                 .status = data::kError,
                 .kind = data::kServer,
                 .attributes = {{"k", int64_t{7}}},
                 .resource = {{"zone", "z"}}}}});
  add_head({{.trace = 2, .span = 1, .name = "b", .service = "t", .start = 2, .end = 22, .attributes = {{"k", "7"}}}});
  const auto groups = [&](data::SpanColumn column) {
    AggregateSpec spec = counting();
    spec.by = {std::move(column)};
    std::vector<std::string> out;
    const auto end = ask(spec);
    EXPECT_TRUE(end.has_value());
    for (const data::ValueCode code : end->groups[0]) {
      const data::ValueView v = end->values.view(code);
      out.push_back(fmt::format("{} {} {}", data::to_string(v.type), v.number, v.bytes));
    }
    return out;
  };
  using Strings = std::vector<std::string>;
  EXPECT_EQ(groups({SpanField::kName, {}, {}}), (Strings{"string 0 a", "string 0 b"}));
  EXPECT_EQ(groups({SpanField::kService, {}, {}}), (Strings{"string 0 s", "string 0 t"}));
  EXPECT_EQ(groups({SpanField::kKind, {}, {}}), (Strings{"int 1 ", "int 2 "}));
  EXPECT_EQ(groups({SpanField::kStatus, {}, {}}), (Strings{"int 0 ", "int 2 "}));
  EXPECT_EQ(groups({SpanField::kAttribute, {}, "k"}), (Strings{"string 0 7", "int 7 "}));
  EXPECT_EQ(groups({SpanField::kAttribute, {}, "zone"}), (Strings{"empty 0 ", "string 0 z"}));
  EXPECT_EQ(groups({SpanField::kAttribute, data::AttributeScope::kSpan, "zone"}), (Strings{"empty 0 "}));
  EXPECT_EQ(groups({SpanField::kAttribute, data::AttributeScope::kResource, "zone"}),
            (Strings{"empty 0 ", "string 0 z"}));
  EXPECT_EQ(groups({SpanField::kAttribute, {}, "nowhere"}), (Strings{"empty 0 "}));
}

TEST_F(ScanAggregate, StepsAreOfTheStart) {
  add_segment({{{.trace = 1, .span = 1, .start = 95, .end = 300}, {.trace = 1, .span = 2, .start = 100, .end = 105}}});
  add_head({{.trace = 2, .span = 1, .start = 250, .end = 0}});
  AggregateSpec spec = counting();
  spec.calls.push_back({AggregateFunction::kMax, kDuration, 0, {}});
  spec.step_nanos = 100;
  const auto end = ask(spec);
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->steps, (std::vector<UnixNanos>{0, 100, 200}));
  EXPECT_EQ(end->columns[0].numbers, (std::vector<double>{1, 1, 1}));
  EXPECT_EQ(end->columns[1].numbers[0], 205);
  EXPECT_EQ(end->columns[1].numbers[1], 5);
  EXPECT_TRUE(std::isnan(end->columns[1].numbers[2]));  // it has not ended
  spec.time = {96, 249};
  EXPECT_EQ(ask(spec)->steps, (std::vector<UnixNanos>{100}));
}

/// Every function of durations, by name and step.
AggregateSpec everything() {
  AggregateSpec spec;
  spec.by = {{SpanField::kName, {}, {}}};
  spec.step_nanos = 1000;
  for (const auto function : {AggregateFunction::kCount, AggregateFunction::kSum, AggregateFunction::kMin,
                              AggregateFunction::kMax, AggregateFunction::kQuantile}) {
    spec.calls.push_back({function, kDuration, 0.95, {}});
  }
  spec.calls.push_back({});
  return spec;
}

void expect_same(const AggregateEnd& a, const AggregateEnd& b) {
  ASSERT_EQ(a.rows, b.rows);
  EXPECT_EQ(a.steps, b.steps);
  for (uint32_t row = 0; row < a.rows; ++row) {
    EXPECT_TRUE(a.values.view(a.groups[0][row]) == b.values.view(b.groups[0][row])) << row;
    for (size_t call = 0; call < a.columns.size(); ++call) {
      const double left = a.columns[call].numbers[row];
      const double right = b.columns[call].numbers[row];
      EXPECT_TRUE(left == right || (std::isnan(left) && std::isnan(right))) << call << " " << left << " " << right;
    }
  }
}

TEST_F(ScanAggregate, DurationsAreTheSameWithAndWithoutStarts) {
  constexpr uint64_t kLate = uint64_t{1} << 63;
  const std::vector<std::pair<uint64_t, uint64_t>> times[] = {
      {{5, 5}, {6, 9}},                             // nothing unusual
      {{0, 0}, {0, 7}},                             // a start of 0: the end of 0 means that there is none
      {{5, 0}, {6, 2}, {7, 8}},                     // one has not ended, one ended before it began
      {{kLate + 5, 0}, {kLate + 5, kLate + 7}},     // a missing end that looks like a length
      {{UINT64_MAX - 1, 3}, {UINT64_MAX - 9, 0}}};  // an end before the start that looks like one behind it
  for (const auto& list : times) {
    std::vector<PlainSpan> spans;
    for (const auto& [start, end] : list) spans.push_back({.span = spans.size() + 1, .start = start, .end = end});
    snapshot_ = {};
    add_head(spans);
    const auto of_head = ask(everything());
    snapshot_ = {};
    add_segment({spans});
    const auto of_segment = ask(everything());
    ASSERT_TRUE(of_head.has_value() && of_segment.has_value());
    expect_same(*of_head, *of_segment);
  }
}

TEST_F(ScanAggregate, ManyStripesAreSummedUpByTwoThreads) {
  std::vector<std::vector<PlainSpan>> stripes;
  std::vector<PlainSpan> all;
  for (uint64_t id = 1; id <= 6 * kLentStripesMin; ++id) {
    stripes.push_back(trace(id, 7, id * 400));
    for (PlainSpan& span : stripes.back()) span.name += id > 4 * kLentStripesMin ? " late" : "";
    all.insert(all.end(), stripes.back().begin(), stripes.back().end());
  }
  add_segment(stripes);
  const auto shared = ask(everything());
  ASSERT_TRUE(shared.has_value());
  EXPECT_EQ(shared->stats.blocks_read, 6 * kLentStripesMin);
  EXPECT_EQ(shared->stats.rows_read, all.size());
  EXPECT_EQ(shared->stats.segments_opened, 1U);

  std::string bytes = files_.content("/data/segment0");
  const auto blocks = (*snapshot_.segments[0]->index())->blocks;
  bytes[blocks[0].offset + kFrameHeaderBytes + 8] ^= 1;
  bytes[blocks.back().offset + kFrameHeaderBytes + 8] ^= 1;
  snapshot_ = {};
  add_head(all);
  const auto alone = ask(everything());
  ASSERT_TRUE(alone.has_value());
  expect_same(*shared, *alone);

  // A part of the same time has copies of what stands in the first stripes and the last.
  snapshot_ = {};
  open_segment("/data/segment0");
  std::vector<PlainSpan> copies = stripes.front();
  copies.insert(copies.end(), stripes.back().begin(), stripes.back().end());
  add_head(copies);
  const auto with_copies = ask(everything());
  ASSERT_TRUE(with_copies.has_value());
  expect_same(*with_copies, *alone);

  // What both cannot read is said, once since it is said in the same words; the limit holds for both together.
  files_.set_content("/data/segment0", bytes);
  snapshot_ = {};
  open_segment("/data/segment0");
  EXPECT_EQ(numbers(counting()), std::vector<double>{static_cast<double>(all.size() - 14)});
  EXPECT_EQ(damages_, 1);
  AggregateSpec narrow = everything();
  narrow.cells_max = alone->rows - 1;
  EXPECT_EQ(ask(narrow).error().code(), ErrorCode::kTooLarge);
}

TEST_F(ScanAggregate, WhatCannotMatchIsNotRead) {
  add_segment({trace(1, 3, 1000), trace(2, 3, 2000)});
  add_segment({trace(3, 3, 9000)});
  AggregateSpec spec = counting();
  spec.time = {2000, 3000};
  auto end = ask(spec);
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->columns[0].numbers, std::vector<double>{3});
  EXPECT_EQ(end->stats.segments, 2U);
  EXPECT_EQ(end->stats.segments_opened, 1U);
  EXPECT_EQ(end->stats.blocks_read, 1U);
  EXPECT_EQ(end->stats.rows_read, 3U);
  spec.time = {};
  spec.span.kind = data::SpanFilter::Kind::kCondition;
  spec.span.condition.field = SpanField::kName;
  spec.span.condition.bytes = "n1";
  EXPECT_EQ(numbers(spec), std::vector<double>{6});
  spec.span.condition.bytes = "absent";
  end = ask(spec);
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->rows, 0U);
  EXPECT_EQ(end->stats.blocks_read, 0U);
}

TEST_F(ScanAggregate, TheGreatestGroupsAreKept) {
  std::vector<PlainSpan> spans;
  for (uint64_t i = 1; i <= 10; ++i)
    spans.push_back({.span = i, .name = "n" + std::to_string(i), .start = i, .end = 2 * i});
  add_head(spans);
  AggregateSpec spec;
  spec.by = {{SpanField::kName, {}, {}}};
  spec.calls = {{AggregateFunction::kSum, kDuration, 0, {}}};
  spec.groups_max = 3;
  const auto end = ask(spec);
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->columns[0].numbers, (std::vector<double>{10, 9, 8}));
  EXPECT_EQ(end->groups_found, 10U);
  spec.cells_max = 9;
  EXPECT_EQ(ask(spec).error().code(), ErrorCode::kTooLarge);
}

TEST_F(ScanAggregate, EndsWhenItMust) {
  add_head(trace(1, 3));
  AggregateSpec spec = counting();
  spec.deadline_steady_nanos = clock_.steady_nanos();
  EXPECT_EQ(ask(spec).error().code(), ErrorCode::kDeadlineExceeded);
  spec = counting();
  std::stop_source stop;
  stop.request_stop();
  spec.cancel = stop.get_token();
  EXPECT_EQ(ask(spec).error().code(), ErrorCode::kCancelled);
  LedgerHold all;
  ASSERT_TRUE(ledger_.reserve(ledger_.limit_bytes() - ledger_.used_bytes() - 8, all));
  EXPECT_EQ(ask(counting()).error().code(), ErrorCode::kResourceExhausted);
  spec = counting();
  spec.calls.clear();
  EXPECT_EQ(ask(spec).error().code(), ErrorCode::kInvalidArgument);
}

TEST_F(ScanAggregate, ADamagedBlockIsSaidAndTheRestCounts) {
  add_segment({trace(1, 3), trace(2, 4)});
  const auto index = snapshot_.segments[0]->index();
  ASSERT_TRUE(index.has_value());
  std::string bytes = files_.content("/data/segment0");
  bytes[(*index)->blocks[0].offset + kFrameHeaderBytes + 8] ^= 1;
  files_.set_content("/data/segment0", bytes);
  snapshot_.segments.clear();
  open_segment("/data/segment0");
  const auto end = ask(counting());
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->columns[0].numbers, std::vector<double>{4});
  EXPECT_EQ(end->damages.size(), 1U);
  EXPECT_EQ(damages_, 1);
}

}  // namespace
}  // namespace sextant::persist
