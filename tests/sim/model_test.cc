// The store beside PlainStore, which looks at everything and shares no code with it: the same batches, the same
// questions, the same answers; with tiny blocks, sealed now and then, reopened, with copies and late spans.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "tests/sim/seeds.h"
#include "tests/support/plain_store.h"
#include "tests/support/store_bench.h"

namespace sextant::sim {
namespace {

using data::Condition;
using data::ScanSpec;
using data::SpanFilter;
using testing::KeepingSink;
using testing::PlainSpan;
using testing::StoreBench;

constexpr int kSteps = 40;
constexpr uint64_t kTraces = 30;

/// Thread-confined.
class Comparison {
 public:
  explicit Comparison(uint64_t seed) : random_(seed), bench_(seed), own_keys_(seed % 3 == 0) {
    bench_.settings.block_rows = static_cast<uint32_t>(1 + random_.below(12));
    bench_.settings.seal_spans = 5 + random_.below(100);
    bench_.settings.compact_segments = static_cast<uint32_t>(2 + random_.below(5));
    bench_.settings.compact_rows = 20 + random_.below(400);
    bench_.open();
  }

  void run() {
    for (int step = 0; step < kSteps && !::testing::Test::HasFailure(); ++step) {
      const uint64_t what = random_.below(16);
      if (what == 0) {
        ASSERT_TRUE(bench_.store->seal().has_value());
      } else if (what == 1) {
        bench_.lose_power();
        bench_.open();
      } else if (what < 7) {
        send();
      } else if (what < 9) {
        compare_spans();
      } else if (what < 11) {
        compare_aggregates();
      } else if (what == 14) {
        erase();
      } else if (what == 15) {
        be_idle();
      } else {
        compare_runs();
      }
    }
    // When what was deleted is gone from everywhere, its names are too.
    for (int i = 0; i < kIdleStepsMax && bench_.files.exists(kDeletedFile).value_or(false); ++i) be_idle();
    ASSERT_FALSE(bench_.files.exists(kDeletedFile).value_or(true));
    compare_names();
    compare_runs();
  }

 private:
  static constexpr const char* kDeletedFile = "/data/default/deleted";
  static constexpr int kIdleStepsMax = 200;

  void be_idle() {
    bench_.clock.advance(kNanosPerSecond);
    bench_.store->tick();
  }

  void erase() {
    const data::TraceId id = testing::trace_id(1 + random_.below(kTraces));
    const Result<void> erased = bench_.store->erase_trace(id);
    const Result<void> expected = plain_.erase_trace(id);
    ASSERT_EQ(erased.has_value(), expected.has_value());
    if (!erased) {
      ASSERT_EQ(erased.error().code(), ErrorCode::kNotFound);
    }
  }

  void send() {
    std::vector<PlainSpan> spans;
    for (uint64_t i = 1 + random_.below(8); i > 0; --i) {
      if (!sent_.empty() && random_.below(6) == 0) {
        spans.push_back(sent_[random_.below(sent_.size())]);
        continue;
      }
      spans.push_back(make_span());
      sent_.push_back(spans.back());
    }
    plain_.add(testing::batch_of(spans));
    ASSERT_TRUE(bench_.stored(spans));
  }

  PlainSpan make_span() {
    const uint64_t number = sent_.size() + 1;
    PlainSpan span{.trace = 1 + random_.below(kTraces), .span = number};
    // One root a trace, so that both name the run alike; it may come late.
    const bool is_root = random_.below(4) == 0 && roots_.insert(span.trace).second;
    span.parent = is_root ? 0 : 1'000'000;
    span.start = span.trace * 500 + random_.below(3000);
    span.end = span.start + random_.below(400);
    span.name = "name " + std::to_string(random_.below(4));
    span.service = "service " + std::to_string(random_.below(3));
    span.kind = static_cast<int32_t>(random_.below(6));
    span.status = static_cast<int32_t>(random_.below(3));
    span.attributes = {{"int", static_cast<int64_t>(random_.below(5))}};
    if (random_.below(2) == 0) span.attributes.emplace_back("text", "value " + std::to_string(random_.below(4)));
    if (random_.below(3) == 0) span.attributes.emplace_back("prose", prose(20 + random_.below(200)));
    if (random_.below(3) == 0) span.attributes.emplace_back("real", static_cast<double>(random_.below(4)));
    // Keys that one or two spans have: nine of them fill the form for rare keys.
    for (int i = 0; own_keys_ && i < 9; ++i) {
      span.attributes.emplace_back("own " + std::to_string(number / 2 * 9 + static_cast<uint64_t>(i)),
                                   static_cast<int64_t>(random_.below(5)));
    }
    if (random_.below(3) == 0) span.event = {{"in event", static_cast<int64_t>(random_.below(3))}};
    if (random_.below(3) == 0) span.resource = {{"zone", "z" + std::to_string(random_.below(2))}};
    return span;
  }

  /// Words with a number among them; every other one is long enough to lie among the texts.
  std::string prose(uint64_t length) {
    std::string text;
    while (text.size() < length)
      text += "word " + std::to_string(random_.below(40)) + (text.size() % 3 == 0 ? "," : "\\n");
    return text;
  }

  Condition random_condition() {
    Condition c;
    c.field = static_cast<data::SpanField>(random_.below(7));
    c.op = static_cast<data::CompareOp>(random_.below(8));
    c.type = data::ValueType::kInt;
    c.number = static_cast<int64_t>(random_.below(6));
    if (c.field == data::SpanField::kDuration) c.number = static_cast<int64_t>(random_.below(400));
    if (c.field == data::SpanField::kStart) c.number = static_cast<int64_t>(random_.below(18'000));
    const auto text = [&](std::string value) {
      c.type = data::ValueType::kString;
      c.number = 0;
      c.bytes = std::move(value);
    };
    if (c.field == data::SpanField::kName) text("name " + std::to_string(random_.below(5)));
    if (c.field == data::SpanField::kService) text("service " + std::to_string(random_.below(4)));
    if (c.field == data::SpanField::kAttribute) {
      constexpr const char* kKeys[] = {"int", "text", "real", "in event", "zone", "absent", "service.name", "prose"};
      c.key = kKeys[random_.below(8)];
      if (own_keys_ && random_.below(3) == 0) c.key = "own " + std::to_string(random_.below(9 * sent_.size() / 2 + 1));
      if (random_.below(2) == 0) c.scope = static_cast<data::AttributeScope>(random_.below(5));
      if (c.key == "text") text("value " + std::to_string(random_.below(5)));
      if (c.key == "zone") text("z" + std::to_string(random_.below(3)));
      if (c.key == "prose") text(prose(1 + random_.below(20)));
    }
    if (c.op == data::CompareOp::kContains && c.bytes.size() > 2) {
      c.bytes = c.bytes.substr(random_.below(3), 1 + random_.below(c.bytes.size()));
    }
    return c;
  }

  SpanFilter random_filter(int depth) {
    SpanFilter filter;
    const uint64_t kind = depth == 0 ? 3 : random_.below(6);
    if (kind >= 3) {
      filter.kind = SpanFilter::Kind::kCondition;
      filter.condition = random_condition();
      return filter;
    }
    filter.kind = static_cast<SpanFilter::Kind>(kind);
    const uint64_t children = filter.kind == SpanFilter::Kind::kNot ? 1 : 1 + random_.below(3);
    for (uint64_t i = 0; i < children; ++i) filter.children.push_back(random_filter(depth - 1));
    return filter;
  }

  static std::multiset<std::string> ids(const KeepingSink& sink) {
    std::multiset<std::string> out;
    for (const data::Batch& batch : sink.batches) {
      for (const data::SpanId& id : batch.spans.span_id) out.insert(id.hex());
    }
    return out;
  }

  KeepingSink ask_plain(const ScanSpec& spec, data::ScanEnd* end) {
    KeepingSink sink;
    const auto result = plain_.scan(spec, sink);
    EXPECT_TRUE(result.has_value());
    if (end != nullptr) *end = *result;
    return sink;
  }

  void compare_spans() {
    ScanSpec spec;
    if (random_.below(3) > 0) spec.span = random_filter(2);
    if (random_.below(3) == 0) spec.run.trace_ids = {testing::trace_id(1 + random_.below(kTraces + 3))};
    if (random_.below(5) == 0) spec.run.states = {data::RunState::kRunning};
    ASSERT_EQ(ids(bench_.scan(spec)), ids(ask_plain(spec, nullptr)));
  }

  data::SpanColumn random_column() {
    constexpr const char* kKeys[] = {"int", "text", "real", "zone", "absent"};
    data::SpanColumn column;
    column.key = kKeys[random_.below(5)];
    if (random_.below(3) == 0) column.scope = static_cast<data::AttributeScope>(random_.below(3));
    return column;
  }

  data::AggregateCall random_call() {
    data::AggregateCall call;
    call.function = static_cast<data::AggregateFunction>(random_.below(7));
    if (call.function != data::AggregateFunction::kCount || random_.below(2) == 0) call.of = random_column();
    if (call.of && random_.below(2) == 0) call.of = data::SpanColumn{data::SpanField::kDuration, {}, {}};
    call.quantile = static_cast<double>(random_.below(11)) / 10;
    if (call.function == data::AggregateFunction::kHistogram) call.bounds = {1, 2.5, 100};
    return call;
  }

  data::AggregateSpec random_aggregate() {
    constexpr data::SpanField kFields[] = {data::SpanField::kService, data::SpanField::kName, data::SpanField::kKind,
                                           data::SpanField::kStatus};
    data::AggregateSpec spec;
    if (random_.below(2) == 0) spec.span = random_filter(1);
    if (random_.below(3) == 0) spec.time.from = random_.below(15'000);
    if (random_.below(3) == 0) spec.time.to = spec.time.from + random_.below(8000);
    if (random_.below(2) == 0) spec.step_nanos = 1 + random_.below(3000);
    for (uint64_t i = random_.below(4); i > 0; --i) {
      spec.by.push_back(random_column());
      if (random_.below(2) == 0) spec.by.back() = {kFields[random_.below(4)], {}, {}};
    }
    for (uint64_t i = 1 + random_.below(4); i > 0; --i) spec.calls.push_back(random_call());
    // Order by something exact, so that both put the groups in the same order.
    spec.order_call = static_cast<uint32_t>(spec.calls.size());
    spec.calls.push_back({});
    if (random_.below(3) == 0) spec.groups_max = static_cast<uint32_t>(1 + random_.below(5));
    return spec;
  }

  void compare_aggregates() {
    const data::AggregateSpec spec = random_aggregate();
    const auto seen = bench_.store->aggregate(spec);
    const auto expected = plain_.aggregate(spec);
    ASSERT_TRUE(seen.has_value() && expected.has_value());
    ASSERT_EQ(seen->rows, expected->rows);
    EXPECT_EQ(seen->groups_found, expected->groups_found);
    EXPECT_EQ(seen->steps, expected->steps);
    for (size_t column = 0; column < spec.by.size(); ++column) {
      for (uint32_t row = 0; row < seen->rows; ++row) {
        EXPECT_TRUE(seen->values.view(seen->groups[column][row]) ==
                    expected->values.view(expected->groups[column][row]));
      }
    }
    for (size_t call = 0; call < spec.calls.size(); ++call) {
      EXPECT_EQ(seen->columns[call].buckets, expected->columns[call].buckets);
      const bool exact = spec.calls[call].function != data::AggregateFunction::kQuantile;
      compare_numbers(seen->columns[call].numbers, expected->columns[call].numbers, exact ? 1e-12 : 0.008);
    }
  }

  static void compare_numbers(const std::vector<double>& seen, const std::vector<double>& expected, double error) {
    ASSERT_EQ(seen.size(), expected.size());
    for (size_t i = 0; i < seen.size(); ++i) {
      ASSERT_EQ(std::isnan(seen[i]), std::isnan(expected[i]));
      if (std::isnan(seen[i])) continue;
      EXPECT_NEAR(seen[i], expected[i], std::fabs(expected[i]) * error);
    }
  }

  void compare_runs() {
    ScanSpec spec;
    spec.rows = ScanSpec::Rows::kRuns;
    if (random_.below(2) == 0) spec.span = random_filter(1);
    if (random_.below(3) == 0) spec.time.from = random_.below(15'000);
    if (random_.below(3) == 0) spec.time.to = spec.time.from + random_.below(8000);
    if (random_.below(5) == 0) spec.run.states = {static_cast<data::RunState>(random_.below(3))};
    if (random_.below(5) == 0) spec.run.services = {"service " + std::to_string(random_.below(3))};
    if (random_.below(5) == 0) spec.run.duration_min_nanos = random_.below(3000);
    if (random_.below(3) == 0) spec.rows_max = 1 + random_.below(6);
    data::ScanEnd end;
    data::ScanEnd plain_end;
    do {
      const KeepingSink seen = bench_.scan(spec, &end);
      const KeepingSink expected = ask_plain(spec, &plain_end);
      ASSERT_EQ(seen.runs.size(), expected.runs.size());
      for (size_t i = 0; i < seen.runs.size(); ++i) compare_run(seen.runs[i], expected.runs[i]);
      ASSERT_EQ(end.next.has_value(), plain_end.next.has_value());
      if (!end.next || ::testing::Test::HasFailure()) return;
      ASSERT_EQ(end.next->start, plain_end.next->start);
      ASSERT_EQ(end.next->sequence, plain_end.next->sequence);
      spec.after = end.next;
      // Data arrives and heads are sealed between the pages. A run that matches only since then may be shown or not.
      const bool same_matches = spec.time.from == 0 && spec.span.always();
      if (same_matches && random_.below(2) == 0) send();
      if (same_matches && random_.below(6) == 0) erase();
      const bool seals = random_.below(6) == 0;
      ASSERT_TRUE(!seals || bench_.store->seal().has_value());
    } while (true);
  }

  static void compare_run(const data::RunSummary& seen, const data::RunSummary& expected) {
    ASSERT_EQ(seen.trace_id.hex(), expected.trace_id.hex());
    EXPECT_EQ(seen.start, expected.start);
    EXPECT_EQ(seen.end, expected.end);
    EXPECT_EQ(seen.span_count, expected.span_count);
    EXPECT_EQ(seen.error_count, expected.error_count);
    EXPECT_EQ(seen.state(), expected.state());
    EXPECT_EQ(std::set(seen.services.begin(), seen.services.end()),
              std::set(expected.services.begin(), expected.services.end()));
    if (seen.root_seen) {
      EXPECT_EQ(seen.name, expected.name);
      EXPECT_EQ(seen.service, expected.service);
    }
  }

  void compare_names() {
    using Of = data::NamesSpec::Of;
    for (const Of of : {Of::kServices, Of::kOperations, Of::kAttributeKeys}) {
      data::NamesSpec spec;
      spec.of = of;
      const auto names = [&](data::Reader& reader) {
        std::set<std::string> out;
        const auto result = reader.names(spec);
        EXPECT_TRUE(result.has_value());
        for (const data::Name& name : result->names) {
          // The plain store leaves out the attributes of scopes and links; there are none here.
          out.insert(fmt::format("{}/{}/{}/{}", name.service, name.text, name.kind, static_cast<int>(name.type)));
        }
        return out;
      };
      ASSERT_EQ(names(*bench_.store), names(plain_));
    }
  }

  SeededRandom random_;
  StoreBench bench_;
  const bool own_keys_;
  testing::PlainStore plain_;
  std::vector<PlainSpan> sent_;
  std::set<uint64_t> roots_;
};

TEST(Model, SameAnswersAsAStoreThatLooksAtEverything) {
  for_each_seed(200, [](uint64_t seed) { Comparison(seed).run(); });
}

}  // namespace
}  // namespace sextant::sim
