// The names under which agents' spans say things, in every dialect: one table, one row a name. The reader knows fields
// only; a new spelling is a new row in names.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sextant::data {

/// Family of conventions a span was written in, as the API names it.
enum class Dialect : uint8_t { kOtel, kOpenInference, kOpenLlmetry, kVercel, kOther };

/// "otel openinference openllmetry vercel other".
std::string_view to_string(Dialect dialect);

/// Who writes a name. Several sources share a dialect.
enum class Source : uint8_t {
  kOpenInference,
  kVercel,
  kOpenLlmetry,
  kOtel,  // OpenTelemetry's GenAI and MCP conventions, current and deprecated names
  kLangfuse,
  kLangSmith,
  kMlflow,
  kClaudeCode,
  kPlain,  // agent.*, llm.*, tool.* as hand-instrumented agents write them
};
Dialect dialect_of(Source source);

/// What a value means, whatever it is called.
enum class Field : uint8_t {
  kKindWord,  // names the kind of step: words.h
  kAgent,
  kEntityName,  // name of whatever the span's kind word says it is
  kWorkflow,
  kTool,
  kToolCallId,
  kProvider,
  kRequestModel,
  kResponseModel,
  kAgentModel,  // the model an agent is configured with
  kConversationId,
  kFinishReasons,
  kErrorType,
  kInputTokens,          // cached ones included, as far as the source keeps to its own rules
  kInputTokensUncached,  // cached ones left out
  kOutputTokens,
  kTotalTokens,
  kCachedTokens,
  kCacheWriteTokens,
  kReasoningTokens,
  kTokenDetails,  // present only where input tokens are certain to include cached ones
  kUsageJson,     // JSON object of counts
  kFirstToken,
  kMcpMethod,
  // Content: read only when messages are asked for.
  kSystemInstructions,
  kInputMessages,
  kOutputMessages,
  kOutputText,       // plain text of the answer
  kOutputReasoning,  // plain text of the reasoning before it
  kOutputToolCalls,  // JSON array of tool calls
  kToolArguments,
  kToolResult,
  kEntityInput,  // of a tool: its arguments; of anything else: the messages, if the value holds some
  kEntityOutput,
};
inline constexpr Field kFirstContentField = Field::kSystemInstructions;

/// Unit of a time; plain for everything else.
enum class Form : uint8_t { kPlain, kSeconds, kMillis };

/// Whether the name alone makes its span a step of an agent. kIfInternal: span processors copy the name onto every span
/// below an agent, so on a span to or from another process (an HTTP call) it proves nothing.
enum class Proof : uint8_t { kYes, kIfInternal, kNo };

struct GenAiName {
  std::string_view key;
  Field field;
  Source source;
  Form form = Form::kPlain;
  Proof proof = Proof::kYes;
};

/// All rows. Order matters: of several names with the same field on one span, the first in the table is believed.
std::span<const GenAiName> names();
inline constexpr uint16_t kNoName = UINT16_MAX;
/// Index of the row whose key is `key`, or kNoName.
uint16_t find_name(std::string_view key);

/// One attribute of a list that was spread over keys: `llm.input_messages.3.message.role`.
enum class ListField : uint8_t {
  kRole,
  kContent,
  kToolCallId,
  kFinishReason,
  kCallId,         // of the second index: a tool call's
  kCallName,       // …
  kCallArguments,  // …
  kPartType,       // of the second index: a part's
  kPartText,
  kPartMedia,  // URL of an image
};
enum class MessageSide : uint8_t { kInput, kOutput };

struct ListKey {
  MessageSide side = MessageSide::kInput;
  ListField field = ListField::kRole;
  Source source = Source::kOpenInference;
  uint32_t message = 0;  // first index
  uint32_t item = 0;     // second index, of tool calls and parts
};

/// Takes a spread key apart; nothing when it is none or an index is beyond its limit.
std::optional<ListKey> parse_list_key(std::string_view key);

/// The dialect an instrumentation scope's name gives away.
std::optional<Dialect> dialect_of_scope(std::string_view scope_name);

}  // namespace sextant::data
