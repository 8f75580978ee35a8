// Tests of the view of one step: the same conversation in every dialect, messages of every form, tokens of every
// meaning, and values that are not what they should be.
#include "data/genai/step_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "base/core/text.h"
#include "data/genai/limits.h"
#include "tests/support/test_spans.h"

namespace sextant::data {
namespace {

using testing::ElementsAre;
using Type = MessagePart::Type;

ValueView text(std::string_view value) {
  return ValueView::string(value);
}
ValueView number(int64_t value) {
  return ValueView::integer(value);
}

std::optional<StepView> view_of(const TestSpan& span, Depth depth = Depth::kMessages) {
  Batch batch;
  add_test_span(batch, span);
  return read_step(batch, 0, depth);
}

StepView view_of(TestAttributes attributes) {
  const auto view = view_of(TestSpan{.attributes = std::move(attributes)});
  EXPECT_TRUE(view);
  return view.value_or(StepView{});
}

MessagePart part(Type type, std::string_view content) {
  return {type, std::string(content), {}, {}, {}};
}

// The conversation that every dialect below writes down.
void expect_weather_chat(const StepView& view) {
  EXPECT_EQ(view.kind, StepKind::kModel);
  EXPECT_EQ(view.operation, "chat");
  EXPECT_EQ(view.provider, "openai");
  EXPECT_EQ(view.request_model, "gpt-4o");
  EXPECT_THAT(view.finish_reasons, ElementsAre("tool_call"));
  EXPECT_EQ(view.tokens, (TokenCounts{.known = true, .input = 100, .output = 20, .cached_input = 40, .reasoning = 5}));
  const std::vector<Message> input = {{"system", {part(Type::kText, "Be short.")}},
                                      {"user", {part(Type::kText, "Weather in Oslo?")}}};
  EXPECT_EQ(view.input_messages, input);
  const MessagePart call{Type::kToolCall, {}, "call_1", "get_weather", R"({"city":"Oslo"})"};
  const std::vector<Message> output = {{"assistant", {part(Type::kText, "Looking."), call}}};
  EXPECT_EQ(view.output_messages, output);
}

const TestAttributes kOtelUsage = {
    {"gen_ai.usage.input_tokens", number(100)},
    {"gen_ai.usage.output_tokens", number(20)},
    {"gen_ai.usage.cache_read.input_tokens", number(40)},
    {"gen_ai.usage.reasoning.output_tokens", number(5)},
};

TestAttributes joined(TestAttributes first, const TestAttributes& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

TEST(StepView, OtelCurrent) {
  const StepView view = view_of(joined(
      {{"gen_ai.operation.name", text("chat")},
       {"gen_ai.provider.name", text("openai")},
       {"gen_ai.request.model", text("gpt-4o")},
       {"gen_ai.response.model", text("gpt-4o-2024-08-06")},
       {"gen_ai.system_instructions", text(R"([{"type":"text","content":"Be short."}])")},
       {"gen_ai.input.messages", text(R"([{"role":"user","parts":[{"type":"text","content":"Weather in Oslo?"}]}])")},
       {"gen_ai.output.messages",
        text(R"([{"role":"assistant","parts":[{"type":"text","content":"Looking."},{"type":"tool_call","id":"call_1",)"
             R"("name":"get_weather","arguments":{"city":"Oslo"}}],"finish_reason":"tool_call"}])")},
       {"gen_ai.conversation.id", text("c-1")},
       {"gen_ai.response.time_to_first_chunk", ValueView::real(0.25)}},
      kOtelUsage));
  expect_weather_chat(view);
  EXPECT_EQ(view.dialect, Dialect::kOtel);
  EXPECT_EQ(view.response_model, "gpt-4o-2024-08-06");
  EXPECT_EQ(view.conversation_id, "c-1");
  EXPECT_EQ(view.first_token_nanos, 250'000'000U);
}

TEST(StepView, OtelStructuredMessages) {
  NestedWriter content;
  content.key("type");
  content.value(text("text"));
  content.key("content");
  content.value(text("Hi \"there\""));
  NestedWriter parts;
  parts.value({ValueType::kMap, 0, content.bytes()});
  NestedWriter message;
  message.key("role");
  message.value(text("user"));
  message.key("parts");
  message.value({ValueType::kArray, 0, parts.bytes()});
  NestedWriter list;
  list.value({ValueType::kMap, 0, message.bytes()});
  const StepView view = view_of({{"gen_ai.input.messages", {ValueType::kArray, 0, list.bytes()}}});
  EXPECT_EQ(view.input_messages, (std::vector<Message>{{"user", {part(Type::kText, "Hi \"there\"")}}}));
}

TEST(StepView, OtelOldEvents) {
  TestSpan span{.attributes = joined({{"gen_ai.operation.name", text("chat")},
                                      {"gen_ai.system", text("openai")},
                                      {"gen_ai.request.model", text("gpt-4o")}},
                                     kOtelUsage)};
  span.events = {
      {"gen_ai.system.message", 1, {{"content", text("Be short.")}}},
      {"gen_ai.user.message", 2, {{"gen_ai.event.content", text(R"({"content":"Weather in Oslo?"})")}}},
      {"gen_ai.choice",
       3,
       {{"finish_reason", text("tool_calls")},
        {"message", text(R"({"role":"assistant","content":"Looking.","tool_calls":[{"id":"call_1","type":"function",)"
                         R"("function":{"name":"get_weather","arguments":"{\"city\":\"Oslo\"}"}}]})")}}},
  };
  expect_weather_chat(*view_of(span));
}

TEST(StepView, OtelOldPromptAttributes) {
  const StepView view = view_of({{"gen_ai.system", text("anthropic")},
                                 {"gen_ai.prompt", text(R"([{"role":"user","content":"Hi"}])")},
                                 {"gen_ai.completion", text("Hello")}});
  EXPECT_EQ(view.input_messages, (std::vector<Message>{{"user", {part(Type::kText, "Hi")}}}));
  EXPECT_EQ(view.output_messages, (std::vector<Message>{{"assistant", {part(Type::kText, "Hello")}}}));
}

TEST(StepView, OpenInference) {
  const StepView view =
      view_of({{"openinference.span.kind", text("LLM")},
               {"llm.system", text("openai")},
               {"llm.model_name", text("gpt-4o")},
               {"llm.input_messages.1.message.content", text("Weather in Oslo?")},
               {"llm.input_messages.1.message.role", text("user")},
               {"llm.input_messages.0.message.role", text("system")},
               {"llm.input_messages.0.message.contents.0.message_content.type", text("text")},
               {"llm.input_messages.0.message.contents.0.message_content.text", text("Be short.")},
               {"llm.output_messages.0.message.role", text("assistant")},
               {"llm.output_messages.0.message.tool_calls.0.tool_call.id", text("call_1")},
               {"llm.output_messages.0.message.tool_calls.0.tool_call.function.name", text("get_weather")},
               {"llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments", text(R"({"city":"Oslo"})")},
               {"llm.output_messages.0.message.content", text("Looking.")},
               {"llm.finish_reason", text("tool_calls")},
               {"llm.token_count.prompt", number(100)},
               {"llm.token_count.completion", number(20)},
               {"llm.token_count.prompt_details.cache_read", number(40)},
               {"llm.token_count.completion_details.reasoning", number(5)},
               {"input.value", text("ignored: the messages are better")}});
  expect_weather_chat(view);
  EXPECT_EQ(view.dialect, Dialect::kOpenInference);
}

TEST(StepView, OpenLlmetry) {
  const StepView view = view_of({{"gen_ai.system", text("OpenAI")},
                                 {"llm.request.type", text("chat")},
                                 {"gen_ai.request.model", text("gpt-4o")},
                                 {"gen_ai.prompt.0.role", text("system")},
                                 {"gen_ai.prompt.0.content", text("Be short.")},
                                 {"gen_ai.prompt.1.role", text("user")},
                                 {"gen_ai.prompt.1.content", text(R"([{"type":"text","text":"Weather in Oslo?"}])")},
                                 {"gen_ai.completion.0.role", text("assistant")},
                                 {"gen_ai.completion.0.content", text("Looking.")},
                                 {"gen_ai.completion.0.finish_reason", text("tool_calls")},
                                 {"gen_ai.completion.0.tool_calls.0.id", text("call_1")},
                                 {"gen_ai.completion.0.tool_calls.0.name", text("get_weather")},
                                 {"gen_ai.completion.0.tool_calls.0.arguments", text(R"({"city":"Oslo"})")},
                                 {"gen_ai.usage.prompt_tokens", number(100)},
                                 {"gen_ai.usage.completion_tokens", number(20)},
                                 {"gen_ai.usage.cache_read_input_tokens", number(40)},
                                 {"gen_ai.usage.reasoning_tokens", number(5)}});
  expect_weather_chat(view);
  EXPECT_EQ(view.dialect, Dialect::kOpenLlmetry);
}

TEST(StepView, VercelLegacy) {
  TestSpan span{.scope = "ai"};
  span.attributes = {
      {"ai.operationId", text("ai.generateText.doGenerate")},
      {"ai.telemetry.functionId", text("assistant")},
      {"ai.telemetry.metadata.sessionId", text("s-1")},
      {"ai.model.provider", text("openai.chat")},
      {"ai.model.id", text("gpt-4o")},
      {"ai.prompt.messages",
       text(R"([{"role":"system","content":"Be short."},{"role":"user","content":[{"type":"text",)"
            R"("text":"Weather in Oslo?"}]}])")},
      {"ai.response.text", text("Looking.")},
      {"ai.response.toolCalls", text(R"([{"toolCallId":"call_1","toolName":"get_weather","input":{"city":"Oslo"}}])")},
      {"ai.response.finishReason", text("tool-calls")},
      {"ai.usage.inputTokens", number(100)},
      {"ai.usage.outputTokens", number(20)},
      {"ai.usage.cachedInputTokens", number(40)},
      {"ai.usage.reasoningTokens", number(5)},
      {"ai.response.msToFirstChunk", ValueView::real(1.5)},
  };
  const StepView view = *view_of(span);
  expect_weather_chat(view);
  EXPECT_EQ(view.dialect, Dialect::kVercel);
  EXPECT_EQ(view.agent, "assistant");
  EXPECT_EQ(view.conversation_id, "s-1");
  EXPECT_EQ(view.first_token_nanos, 1'500'000U);
}

TEST(StepView, ToolsOfEveryDialect) {
  const std::vector<TestSpan> tools = {
      {.name = "execute_tool query",
       .attributes = {{"gen_ai.operation.name", text("execute_tool")},
                      {"gen_ai.tool.call.arguments", text(R"({"a":1})")},
                      {"gen_ai.tool.call.result", text("two")}}},
      {.name = "query",
       .attributes = {{"openinference.span.kind", text("TOOL")},
                      {"input.value", text(R"({"a":1})")},
                      {"output.value", text("two")}}},
      {.name = "query.tool",
       .attributes = {{"traceloop.span.kind", text("tool")},
                      {"traceloop.entity.name", text("query")},
                      {"traceloop.entity.input", text(R"({"args":[],"kwargs":{"a":1}})")},
                      {"traceloop.entity.output", text("two")}}},
      {.name = "ai.toolCall",
       .attributes = {{"ai.operationId", text("ai.toolCall")},
                      {"ai.toolCall.name", text("query")},
                      {"ai.toolCall.args", text(R"({"a":1})")},
                      {"ai.toolCall.result", text("two")}},
       .scope = "ai"},
      {.name = "tools/call query",
       .attributes = {{"mcp.method.name", text("tools/call")},
                      {"gen_ai.tool.call.arguments", text(R"({"a":1})")},
                      {"gen_ai.tool.call.result", text("two")}}},
  };
  for (const TestSpan& span : tools) {
    SCOPED_TRACE(span.name);
    const auto view = view_of(span);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->kind, StepKind::kTool);
    EXPECT_EQ(view->operation, "execute_tool");
    EXPECT_EQ(view->tool, "query");
    EXPECT_EQ(view->arguments, R"({"a":1})");
    EXPECT_EQ(view->result, "two");
  }
}

TEST(StepView, AgentsByHand) {
  const StepView model = view_of({{"agent.name", text("analyzer")},
                                  {"agent.role", text("react")},
                                  {"llm.provider", text("xai")},
                                  {"llm.model", text("gpt-4-turbo")},
                                  {"llm.tokens.input", number(150)},
                                  {"llm.tokens.output", number(75)}});
  EXPECT_EQ(model.kind, StepKind::kModel);
  EXPECT_EQ(model.dialect, Dialect::kOther);
  EXPECT_EQ(model.agent, "analyzer");
  EXPECT_EQ(model.provider, "x_ai");
  EXPECT_EQ(model.request_model, "gpt-4-turbo");
  EXPECT_EQ(model.tokens, (TokenCounts{.known = true, .input = 150, .output = 75}));
  const StepView agent = view_of({{"agent.name", text("analyzer")}, {"agent.model", text("gpt-4-turbo")}});
  EXPECT_EQ(agent.kind, StepKind::kAgent);
  EXPECT_EQ(agent.request_model, "gpt-4-turbo");
  EXPECT_EQ(view_of({{"agent.name", text("analyzer")}, {"tool.name", text("query_db")}}).kind, StepKind::kTool);
}

TEST(StepView, OrdinarySpansAreNoSteps) {
  EXPECT_FALSE(view_of(TestSpan{}));
  EXPECT_FALSE(view_of(TestSpan{.attributes = {{"http.request.method", text("GET")}}}));
  EXPECT_FALSE(view_of(TestSpan{.attributes = {{"session.id", text("s")}, {"error.type", text("timeout")}}}));
  EXPECT_FALSE(view_of(TestSpan{.attributes = {{"model", text("T-800")}, {"input_tokens", number(3)}}}));
  // Span processors copy these onto everything below an agent.
  EXPECT_FALSE(view_of(TestSpan{.attributes = {{"gen_ai.agent.name", text("a")}}, .kind = kClient}));
  EXPECT_EQ(view_of({{"gen_ai.agent.name", text("a")}}).kind, StepKind::kOther);
}

TEST(StepView, ClaudeCodeLeavesCachedTokensOut) {
  const StepView view = view_of({{"span.type", text("llm_request")},
                                 {"model", text("claude-sonnet-4")},
                                 {"input_tokens", number(10)},
                                 {"output_tokens", number(7)},
                                 {"cache_read_tokens", number(1000)},
                                 {"cache_creation_tokens", number(50)}});
  EXPECT_EQ(view.request_model, "claude-sonnet-4");
  EXPECT_EQ(view.tokens, (TokenCounts{.known = true, .input = 1060, .output = 7, .cached_input = 1000}));
  EXPECT_EQ(view.cache_write_input, 50U);
}

TEST(StepView, LangfuseUsageDetails) {
  const StepView view =
      view_of({{"langfuse.observation.type", text("generation")},
               {"langfuse.observation.usage_details", text(R"({"input":10,"output":7,"input_cached_tokens":30})")}});
  EXPECT_EQ(view.kind, StepKind::kModel);
  EXPECT_EQ(view.tokens, (TokenCounts{.known = true, .input = 40, .output = 7, .cached_input = 30}));
}

TEST(StepView, InputThatCannotIncludeItsCachedPartLeavesItOut) {
  const StepView view = view_of({{"gen_ai.operation.name", text("chat")},
                                 {"gen_ai.usage.input_tokens", number(10)},
                                 {"gen_ai.usage.cache_read.input_tokens", number(40)}});
  EXPECT_EQ(view.tokens.input, 50U);
  EXPECT_EQ(view.tokens.cached_input, 40U);
}

TEST(StepView, VercelOnAnthropicLeavesCachedTokensOutUntilItGivesDetails) {
  TestAttributes attributes = {{"ai.operationId", text("ai.generateText.doGenerate")},
                               {"ai.model.provider", text("anthropic.messages")},
                               {"ai.usage.inputTokens", number(100)},
                               {"ai.usage.cachedInputTokens", number(40)}};
  EXPECT_EQ(view_of(attributes).tokens.input, 140U);
  attributes.emplace_back("ai.usage.inputTokenDetails.noCacheTokens", number(60));
  EXPECT_EQ(view_of(attributes).tokens.input, 100U);
}

TEST(StepView, FirstTokenFromAnEvent) {
  TestSpan span{.start = 1000, .attributes = {{"openinference.span.kind", text("LLM")}}};
  span.events = {{"First Token Stream Event", 1700, {}}};
  EXPECT_EQ(view_of(span)->first_token_nanos, 700U);
}

TEST(StepView, ErrorOfAStep) {
  TestSpan span{.attributes = {{"gen_ai.operation.name", text("chat")}, {"error.type", text("rate_limit")}}};
  EXPECT_EQ(view_of(span)->error, "");
  span.status = kError;
  EXPECT_EQ(view_of(span)->error, "rate_limit");
  span.events = {{"exception", 1, {{"exception.message", text("429: slow down")}}}};
  EXPECT_EQ(view_of(span)->error, "429: slow down");
}

std::vector<Message> input_of(std::string_view json) {
  return view_of({{"gen_ai.operation.name", text("chat")}, {"gen_ai.input.messages", text(json)}}).input_messages;
}

TEST(Messages, PartsOfEveryApi) {
  const auto parts = [](std::string_view json) {
    const std::vector<Message> messages = input_of(R"([{"role":"assistant","content":[)" + std::string(json) + "]}]");
    return messages.empty() ? std::vector<MessagePart>() : messages.front().parts;
  };
  EXPECT_THAT(parts(R"({"type":"thinking","thinking":"hm"})"), ElementsAre(part(Type::kReasoning, "hm")));
  EXPECT_THAT(parts(R"({"type":"tool_use","id":"t1","name":"f","input":{"x":1}})"),
              ElementsAre(MessagePart{Type::kToolCall, {}, "t1", "f", R"({"x":1})"}));
  EXPECT_THAT(parts(R"({"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"ok"}]})"),
              ElementsAre(MessagePart{Type::kToolResult, "ok", "t1", {}, {}}));
  EXPECT_THAT(parts(R"({"type":"tool_call_response","id":"t1","result":{"ok":true}})"),
              ElementsAre(MessagePart{Type::kToolResult, R"({"ok":true})", "t1", {}, {}}));
  EXPECT_THAT(parts(R"({"type":"tool-result","toolCallId":"t1","toolName":"f","output":{"type":"json","value":[1]}})"),
              ElementsAre(MessagePart{Type::kToolResult, "[1]", "t1", "f", {}}));
  EXPECT_THAT(parts(R"({"type":"image_url","image_url":{"url":"https://example.com/a.png"}})"),
              ElementsAre(part(Type::kMedia, "https://example.com/a.png")));
  EXPECT_THAT(parts(R"({"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}})"),
              ElementsAre(part(Type::kMedia, "image/png, 26 bytes")));
  EXPECT_THAT(parts(R"({"type":"blob","modality":"image","mime_type":"image/jpeg","content":"AAAAAAAA"})"),
              ElementsAre(part(Type::kMedia, "image/jpeg, 8 bytes")));
  EXPECT_THAT(parts(R"({"type":"file","modality":"image","file_id":"file-1"})"),
              ElementsAre(part(Type::kMedia, "file-1")));
  EXPECT_THAT(parts(R"({"functionCall":{"name":"f","args":{"x":1}}})"),
              ElementsAre(MessagePart{Type::kToolCall, {}, {}, "f", R"({"x":1})"}));
  EXPECT_THAT(parts(R"({"type":"brand_new","x":1})"), ElementsAre(part(Type::kOther, R"({"type":"brand_new","x":1})")));
}

TEST(Messages, RequestsAndAnswersWhole) {
  const std::vector<Message> chat = {{"system", {part(Type::kText, "Be short.")}}, {"user", {part(Type::kText, "Hi")}}};
  EXPECT_EQ(input_of(R"({"model":"m","system":"Be short.","messages":[{"role":"user","content":"Hi"}]})"), chat);
  EXPECT_EQ(input_of(R"({"instructions":"Be short.","input":"Hi"})"), chat);
  EXPECT_EQ(input_of(R"({"system":"Be short.","prompt":"Hi"})"), chat);
  const std::vector<Message> answer = {{"assistant", {part(Type::kText, "Hello")}}};
  EXPECT_EQ(input_of(R"({"choices":[{"index":0,"message":{"role":"assistant","content":"Hello"}}]})"), answer);
  EXPECT_EQ(input_of(R"({"contents":[{"role":"model","parts":[{"text":"Hello"}]}]})"), answer);
  EXPECT_EQ(
      input_of(
          R"({"output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Hello"}]}]})"),
      answer);
}

TEST(Messages, ToolMessages) {
  const Message result{"tool", {MessagePart{Type::kToolResult, "42", "c1", {}, {}}}};
  EXPECT_THAT(input_of(R"([{"role":"tool","tool_call_id":"c1","content":"42"}])"), ElementsAre(result));
  EXPECT_THAT(input_of(R"([{"type":"function_call_output","call_id":"c1","output":"42"}])"), ElementsAre(result));
}

TEST(Messages, WhatIsNoMessagesStaysText) {
  const auto only = [](std::string_view json) {
    const std::vector<Message> messages = input_of(json);
    return messages.size() == 1 && messages[0].parts.size() == 1 ? messages[0].parts[0] : MessagePart{};
  };
  EXPECT_EQ(only("plain words"), part(Type::kText, "plain words"));
  for (std::string_view json : {R"([{"role":"user","content":"cut off)", R"([{"x":1}])", R"({"args":[1],"kwargs":{}})",
                                "[1,2,3]", "{not json}", "[\"\\ud800\\"}) {
    EXPECT_EQ(only(json), part(Type::kOther, json));
  }
  EXPECT_TRUE(input_of("[]").empty());
}

TEST(Messages, HalfCharactersAreMended) {
  const std::vector<Message> messages = input_of(R"([{"role":"user","content":"cut \ud83d and \ud83d\ude00"}])");
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].parts[0].text, "cut \xEF\xBF\xBD and \xF0\x9F\x98\x80");
}

TEST(Messages, DeepAndHugeJsonStaysText) {
  for (size_t depth : {100UL, 10'000UL, 200'000UL}) {
    const std::string deep = std::string(depth, '[') + std::string(depth, ']');
    const std::vector<Message> messages = input_of(deep);
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_EQ(messages[0].parts[0], part(Type::kOther, deep));
  }
  const std::string huge = R"([{"role":"user","content":")" + std::string(kMessageJsonBytesMax, 'x') + R"("}])";
  EXPECT_EQ(input_of(huge)[0].parts[0], part(Type::kOther, huge));
}

TEST(Messages, TaskIsTheFirstThingTheUserAsked) {
  Batch batch;
  add_test_span(batch,
                {.attributes = {{"gen_ai.operation.name", text("chat")},
                                {"gen_ai.input.messages", text(R"([{"role":"system","content":"Be short."},)"
                                                               R"({"role":"user","content":"Find\n\n the  bug"}])")}}});
  GenAiReader reader(batch);
  const TaskPreview task = read_task(reader, 0, *reader.facts(0));
  EXPECT_EQ(task.text, "Find the bug");
  EXPECT_TRUE(task.from_messages);
}

TEST(Messages, TaskOfALaterTurnIsWhatWasAskedInIt) {
  const auto task_of = [](std::string_view messages) {
    Batch batch;
    add_test_span(batch,
                  {.attributes = {{"gen_ai.operation.name", text("chat")}, {"gen_ai.input.messages", text(messages)}}});
    GenAiReader reader(batch);
    return read_task(reader, 0, *reader.facts(0)).text;
  };
  const std::string first = R"([{"role":"user","content":"one"},{"role":"user","content":"more"})";
  const std::string second = first + R"(,{"role":"assistant","content":"yes"},{"role":"user","content":"two"})";
  EXPECT_EQ(task_of(first + "]"), "one");
  EXPECT_EQ(task_of(second + "]"), "two");
  EXPECT_EQ(task_of(second + R"(,{"role":"assistant","tool_calls":[]},{"role":"tool","content":"x"}])"), "two");
}

/// Attributes of random names of the table (and beside it) with random values: whatever comes, a view or none.
class RandomSpans {
 public:
  explicit RandomSpans(uint64_t seed) : random_(seed) {}

  TestSpan span() {
    TestSpan span{.name = std::string(pick({"chat x", "invoke_agent", "execute_tool ", "handoff", ""})),
                  .scope = std::string(pick({"ai", "gen_ai", "openinference.x", ""})),
                  .kind = static_cast<int32_t>(below(7)),
                  .status = static_cast<int32_t>(below(4))};
    for (size_t i = below(12); i > 0; --i) span.attributes.emplace_back(key(), value());
    for (size_t i = below(4); i > 0; --i) {
      span.events.push_back(
          {std::string(pick({"gen_ai.choice", "gen_ai.tool.message", "exception", "ai.stream.firstChunk"})),
           below(1000),
           {{std::string(pick({"content", "message", "tool_calls", "gen_ai.event.content", "id"})), value()}}});
    }
    return span;
  }

 private:
  size_t below(size_t limit) { return random_() % limit; }
  std::string_view pick(std::initializer_list<std::string_view> texts) { return texts.begin()[below(texts.size())]; }

  std::string key() {
    if (below(3) > 0) return std::string(names()[below(names().size())].key);
    std::string key(
        pick({"llm.input_messages.", "llm.output_messages.", "gen_ai.prompt.", "gen_ai.completion.", "x."}));
    key += std::to_string(below(3));
    key += pick({".message.role", ".message.content", ".message.tool_calls.1.tool_call.id", ".content", ".role",
                 ".message.contents.0.message_content.image.image.url", ".tool_calls.0.arguments", ""});
    return key;
  }

  /// JSON with one random byte changed, or anything else.
  ValueView value() {
    std::string made(pick({R"([{"role":"user","parts":[{"type":"text","content":"a"}]}])",
                           R"({"messages":[{"role":"tool","content":[{"type":"tool_result","content":null}]}]})",
                           R"({"choices":[{"message":{"tool_calls":[{"function":{"name":"f"}}]}}]})",
                           R"([{"type":"image","source":{"type":"base64","data":"AAAA"}},"x",{"text":1}])", "chat",
                           "LLM", "-1", "\xff\xfe", ""}));
    if (!made.empty() && below(2) == 0) made[below(made.size())] = static_cast<char>(below(256));
    if (!made.empty() && below(4) == 0) made.resize(below(made.size()));
    texts_.push_back(std::move(made));
    switch (below(8)) {
      case 0:
        return number(static_cast<int64_t>(random_()));
      case 1:
        return {ValueType::kDouble, static_cast<int64_t>(random_()), {}};
      case 2:
        return {ValueType::kMap, 0, texts_.back()};
      case 3:
        return {ValueType::kArray, 0, texts_.back()};
      case 4:
        return ValueView::raw(texts_.back());
      default:
        return text(texts_.back());
    }
  }

  std::mt19937_64 random_;
  std::deque<std::string> texts_;  // stable addresses: views are handed out
};

TEST(StepView, RandomAttributesNeverHurt) {
  RandomSpans random(7);
  size_t steps = 0;
  for (int round = 0; round < 200; ++round) {
    Batch batch;
    for (int i = 0; i < 20; ++i) add_test_span(batch, random.span());
    GenAiReader reader(batch);
    for (uint32_t row = 0; row < batch.span_count(); ++row) {
      const auto facts = read_step(reader, row, Depth::kFacts);
      const auto whole = read_step(reader, row, Depth::kMessages);
      ASSERT_EQ(facts.has_value(), whole.has_value());
      if (!whole) continue;
      ++steps;
      EXPECT_EQ(facts->tokens, whole->tokens);
      EXPECT_LE(whole->tokens.cached_input, whole->tokens.input);
      EXPECT_LE(whole->tokens.reasoning, whole->tokens.output);
      (void)read_task(reader, row, *reader.facts(row));
    }
  }
  EXPECT_GT(steps, 1000U);
}

}  // namespace
}  // namespace sextant::data
