// Questions against a plain store: what the module answers is compared with what looking at every run says.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "base/sys/random.h"
#include "query/traces/live_metrics.h"
#include "query/traces/names.h"
#include "query/traces/overview.h"
#include "query/traces/run_list.h"
#include "query/traces/trace.h"
#include "tests/support/plain_store.h"
#include "tests/support/span_maker.h"

namespace sextant::query {
namespace {

using testing::PlainSpan;
using testing::PlainStore;

constexpr uint64_t kSecond = kNanosPerSecond;
constexpr UnixNanos kNow = 1'700'000'000 * kSecond;

class Questions : public ::testing::Test {
 protected:
  PlainStore store_;
  MemoryLedger ledger_{64 << 20};
  Context context_{store_, ledger_};

  /// All runs of the question, by following the pages.
  std::vector<data::RunSummary> all(const RunQuestion& question, uint32_t page = 1000) {
    std::vector<data::RunSummary> runs;
    std::optional<data::RunCursor> after;
    do {
      auto found = list_runs(context_, question, page, after);
      EXPECT_TRUE(found.has_value());
      for (auto& run : found->runs) runs.push_back(std::move(run));
      after = found->next;
    } while (after);
    return runs;
  }

  void fill(uint64_t seed, uint64_t runs) {
    SeededRandom random(seed);
    const std::vector<std::string> words = {"alpha", "beta", "gamma", "delta"};
    const auto word = [&] { return words[random.below(words.size())]; };
    for (uint64_t run = 1; run <= runs; ++run) {
      std::vector<PlainSpan> spans;
      const UnixNanos start = kNow - random.below(3600) * kSecond;
      const uint64_t count = 1 + random.below(4);
      for (uint64_t i = 1; i <= count; ++i) {
        PlainSpan span{.trace = run,
                       .span = i,
                       .parent = i == 1 && random.below(5) == 0 ? 77 : i - 1,
                       .name = word(),
                       .service = word(),
                       .start = start + i * 1000,
                       .end = start + i * 1000 + random.below(1ULL << (10 + random.below(30)))};
        span.status = random.below(4) == 0 ? data::kError : data::kUnset;
        span.kind = static_cast<int32_t>(random.below(6));
        span.attributes = {{"gen_ai.agent.name", word()}, {"gen_ai.request.model", word()}};
        if (random.below(2) == 0) span.attributes.emplace_back("gen_ai.tool.name", word());
        if (random.below(2) == 0) {
          span.attributes.emplace_back("gen_ai.usage.input_tokens", static_cast<int64_t>(random.below(1000)));
          span.attributes.emplace_back("gen_ai.usage.output_tokens", static_cast<int64_t>(random.below(100)));
        }
        span.resource = {{"deployment.environment.name", word()}};
        spans.push_back(std::move(span));
      }
      store_.add(testing::batch_of(spans));
    }
  }
};

TEST_F(Questions, PagesAreStableWhileDataArrives) {
  fill(1, 50);
  std::vector<data::TraceId> expected;
  for (const auto& run : all({})) expected.push_back(run.trace_id);

  std::vector<data::TraceId> seen;
  std::optional<data::RunCursor> after;
  uint64_t fresh = 1000;
  do {
    const auto page = list_runs(context_, {}, 7, after);
    ASSERT_TRUE(page.has_value());
    for (const auto& run : page->runs) seen.push_back(run.trace_id);
    after = page->next;
    // A new run in front, one in the past, and an earlier span of a run of the next page.
    store_.add(testing::batch_of({{.trace = ++fresh, .start = kNow + fresh, .end = kNow + fresh + 1}}));
    store_.add(testing::batch_of({{.trace = ++fresh, .start = kNow - 1800 * kSecond, .end = kNow}}));
    const uint64_t moved = 1 + fresh % 50;
    store_.add(
        testing::batch_of({{.trace = moved, .span = fresh, .parent = 1, .start = kNow - 4000 * kSecond, .end = kNow}}));
  } while (after);
  EXPECT_EQ(seen, expected);
}

TEST_F(Questions, FiltersOnOneSpanMeanOneSpan) {
  store_.add(testing::batch_of({{.trace = 1, .span = 1, .name = "a", .kind = data::kServer},
                                {.trace = 1, .span = 2, .parent = 1, .name = "b", .kind = data::kClient},
                                {.trace = 2, .span = 1, .name = "a", .kind = data::kClient}}));
  RunQuestion question;
  add_condition(question.span, any_of(data::SpanField::kName, std::vector<std::string>{"a", "c"}));
  EXPECT_EQ(all(question).size(), 2u);
  add_condition(question.span, any_of(data::SpanField::kKind, std::vector<int64_t>{data::kClient}));
  ASSERT_EQ(all(question).size(), 1u);
  EXPECT_EQ(all(question).front().trace_id, testing::trace_id(2));
}

uint64_t count_of(const std::vector<FacetValue>& values, const std::string& value) {
  for (const FacetValue& v : values) {
    if (v.value == value) return v.count;
  }
  return 0;
}

/// The question with one facet's own choice taken back.
RunQuestion without(RunQuestion question, Facet facet) {
  switch (facet) {
    case Facet::kState:
      question.run.states.clear();
      break;
    case Facet::kAgent:
      question.run.agents.clear();
      break;
    case Facet::kModel:
      question.run.models.clear();
      break;
    case Facet::kTool:
      question.run.tools.clear();
      break;
    case Facet::kService:
      question.run.services.clear();
      break;
    case Facet::kEnvironment:
      question.run.environments.clear();
      break;
  }
  return question;
}

std::vector<std::string> facet_values(const data::RunSummary& run, Facet facet) {
  switch (facet) {
    case Facet::kState:
      return {std::string(to_string(run.state()))};
    case Facet::kAgent:
      return run.agents;
    case Facet::kModel:
      return run.models;
    case Facet::kTool:
      return run.tools;
    case Facet::kService:
      return run.services;
    case Facet::kEnvironment:
      return {run.environment};
  }
  return {};
}

std::vector<RunQuestion> some_questions() {
  std::vector<RunQuestion> questions(7);
  questions[1].run.services = {"alpha"};
  questions[2].run.states = {data::RunState::kError, data::RunState::kRunning};
  questions[2].run.models = {"beta", "gamma"};
  questions[3].run.environments = {"delta"};
  questions[3].run.tools = {"nowhere"};
  questions[4].run.agents = {"alpha"};
  questions[4].run.duration_min_nanos = 1'000'000;
  add_condition(questions[5].span, any_of(data::SpanField::kName, std::vector<std::string>{"beta"}));
  questions[5].run.services = {"gamma"};
  questions[6].time = {kNow - 900 * kSecond, kNow - 300 * kSecond};
  return questions;
}

TEST_F(Questions, OverviewEqualsCountingEveryRun) {
  fill(2, 300);
  for (const RunQuestion& question : some_questions()) {
    const auto found = overview(context_, question, kNow, 40);
    ASSERT_TRUE(found.has_value());
    const auto runs = all(question);
    uint64_t running = 0;
    uint64_t errors = 0;
    data::TokenCounts tokens;
    std::vector<uint64_t> durations;
    for (const auto& run : runs) {
      running += run.state() == data::RunState::kRunning ? 1 : 0;
      errors += run.error_count > 0 ? 1 : 0;
      tokens.add(run.tokens);
      durations.push_back(run.duration_nanos());
    }
    EXPECT_EQ(found->total, runs.size());
    EXPECT_EQ(found->running, running);
    EXPECT_EQ(found->errors, errors);
    EXPECT_EQ(found->tokens, tokens);
    ASSERT_EQ(found->duration_p95_nanos.has_value(), !runs.empty());
    if (!runs.empty()) {
      std::ranges::sort(durations);
      const double exact = static_cast<double>(durations[static_cast<size_t>(std::ceil(0.95 * durations.size())) - 1]);
      EXPECT_NEAR(static_cast<double>(*found->duration_p95_nanos), exact, exact * 0.016 + 1);
    }
    for (size_t i = 0; i < kFacetCount; ++i) {
      const auto facet = static_cast<Facet>(i);
      std::map<std::string, uint64_t> counts;
      for (const auto& run : all(without(question, facet))) {
        for (const std::string& value : facet_values(run, facet)) ++counts[value];
      }
      for (const auto& [value, count] : counts) EXPECT_EQ(count_of(found->facets[i], value), count) << i << value;
      for (const auto& v : found->facets[i]) EXPECT_EQ(v.count, counts[v.value]) << i << v.value;
    }
  }
}

TEST_F(Questions, ChartsHoldEveryRunThatStartedInThem) {
  fill(3, 300);
  for (const RunQuestion& question : some_questions()) {
    const auto found = overview(context_, question, kNow, 40);
    ASSERT_TRUE(found.has_value());
    ASSERT_LE(found->steps.size(), 40u);
    ASSERT_FALSE(found->steps.empty());
    const UnixNanos end = found->start + found->step_nanos * found->steps.size();
    std::vector<uint64_t> started(found->steps.size());
    uint64_t charted = 0;
    for (const auto& run : all(question)) {
      if (run.start < found->start || run.start >= end) continue;
      ++started[(run.start - found->start) / found->step_nanos];
      ++charted;
    }
    uint64_t cells = 0;
    for (size_t column = 0; column < started.size(); ++column) {
      const OverviewStep& step = found->steps[column];
      EXPECT_EQ(step.ok + step.error + step.running, started[column]);
      for (const auto& row : found->heatmap) cells += row[column];
    }
    EXPECT_EQ(cells, charted);
    EXPECT_EQ(found->duration_bounds.size(), found->heatmap.empty() ? 0 : found->heatmap.size() + 1);
    EXPECT_TRUE(std::ranges::is_sorted(found->duration_bounds, std::ranges::less_equal()) ||
                found->duration_bounds.empty());
    EXPECT_LE(found->heatmap.size(), 16u);
  }
  // An open range shows every run.
  const auto open = overview(context_, {}, kNow + kSecond, 60);
  uint64_t shown = 0;
  for (const OverviewStep& step : open->steps) shown += step.ok + step.error + step.running;
  EXPECT_EQ(shown, 300u);
}

TEST_F(Questions, OverviewOfNothing) {
  const auto found = overview(context_, {}, kNow, 60);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->total, 0u);
  EXPECT_FALSE(found->duration_p95_nanos.has_value());
  EXPECT_EQ(found->facets[static_cast<size_t>(Facet::kState)].size(), 3u);
  EXPECT_TRUE(found->heatmap.empty());
}

TEST_F(Questions, OverviewBoundsItsTables) {
  std::vector<PlainSpan> spans;
  for (uint64_t i = 1; i <= 12'000; ++i) {
    spans.push_back({.trace = i, .span = 1, .service = "service-" + std::to_string(i), .start = kNow, .end = kNow + 1});
  }
  store_.add(testing::batch_of(spans));
  RunQuestion question;
  question.run.services = {"service-12000"};
  const auto found = overview(context_, question, kNow, 60);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->total, 1u);
  const auto& services = found->facets[static_cast<size_t>(Facet::kService)];
  EXPECT_LE(services.size(), 101u);
  EXPECT_EQ(count_of(services, "service-12000"), 1u);
}

TEST_F(Questions, LiveMetricsAreOfTheLastMinutes) {
  store_.arrival = kNow - 10 * kSecond;
  const auto add = [&](uint64_t trace, uint64_t start_ago, uint64_t seconds, int32_t status, uint64_t parent) {
    const UnixNanos start = kNow - start_ago * kSecond;
    store_.add(testing::batch_of(
        {{.trace = trace,
          .span = 1,
          .parent = parent,
          .start = start,
          .end = start + seconds * kSecond,
          .status = status,
          .attributes = {{"gen_ai.usage.input_tokens", int64_t{10}}, {"gen_ai.usage.output_tokens", int64_t{1}}}}}));
  };
  add(1, 30, 1, data::kOk, 0);
  add(2, 50, 3, data::kError, 0);
  add(3, 200, 5, data::kUnset, 0);
  add(4, 3000, 1, data::kError, 0);  // in the hour, not in the five minutes
  add(5, 9000, 1, data::kOk, 0);     // long ago
  add(6, 20, 1, data::kUnset, 99);   // its root has not come
  const auto found = live_metrics(context_, kNow);
  ASSERT_TRUE(found.has_value());
  EXPECT_DOUBLE_EQ(found->requests_per_minute, 3);
  EXPECT_NEAR(found->error_rate, 100.0 / 3, 1e-9);
  EXPECT_DOUBLE_EQ(found->avg_latency_ms, 3000);
  EXPECT_EQ(found->active_traces, 1u);
  EXPECT_EQ(found->tokens_per_hour, 55u);
}

TEST_F(Questions, ATraceIsWholeAndInOrder) {
  store_.add(testing::batch_of({{.trace = 1, .span = 3, .parent = 1, .name = "late", .start = 300, .end = 400},
                                {.trace = 2, .span = 9, .start = 1, .end = 2}}));
  store_.add(testing::batch_of({{.trace = 1, .span = 1, .name = "root", .start = 100, .end = 500},
                                {.trace = 1, .span = 2, .parent = 1, .name = "first", .start = 200, .end = 0}}));
  // The same span twice: an equal copy, and one with an end.
  store_.add(testing::batch_of({{.trace = 1, .span = 2, .parent = 1, .name = "first", .start = 200, .end = 0},
                                {.trace = 1, .span = 2, .parent = 1, .name = "first", .start = 200, .end = 250}}));
  const auto found = load_trace(context_, testing::trace_id(1));
  ASSERT_TRUE(found.has_value());
  const auto& spans = found->spans.spans;
  std::vector<data::SpanId> order;
  for (const uint32_t row : found->rows) order.push_back(spans.span_id[row]);
  EXPECT_EQ(order, (std::vector{testing::span_id(1), testing::span_id(2), testing::span_id(2), testing::span_id(3)}));
  ASSERT_EQ(found->steps.size(), 3u);
  EXPECT_EQ(spans.end_unix_nanos[found->steps[1]], 250u);
  EXPECT_FALSE(found->conflicting[found->steps[0]]);
  EXPECT_TRUE(found->conflicting[found->steps[1]]);
  EXPECT_EQ(found->tree.roots, std::vector<uint32_t>{0});
  EXPECT_EQ(found->summary.span_count, 4u);
  EXPECT_GT(ledger_.used_bytes(), 0u);
}

TEST_F(Questions, OneSpanWithItsCopies) {
  store_.add(testing::batch_of({{.trace = 1, .span = 1, .start = 1, .end = 2},
                                {.trace = 1, .span = 2, .start = 1, .end = 2},
                                {.trace = 1, .span = 2, .start = 1, .end = 3}}));
  EXPECT_EQ(load_span(context_, testing::trace_id(1), testing::span_id(1))->rows.size(), 1u);
  EXPECT_EQ(load_span(context_, testing::trace_id(1), testing::span_id(2))->rows.size(), 2u);
  EXPECT_EQ(load_span(context_, testing::trace_id(1), testing::span_id(3)).error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(load_trace(context_, testing::trace_id(7)).error().code(), ErrorCode::kNotFound);
}

TEST_F(Questions, NothingExceedsTheLedger) {
  std::vector<PlainSpan> spans;
  for (uint64_t i = 1; i <= 5000; ++i) {
    spans.push_back({.trace = 1, .span = i, .parent = i - 1, .start = i, .attributes = {{"k", std::to_string(i)}}});
  }
  store_.add(testing::batch_of(spans));
  MemoryLedger small(64 * 1024);
  const Context tight{store_, small};
  EXPECT_EQ(load_trace(tight, testing::trace_id(1)).error().code(), ErrorCode::kResourceExhausted);
  EXPECT_EQ(small.used_bytes(), 0u);
  EXPECT_TRUE(load_trace(context_, testing::trace_id(1)).has_value());
  EXPECT_EQ(ledger_.used_bytes(), 0u);
}

TEST_F(Questions, DeadlineAndRefusalComeThrough) {
  uint64_t deadline = 0;
  store_.on_scan = [&](const data::ScanSpec& spec) { deadline = spec.deadline_steady_nanos; };
  context_.deadline_steady_nanos = 42;
  ASSERT_TRUE(list_runs(context_, {}, 10, std::nullopt).has_value());
  EXPECT_EQ(deadline, 42u);
  store_.refuse = Error(ErrorCode::kDeadlineExceeded, "too slow");
  EXPECT_EQ(list_runs(context_, {}, 10, std::nullopt).error().code(), ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(overview(context_, {}, kNow, 10).error().code(), ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(live_metrics(context_, kNow).error().code(), ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(list_services(context_, {}).error().code(), ErrorCode::kDeadlineExceeded);
}

TEST_F(Questions, Names) {
  store_.add(
      testing::batch_of({{.trace = 1, .span = 1, .name = "x", .service = "a", .attributes = {{"k", "v"}}},
                         {.trace = 1, .span = 2, .name = "y", .service = "a", .attributes = {{"k", int64_t{7}}}},
                         {.trace = 1, .span = 3, .name = "x", .service = "b", .attributes = {{"k", int64_t{7}}}}}));
  const auto services = list_services(context_, {});
  ASSERT_EQ(services->names.size(), 2u);
  EXPECT_EQ(services->names[0].text, "a");
  EXPECT_EQ(services->names[0].count, 2u);
  EXPECT_EQ(list_operations(context_, {}, "a")->names.size(), 2u);
  EXPECT_EQ(list_operations(context_, {}, "")->names.size(), 3u);
  const auto keys = list_attributes(context_, {}, data::AttributeScope::kSpan);
  ASSERT_EQ(keys->attributes.size(), 1u);
  EXPECT_EQ(keys->attributes[0].key, "k");
  EXPECT_EQ(keys->attributes[0].types.size(), 2u);
  const auto values = list_values(context_, {}, std::nullopt, "k", 1);
  ASSERT_EQ(values->names.size(), 1u);
  EXPECT_EQ(values->names[0].number, 7);
  EXPECT_TRUE(values->truncated);
}

}  // namespace
}  // namespace sextant::query
