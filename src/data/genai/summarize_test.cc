// Tests of run summaries: names, errors, agents, tokens counted once, and merging of parts.
#include "data/genai/summarize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/test_spans.h"

namespace sextant::data {
namespace {

using testing::ElementsAre;

ValueView text(std::string_view value) {
  return ValueView::string(value);
}
ValueView number(int64_t value) {
  return ValueView::integer(value);
}

TestAttributes usage(std::string_view operation, int64_t input, int64_t output) {
  return {{"gen_ai.operation.name", text(operation)},
          {"gen_ai.request.model", text("gpt-4o")},
          {"gen_ai.usage.input_tokens", number(input)},
          {"gen_ai.usage.output_tokens", number(output)}};
}

RunSummary summarize(const std::vector<TestSpan>& spans) {
  Batch batch;
  for (const TestSpan& span : spans) add_test_span(batch, span);
  GenAiReader reader(batch);
  RunSummarizer summarizer;
  for (uint32_t row = 0; row < batch.span_count(); ++row) summarizer.add(reader, row);
  return summarizer.finish();
}

/// An agent, the model call and the tool call it made, in the order in which spans end.
std::vector<TestSpan> agent_run() {
  return {
      {.id = 2,
       .parent = 1,
       .name = "chat gpt-4o",
       .start = 110,
       .end = 150,
       .attributes = usage("chat", 100, 20),
       .kind = kClient},
      {.id = 3,
       .parent = 1,
       .name = "execute_tool query",
       .start = 150,
       .end = 180,
       .attributes = {{"gen_ai.operation.name", text("execute_tool")}, {"gen_ai.tool.name", text("query")}}},
      {.id = 1,
       .name = "invoke_agent analyzer",
       .start = 100,
       .end = 200,
       .attributes = {{"gen_ai.operation.name", text("invoke_agent")},
                      {"gen_ai.agent.name", text("analyzer")},
                      {"gen_ai.conversation.id", text("c-1")},
                      {"gen_ai.usage.input_tokens", number(100)},
                      {"gen_ai.usage.output_tokens", number(20)}},
       .resource = {{"service.name", text("agents")}, {"deployment.environment", text("test")}}},
  };
}

TEST(Summarize, AgentRun) {
  const RunSummary run = summarize(agent_run());
  EXPECT_EQ(run.name, "invoke_agent analyzer");
  EXPECT_EQ(run.service, "agents");
  EXPECT_EQ(run.agent, "analyzer");
  EXPECT_EQ(run.environment, "test");
  EXPECT_EQ(run.conversation_id, "c-1");
  EXPECT_EQ(run.current_step, "execute_tool query");
  EXPECT_EQ(run.state(), RunState::kOk);
  EXPECT_EQ(run.start, 100U);
  EXPECT_EQ(run.end, 200U);
  EXPECT_EQ(run.span_count, 3U);
  EXPECT_EQ(run.error_count, 0U);
  EXPECT_THAT(run.services, ElementsAre("service", "agents"));
  EXPECT_THAT(run.models, ElementsAre("gpt-4o"));
  EXPECT_THAT(run.tools, ElementsAre("query"));
  EXPECT_EQ(run.tokens, (TokenCounts{.known = true, .input = 100, .output = 20}));
  EXPECT_FALSE(run.tokens_aggregated);
}

TEST(Summarize, OrderOfArrivalAndRepeatsChangeNothing) {
  std::vector<TestSpan> spans = agent_run();
  const RunSummary forward = summarize(spans);
  std::ranges::reverse(spans);
  for (const TestSpan& span : agent_run()) spans.push_back(span);
  const RunSummary again = summarize(spans);
  EXPECT_EQ(again.span_count, 3U);
  EXPECT_EQ(again.tokens, forward.tokens);
  EXPECT_EQ(again.name, forward.name);
  EXPECT_EQ(again.agent, forward.agent);
  EXPECT_EQ(again.current_step, forward.current_step);
}

TEST(Summarize, RunningUntilTheRootComes) {
  std::vector<TestSpan> spans = agent_run();
  spans.pop_back();
  const RunSummary run = summarize(spans);
  EXPECT_EQ(run.state(), RunState::kRunning);
  EXPECT_EQ(run.name, "chat gpt-4o");
  EXPECT_EQ(run.current_step, "execute_tool query");
  EXPECT_EQ(run.agent, "");
}

TEST(Summarize, FirstErrorIsTheOneThatEndedFirst) {
  std::vector<TestSpan> spans = agent_run();
  spans[1].status = kError;
  spans[1].events = {{"exception", 175, {{"exception.message", text("no such table")}}}};
  spans[2].status = kError;
  spans[2].status_message = "agent failed";
  const RunSummary run = summarize(spans);
  EXPECT_EQ(run.state(), RunState::kError);
  EXPECT_EQ(run.error_count, 2U);
  EXPECT_EQ(run.error_message, "no such table");
  EXPECT_EQ(run.error_step, "execute_tool query");
}

TEST(Summarize, AgentsOwnSumCountsWhenNoCallReportsUsage) {
  std::vector<TestSpan> spans = agent_run();
  spans[0].attributes.resize(2);
  const RunSummary run = summarize(spans);
  EXPECT_EQ(run.tokens, (TokenCounts{.known = true, .input = 100, .output = 20}));
  EXPECT_TRUE(run.tokens_aggregated);
}

TEST(Summarize, SumsOfOneAgentDoNotHideCallsOfAnother) {
  std::vector<TestSpan> spans = agent_run();
  spans.push_back({.id = 9, .parent = 1, .name = "remote", .attributes = usage("invoke_agent", 1000, 7)});
  EXPECT_EQ(summarize(spans).tokens, (TokenCounts{.known = true, .input = 1100, .output = 27}));
}

TEST(Summarize, CallSeenByTwoLibrariesCountsOnce) {
  const std::vector<TestSpan> spans = {
      {.id = 1, .attributes = usage("chat", 100, 20)},
      {.id = 2, .parent = 1, .name = "POST"},
      {.id = 3, .parent = 2, .attributes = usage("chat", 100, 20)},
  };
  EXPECT_EQ(summarize(spans).tokens, (TokenCounts{.known = true, .input = 100, .output = 20}));
}

TEST(Summarize, CallBelowAToolOfACallIsAnotherCall) {
  const std::vector<TestSpan> spans = {
      {.id = 1, .attributes = usage("chat", 100, 20)},
      {.id = 2, .parent = 1, .attributes = {{"gen_ai.operation.name", text("execute_tool")}}},
      {.id = 3, .parent = 2, .attributes = usage("chat", 100, 20)},
  };
  EXPECT_EQ(summarize(spans).tokens, (TokenCounts{.known = true, .input = 200, .output = 40}));
}

TEST(Summarize, AgentNearestTheRootWinsOverTheOneThatStartedWithIt) {
  const auto agent = [](std::string_view name) {
    return TestAttributes{{"gen_ai.operation.name", text("invoke_agent")}, {"gen_ai.agent.name", text(name)}};
  };
  const RunSummary run = summarize({
      {.id = 3, .parent = 2, .start = 100, .attributes = agent("inner")},
      {.id = 2, .parent = 1, .start = 100, .attributes = agent("outer")},
      {.id = 1, .start = 100},
  });
  EXPECT_EQ(run.agent, "outer");
  EXPECT_THAT(run.agents, ElementsAre("inner", "outer"));
}

TEST(Summarize, RingsOfParentsEnd) {
  std::vector<TestSpan> spans;
  for (uint16_t i = 1; i <= 300; ++i) {
    spans.push_back({.id = i, .parent = static_cast<uint16_t>(i % 300 + 1), .attributes = usage("chat", 1, 1)});
  }
  spans.push_back({.id = 400, .parent = 400, .attributes = usage("invoke_agent", 5, 5)});
  const RunSummary run = summarize(spans);
  EXPECT_EQ(run.span_count, 301U);
  EXPECT_EQ(run.tokens.input, 305U);
}

TEST(Summarize, ListsAreBounded) {
  std::vector<TestSpan> spans;
  std::deque<std::string> names;
  for (uint16_t i = 1; i <= 200; ++i) {
    names.push_back("agent " + std::to_string(i));
    spans.push_back({.id = i, .attributes = {{"gen_ai.agent.name", text(names.back())}}});
  }
  EXPECT_EQ(summarize(spans).agents.size(), kRunListMax);
}

TEST(Summarize, MergeOfPartsEqualsTheWhole) {
  const std::vector<TestSpan> all = [] {
    std::vector<TestSpan> spans = agent_run();
    spans[1].status = kError;
    spans[1].status_message = "no such table";
    return spans;
  }();
  const RunSummary whole = summarize(all);
  for (size_t cut = 1; cut < all.size(); ++cut) {
    const RunSummary first = summarize({all.begin(), all.begin() + static_cast<long>(cut)});
    const RunSummary second = summarize({all.begin() + static_cast<long>(cut), all.end()});
    for (bool swapped : {false, true}) {
      RunSummary merged = swapped ? second : first;
      merge(merged, swapped ? first : second);
      EXPECT_EQ(merged.name, whole.name);
      EXPECT_EQ(merged.service, whole.service);
      EXPECT_EQ(merged.agent, whole.agent);
      EXPECT_EQ(merged.tokens, whole.tokens);
      EXPECT_EQ(merged.span_count, whole.span_count);
      EXPECT_EQ(merged.error_count, whole.error_count);
      EXPECT_EQ(merged.error_message, whole.error_message);
      EXPECT_EQ(merged.error_step, whole.error_step);
      EXPECT_EQ(merged.current_step, whole.current_step);
      EXPECT_EQ(merged.state(), whole.state());
      EXPECT_EQ(merged.start, whole.start);
      EXPECT_EQ(merged.end, whole.end);
      EXPECT_THAT(merged.services, testing::UnorderedElementsAreArray(whole.services));
    }
  }
}

}  // namespace
}  // namespace sextant::data
