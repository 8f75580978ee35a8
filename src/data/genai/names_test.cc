// Tests of the tables: every row is found, spread keys are taken apart, words keep their meaning.
#include "data/genai/names.h"

#include <gtest/gtest.h>

#include <set>

#include "data/genai/words.h"

namespace sextant::data {
namespace {

TEST(Names, EveryRowIsFoundOnce) {
  std::set<std::string_view> keys;
  for (size_t i = 0; i < names().size(); ++i) {
    EXPECT_TRUE(keys.insert(names()[i].key).second) << names()[i].key;
    EXPECT_EQ(find_name(names()[i].key), i) << names()[i].key;
  }
  EXPECT_EQ(find_name(""), kNoName);
  EXPECT_EQ(find_name("http.request.method"), kNoName);
  EXPECT_EQ(find_name("zzz"), kNoName);
}

TEST(Names, SpreadKeys) {
  const auto role = parse_list_key("llm.input_messages.12.message.role");
  ASSERT_TRUE(role);
  EXPECT_EQ(role->side, MessageSide::kInput);
  EXPECT_EQ(role->message, 12U);
  EXPECT_EQ(role->field, ListField::kRole);
  const auto call = parse_list_key("llm.output_messages.0.message.tool_calls.3.tool_call.function.arguments");
  ASSERT_TRUE(call);
  EXPECT_EQ(call->side, MessageSide::kOutput);
  EXPECT_EQ(call->item, 3U);
  EXPECT_EQ(call->field, ListField::kCallArguments);
  EXPECT_EQ(parse_list_key("gen_ai.completion.1.tool_calls.2.name")->item, 2U);
  EXPECT_EQ(parse_list_key("gen_ai.prompt.7.content")->message, 7U);
  for (std::string_view key :
       {"llm.input_messages.", "llm.input_messages.x.message.role", "llm.input_messages.1", "llm.input_messages.1.",
        "llm.input_messages.99999999999999999999.message.role", "llm.input_messages.4000000000.message.role",
        "llm.input_messages.-1.message.role", "llm.input_messages.1.message.tool_calls.tool_call.id",
        "gen_ai.prompt.1.message.role", "gen_ai.prompt", "gen_ai.prompt.name", "llm.tools.0.tool.json_schema"}) {
    EXPECT_FALSE(parse_list_key(key)) << key;
  }
}

TEST(Names, Scopes) {
  EXPECT_EQ(dialect_of_scope("ai"), Dialect::kVercel);
  EXPECT_EQ(dialect_of_scope("gen_ai"), Dialect::kVercel);
  EXPECT_EQ(dialect_of_scope("@arizeai/openinference-instrumentation-openai"), Dialect::kOpenInference);
  EXPECT_EQ(dialect_of_scope("@traceloop/instrumentation-openai"), Dialect::kOpenLlmetry);
  EXPECT_FALSE(dialect_of_scope("air-traffic"));
}

TEST(Words, KindsOfEveryDialect) {
  const auto kind = [](std::string_view text) {
    const KindWord* word = find_kind_word(text);
    return word == nullptr ? std::optional<StepKind>() : word->kind;
  };
  EXPECT_EQ(kind("chat"), StepKind::kModel);
  EXPECT_EQ(kind("LLM"), StepKind::kModel);
  EXPECT_EQ(kind("\"CHAT_MODEL\""), StepKind::kModel);
  EXPECT_EQ(kind("ai.generateText"), StepKind::kAgent);
  EXPECT_EQ(kind("ai.streamText.doStream"), StepKind::kModel);
  EXPECT_EQ(kind("ai.toolCall"), StepKind::kTool);
  EXPECT_EQ(kind("GUARDRAIL"), StepKind::kGuard);
  EXPECT_EQ(kind("RERANKER"), StepKind::kRetrieval);
  EXPECT_FALSE(kind("UNKNOWN"));
  EXPECT_FALSE(kind(""));
  EXPECT_FALSE(kind(std::string(10'000, 'x')));
}

TEST(Words, ProvidersAndFinishReasons) {
  EXPECT_EQ(provider_name("OpenAI"), "openai");
  EXPECT_EQ(provider_name("openai.responses"), "openai");
  EXPECT_EQ(provider_name("google.vertex.chat"), "gcp.vertex_ai");
  EXPECT_EQ(provider_name("google.generative-ai"), "gcp.gemini");
  EXPECT_EQ(provider_name("azure_openai"), "azure.ai.openai");
  EXPECT_EQ(provider_name("xai"), "x_ai");
  EXPECT_EQ(provider_name("Ollama"), "Ollama");
  EXPECT_EQ(provider_name("."), ".");
  EXPECT_EQ(finish_reason("tool_calls"), "tool_call");
  EXPECT_EQ(finish_reason("tool-calls"), "tool_call");
  EXPECT_EQ(finish_reason("stop"), "stop");
  EXPECT_EQ(finish_reason("pause_turn"), "pause_turn");
}

}  // namespace
}  // namespace sextant::data
