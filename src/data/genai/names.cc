#include "data/genai/names.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "data/genai/limits.h"

namespace sextant::data {
namespace {

using enum Field;
using enum Form;
constexpr auto kHint = Proof::kNo;
constexpr auto kCopied = Proof::kIfInternal;

// Sources of the rows, by their first column's family:
//   gen_ai.*, mcp.*      OpenTelemetry semantic-conventions v1.27 to v1.41, semantic-conventions-genai main (2026)
//   openinference.*, llm.*, input.*, output.*, embedding.*, reranker.*, session.*   OpenInference,
//   semantic_conventions.md traceloop.*, llm.request.type, llm.usage.*                OpenLLMetry,
//   opentelemetry-semantic-conventions-ai 0.4, 0.5 ai.*                 Vercel AI SDK 3 to 6, docs "Telemetry"; version
//   7 writes gen_ai.* under the scope "gen_ai" langfuse.*           Langfuse, OpenTelemetry attribute reference
//   langsmith.*          LangSmith, OpenTelemetry ingest
//   mlflow.*             MLflow tracing, span attributes
//   span.type and bare names   Claude Code's monitoring guide
//   agent.*, llm.*, tool.*     spans of hand-instrumented agents
constexpr GenAiName kNames[] = {
    // Kind of step. The order is that of how much the writer knew: its own type first, frameworks' words after.
    {"langfuse.observation.type", kKindWord, Source::kLangfuse},
    {"openinference.span.kind", kKindWord, Source::kOpenInference},
    {"gen_ai.operation.name", kKindWord, Source::kOtel},
    {"ai.operationId", kKindWord, Source::kVercel},
    {"traceloop.span.kind", kKindWord, Source::kOpenLlmetry},
    {"llm.request.type", kKindWord, Source::kOpenLlmetry},
    {"langsmith.span.kind", kKindWord, Source::kLangSmith},
    {"mlflow.spanType", kKindWord, Source::kMlflow},
    {"span.type", kKindWord, Source::kClaudeCode, kPlain, kHint},

    {"gen_ai.agent.name", kAgent, Source::kOtel, kPlain, kCopied},
    {"agent.name", kAgent, Source::kPlain, kPlain, kCopied},
    {"ai.telemetry.functionId", kAgent, Source::kVercel, kPlain, kCopied},
    {"traceloop.entity.name", kEntityName, Source::kOpenLlmetry},
    {"gen_ai.workflow.name", kWorkflow, Source::kOtel, kPlain, kCopied},
    {"traceloop.workflow.name", kWorkflow, Source::kOpenLlmetry, kPlain, kHint},
    {"langfuse.trace.name", kWorkflow, Source::kLangfuse, kPlain, kHint},
    {"langsmith.trace.name", kWorkflow, Source::kLangSmith, kPlain, kHint},

    {"gen_ai.tool.name", kTool, Source::kOtel},
    {"tool.name", kTool, Source::kPlain},
    {"ai.toolCall.name", kTool, Source::kVercel},
    {"tool_name", kTool, Source::kClaudeCode, kPlain, kHint},
    {"gen_ai.tool.call.id", kToolCallId, Source::kOtel},
    {"tool.id", kToolCallId, Source::kOpenInference, kPlain, kHint},
    {"tool_call.id", kToolCallId, Source::kOpenInference, kPlain, kHint},
    {"ai.toolCall.id", kToolCallId, Source::kVercel},
    {"mcp.method.name", kMcpMethod, Source::kOtel},

    {"gen_ai.provider.name", kProvider, Source::kOtel},
    {"gen_ai.system", kProvider, Source::kOtel},
    {"llm.provider", kProvider, Source::kPlain},
    {"llm.system", kProvider, Source::kOpenInference},
    {"ai.model.provider", kProvider, Source::kVercel},
    {"mlflow.llm.provider", kProvider, Source::kMlflow},

    {"gen_ai.request.model", kRequestModel, Source::kOtel},
    {"llm.request.model_name", kRequestModel, Source::kOpenInference},
    {"llm.model_name", kRequestModel, Source::kOpenInference},
    {"embedding.model_name", kRequestModel, Source::kOpenInference},
    {"reranker.model_name", kRequestModel, Source::kOpenInference},
    {"ai.model.id", kRequestModel, Source::kVercel},
    {"langfuse.observation.model.name", kRequestModel, Source::kLangfuse},
    {"mlflow.llm.model", kRequestModel, Source::kMlflow},
    {"llm.model", kRequestModel, Source::kPlain},
    {"model", kRequestModel, Source::kClaudeCode, kPlain, kHint},
    {"gen_ai.response.model", kResponseModel, Source::kOtel},
    {"llm.response.model_name", kResponseModel, Source::kOpenInference},
    {"ai.response.model", kResponseModel, Source::kVercel},
    {"agent.model", kAgentModel, Source::kPlain},

    {"gen_ai.conversation.id", kConversationId, Source::kOtel, kPlain, kCopied},
    {"session.id", kConversationId, Source::kOpenInference, kPlain, kHint},
    {"traceloop.association.properties.session_id", kConversationId, Source::kOpenLlmetry, kPlain, kHint},
    {"ai.telemetry.metadata.sessionId", kConversationId, Source::kVercel, kPlain, kHint},
    {"langfuse.session.id", kConversationId, Source::kLangfuse, kPlain, kHint},
    {"langsmith.trace.session_id", kConversationId, Source::kLangSmith, kPlain, kHint},
    {"mlflow.trace.session", kConversationId, Source::kMlflow, kPlain, kHint},

    {"gen_ai.response.finish_reasons", kFinishReasons, Source::kOtel},
    {"ai.response.finishReason", kFinishReasons, Source::kVercel},
    {"gen_ai.finishReason", kFinishReasons, Source::kVercel},
    {"llm.finish_reason", kFinishReasons, Source::kOpenInference},
    {"gen_ai.response.finish_reason", kFinishReasons, Source::kOpenLlmetry},
    {"gen_ai.response.stop_reason", kFinishReasons, Source::kOpenLlmetry},
    {"llm.response.finish_reason", kFinishReasons, Source::kOpenLlmetry},
    {"llm.response.stop_reason", kFinishReasons, Source::kOpenLlmetry},
    {"error.type", kErrorType, Source::kOtel, kPlain, kHint},

    {"gen_ai.usage.input_tokens", kInputTokens, Source::kOtel},
    {"gen_ai.usage.prompt_tokens", kInputTokens, Source::kOtel},
    {"llm.token_count.prompt", kInputTokens, Source::kOpenInference},
    {"llm.usage.prompt_tokens", kInputTokens, Source::kOpenLlmetry},
    {"ai.usage.inputTokens", kInputTokens, Source::kVercel},
    {"ai.usage.promptTokens", kInputTokens, Source::kVercel},
    {"ai.usage.tokens", kInputTokens, Source::kVercel},
    {"llm.tokens.input", kInputTokens, Source::kPlain},
    {"input_tokens", kInputTokensUncached, Source::kClaudeCode, kPlain, kHint},
    {"gen_ai.usage.output_tokens", kOutputTokens, Source::kOtel},
    {"gen_ai.usage.completion_tokens", kOutputTokens, Source::kOtel},
    {"llm.token_count.completion", kOutputTokens, Source::kOpenInference},
    {"llm.usage.completion_tokens", kOutputTokens, Source::kOpenLlmetry},
    {"ai.usage.outputTokens", kOutputTokens, Source::kVercel},
    {"ai.usage.completionTokens", kOutputTokens, Source::kVercel},
    {"llm.tokens.output", kOutputTokens, Source::kPlain},
    {"output_tokens", kOutputTokens, Source::kClaudeCode, kPlain, kHint},
    {"llm.token_count.total", kTotalTokens, Source::kOpenInference},
    {"gen_ai.usage.total_tokens", kTotalTokens, Source::kOpenLlmetry},
    {"llm.usage.total_tokens", kTotalTokens, Source::kOpenLlmetry},
    {"ai.usage.totalTokens", kTotalTokens, Source::kVercel},
    {"gen_ai.usage.cache_read.input_tokens", kCachedTokens, Source::kOtel},
    {"gen_ai.usage.cache_read_input_tokens", kCachedTokens, Source::kOpenLlmetry},
    {"llm.token_count.prompt_details.cache_read", kCachedTokens, Source::kOpenInference},
    {"ai.usage.inputTokenDetails.cacheReadTokens", kCachedTokens, Source::kVercel},
    {"ai.usage.cachedInputTokens", kCachedTokens, Source::kVercel},
    {"gen_ai.usage.details.cache_read_tokens", kCachedTokens, Source::kOtel},
    {"cache_read_tokens", kCachedTokens, Source::kClaudeCode, kPlain, kHint},
    {"gen_ai.usage.cache_write.input_tokens", kCacheWriteTokens, Source::kOtel},
    {"gen_ai.usage.cache_creation.input_tokens", kCacheWriteTokens, Source::kOtel},
    {"gen_ai.usage.cache_creation_input_tokens", kCacheWriteTokens, Source::kOpenLlmetry},
    {"llm.token_count.prompt_details.cache_write", kCacheWriteTokens, Source::kOpenInference},
    {"ai.usage.inputTokenDetails.cacheWriteTokens", kCacheWriteTokens, Source::kVercel},
    {"gen_ai.usage.details.cache_write_tokens", kCacheWriteTokens, Source::kOtel},
    {"cache_creation_tokens", kCacheWriteTokens, Source::kClaudeCode, kPlain, kHint},
    {"gen_ai.usage.reasoning.output_tokens", kReasoningTokens, Source::kOtel},
    {"gen_ai.usage.reasoning_tokens", kReasoningTokens, Source::kOpenLlmetry},
    {"llm.usage.reasoning_tokens", kReasoningTokens, Source::kOpenLlmetry},
    {"llm.token_count.completion_details.reasoning", kReasoningTokens, Source::kOpenInference},
    {"ai.usage.outputTokenDetails.reasoningTokens", kReasoningTokens, Source::kVercel},
    {"ai.usage.reasoningTokens", kReasoningTokens, Source::kVercel},
    {"ai.usage.inputTokenDetails.noCacheTokens", kTokenDetails, Source::kVercel},
    {"langfuse.observation.usage_details", kUsageJson, Source::kLangfuse},
    {"mlflow.chat.tokenUsage", kUsageJson, Source::kMlflow},

    {"gen_ai.response.time_to_first_chunk", kFirstToken, Source::kOtel, kSeconds},
    {"gen_ai.client.inference.time_to_first_chunk", kFirstToken, Source::kOtel, kSeconds},
    {"gen_ai.client.operation.time_to_first_chunk", kFirstToken, Source::kOtel, kSeconds},
    {"gen_ai.server.time_to_first_token", kFirstToken, Source::kOtel, kSeconds},
    {"gen_ai.streaming.time_to_first_token", kFirstToken, Source::kOtel, kSeconds},
    {"ai.response.msToFirstChunk", kFirstToken, Source::kVercel, kMillis},
    {"ttft_ms", kFirstToken, Source::kClaudeCode, kMillis, kHint},

    // Content.
    {"gen_ai.system_instructions", kSystemInstructions, Source::kOtel},
    {"gen_ai.input.messages", kInputMessages, Source::kOtel},
    {"gen_ai.prompt", kInputMessages, Source::kOtel},
    {"ai.prompt.messages", kInputMessages, Source::kVercel},
    {"ai.prompt", kInputMessages, Source::kVercel},
    {"ai.value", kInputMessages, Source::kVercel},
    {"llm.prompts", kInputMessages, Source::kOpenInference},
    {"langfuse.observation.input", kEntityInput, Source::kLangfuse},
    {"gen_ai.output.messages", kOutputMessages, Source::kOtel},
    {"gen_ai.completion", kOutputMessages, Source::kOtel},
    {"ai.response.text", kOutputText, Source::kVercel},
    {"ai.response.object", kOutputText, Source::kVercel},
    {"ai.result.text", kOutputText, Source::kVercel},
    {"ai.result.object", kOutputText, Source::kVercel},
    {"ai.response.reasoning", kOutputReasoning, Source::kVercel},
    {"ai.response.toolCalls", kOutputToolCalls, Source::kVercel},
    {"ai.result.toolCalls", kOutputToolCalls, Source::kVercel},
    {"langfuse.observation.output", kEntityOutput, Source::kLangfuse},
    {"gen_ai.tool.call.arguments", kToolArguments, Source::kOtel},
    {"ai.toolCall.args", kToolArguments, Source::kVercel},
    {"tool.parameters", kToolArguments, Source::kOpenInference, kPlain, kHint},
    {"tool_arguments", kToolArguments, Source::kOtel, kPlain, kHint},
    {"gen_ai.tool.call.result", kToolResult, Source::kOtel},
    {"ai.toolCall.result", kToolResult, Source::kVercel},
    {"tool_response", kToolResult, Source::kOtel, kPlain, kHint},
    {"traceloop.entity.input", kEntityInput, Source::kOpenLlmetry},
    {"traceloop.entity.output", kEntityOutput, Source::kOpenLlmetry},
    {"mlflow.spanInputs", kEntityInput, Source::kMlflow},
    {"mlflow.spanOutputs", kEntityOutput, Source::kMlflow},
    {"input.value", kEntityInput, Source::kOpenInference, kPlain, kHint},
    {"output.value", kEntityOutput, Source::kOpenInference, kPlain, kHint},
};
constexpr size_t kNameCount = std::size(kNames);

// Rows by key, for look-up.
constexpr auto kByKey = [] {
  std::array<uint16_t, kNameCount> order{};
  for (size_t i = 0; i < kNameCount; ++i) order[i] = static_cast<uint16_t>(i);
  std::sort(order.begin(), order.end(), [](uint16_t a, uint16_t b) { return kNames[a].key < kNames[b].key; });
  return order;
}();

// Lists spread over keys: prefix, index, then one of the suffixes of the same style.
struct ListPrefix {
  std::string_view prefix;
  MessageSide side;
  Source source;
};
constexpr ListPrefix kListPrefixes[] = {
    {"llm.input_messages.", MessageSide::kInput, Source::kOpenInference},
    {"llm.output_messages.", MessageSide::kOutput, Source::kOpenInference},
    {"gen_ai.prompt.", MessageSide::kInput, Source::kOpenLlmetry},
    {"gen_ai.completion.", MessageSide::kOutput, Source::kOpenLlmetry},
};

/// `group` and `rest` stand around a second index; without a group there is none.
struct ListSuffix {
  Source source;
  std::string_view group;
  std::string_view rest;
  ListField field;
};
constexpr ListSuffix kListSuffixes[] = {
    {Source::kOpenInference, "", "message.role", ListField::kRole},
    {Source::kOpenInference, "", "message.content", ListField::kContent},
    {Source::kOpenInference, "", "message.tool_call_id", ListField::kToolCallId},
    {Source::kOpenInference, "", "message.finish_reason", ListField::kFinishReason},
    {Source::kOpenInference, "", "message.function_call_name", ListField::kCallName},
    {Source::kOpenInference, "", "message.function_call_arguments_json", ListField::kCallArguments},
    {Source::kOpenInference, "message.tool_calls.", "tool_call.id", ListField::kCallId},
    {Source::kOpenInference, "message.tool_calls.", "tool_call.function.name", ListField::kCallName},
    {Source::kOpenInference, "message.tool_calls.", "tool_call.function.arguments", ListField::kCallArguments},
    {Source::kOpenInference, "message.contents.", "message_content.type", ListField::kPartType},
    {Source::kOpenInference, "message.contents.", "message_content.text", ListField::kPartText},
    {Source::kOpenInference, "message.contents.", "message_content.image.image.url", ListField::kPartMedia},
    {Source::kOpenLlmetry, "", "role", ListField::kRole},
    {Source::kOpenLlmetry, "", "content", ListField::kContent},
    {Source::kOpenLlmetry, "", "tool_call_id", ListField::kToolCallId},
    {Source::kOpenLlmetry, "", "finish_reason", ListField::kFinishReason},
    {Source::kOpenLlmetry, "", "function_call.name", ListField::kCallName},
    {Source::kOpenLlmetry, "", "function_call.arguments", ListField::kCallArguments},
    {Source::kOpenLlmetry, "tool_calls.", "id", ListField::kCallId},
    {Source::kOpenLlmetry, "tool_calls.", "name", ListField::kCallName},
    {Source::kOpenLlmetry, "tool_calls.", "arguments", ListField::kCallArguments},
};

struct ScopePrefix {
  std::string_view prefix;
  Dialect dialect;
};
constexpr ScopePrefix kScopePrefixes[] = {
    {"openinference.", Dialect::kOpenInference},          // Python: openinference.instrumentation.openai
    {"@arizeai/openinference", Dialect::kOpenInference},  // JavaScript
    {"@traceloop/", Dialect::kOpenLlmetry},
    {"traceloop.", Dialect::kOpenLlmetry},
    {"@ai-sdk/", Dialect::kVercel},
};
// Whole names too short to be prefixes: the AI SDK up to 6, and 7.
constexpr ScopePrefix kScopeNames[] = {{"ai", Dialect::kVercel}, {"gen_ai", Dialect::kVercel}};

/// Takes "12." off the front of `rest`; nothing when it does not begin with an index below `limit` and a dot.
std::optional<uint32_t> take_index(std::string_view& rest, size_t limit) {
  uint32_t index = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), index);
  if (error != std::errc{} || index >= limit) return std::nullopt;
  const auto digits = static_cast<size_t>(end - rest.data());
  if (digits == rest.size() || rest[digits] != '.') return std::nullopt;
  rest.remove_prefix(digits + 1);
  return index;
}

bool match_suffix(const ListSuffix& suffix, std::string_view rest, ListKey& key) {
  if (suffix.source != key.source || !rest.starts_with(suffix.group)) return false;
  rest.remove_prefix(suffix.group.size());
  uint32_t item = 0;
  if (!suffix.group.empty()) {
    const auto index = take_index(rest, kMessagePartsMax);
    if (!index) return false;
    item = *index;
  }
  if (rest != suffix.rest) return false;
  key.field = suffix.field;
  key.item = item;
  return true;
}

}  // namespace

std::string_view to_string(Dialect dialect) {
  static constexpr std::string_view kTexts[] = {"otel", "openinference", "openllmetry", "vercel", "other"};
  return kTexts[static_cast<uint8_t>(dialect)];
}

Dialect dialect_of(Source source) {
  switch (source) {
    case Source::kOtel:
      return Dialect::kOtel;
    case Source::kOpenInference:
      return Dialect::kOpenInference;
    case Source::kOpenLlmetry:
      return Dialect::kOpenLlmetry;
    case Source::kVercel:
      return Dialect::kVercel;
    default:
      return Dialect::kOther;
  }
}

std::span<const GenAiName> names() {
  return kNames;
}

uint16_t find_name(std::string_view key) {
  const auto found = std::lower_bound(kByKey.begin(), kByKey.end(), key,
                                      [](uint16_t index, std::string_view text) { return kNames[index].key < text; });
  return found != kByKey.end() && kNames[*found].key == key ? *found : kNoName;
}

std::optional<ListKey> parse_list_key(std::string_view key) {
  for (const ListPrefix& list : kListPrefixes) {
    if (!key.starts_with(list.prefix)) continue;
    std::string_view rest = key.substr(list.prefix.size());
    const auto message = take_index(rest, kMessagesMax);
    if (!message) return std::nullopt;
    ListKey parsed{.side = list.side, .source = list.source, .message = *message};
    for (const ListSuffix& suffix : kListSuffixes) {
      if (match_suffix(suffix, rest, parsed)) return parsed;
    }
    return std::nullopt;
  }
  return std::nullopt;
}

std::optional<Dialect> dialect_of_scope(std::string_view scope_name) {
  for (const ScopePrefix& scope : kScopeNames) {
    if (scope_name == scope.prefix) return scope.dialect;
  }
  for (const ScopePrefix& scope : kScopePrefixes) {
    if (scope_name.starts_with(scope.prefix)) return scope.dialect;
  }
  return std::nullopt;
}

}  // namespace sextant::data
