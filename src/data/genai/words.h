// The words that agents' spans use as values where a fixed set was meant: kinds of step, providers, finish reasons.
// Each dialect spells them its own way; these tables bring them to OpenTelemetry's.
#pragma once

#include <cstdint>
#include <string_view>

namespace sextant::data {

/// What a span is to an agent.
enum class StepKind : uint8_t {
  kAgent,
  kWorkflow,
  kModel,
  kEmbeddings,
  kTool,
  kRetrieval,
  kHandoff,
  kGuard,
  kOther,
};

/// "agent workflow model embeddings tool retrieval handoff guard other".
std::string_view to_string(StepKind kind);

/// A word for a kind of step, and the operation of gen_ai.operation.name that says the same; "" where there is none.
struct KindWord {
  std::string_view word;
  StepKind kind;
  std::string_view operation;
};

/// Of either case, with or without JSON quotes around it; nullptr when the word is unknown.
const KindWord* find_kind_word(std::string_view text);

/// The value of gen_ai.provider.name for any spelling ("azure", "openai.chat"); `text` itself when it is unknown.
std::string_view provider_name(std::string_view text);

/// OpenTelemetry's word for a finish reason ("tool_calls", "end_turn"); `text` itself when it is unknown.
std::string_view finish_reason(std::string_view text);

}  // namespace sextant::data
