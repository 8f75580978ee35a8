// What a span means to an agent, read from whichever dialect it was written in: the whole view of one step. The cheap
// half, for lists and sums, is in reader.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/genai/messages.h"
#include "data/genai/names.h"
#include "data/genai/reader.h"
#include "data/genai/words.h"
#include "data/model/batch.h"
#include "data/model/run.h"

namespace sextant::data {

/// Value. An empty text means: not known.
struct StepView {
  StepKind kind = StepKind::kOther;
  Dialect dialect = Dialect::kOther;
  std::string operation;  // as gen_ai.operation.name
  std::string agent;
  std::string workflow;
  std::string tool;
  std::string tool_call_id;
  std::string provider;  // as gen_ai.provider.name
  std::string request_model;
  std::string response_model;
  std::string conversation_id;
  std::vector<std::string> finish_reasons;  // OpenTelemetry's words: stop, length, content_filter, tool_call, error
  TokenCounts tokens;
  uint64_t cache_write_input = 0;             // part of tokens.input
  std::optional<uint64_t> first_token_nanos;  // from the span's start
  std::vector<Message> input_messages;
  std::vector<Message> output_messages;
  std::optional<std::string> arguments;  // of a tool
  std::optional<std::string> result;     // of a tool
  std::string error;                     // of a span in error: why, as far as it says
};

/// Whether messages, arguments and results are wanted: they cost the parsing of JSON, and memory of their size.
enum class Depth : uint8_t { kFacts, kMessages };

/// Nothing when the span says nothing of an agent's. Never fails: what cannot be understood is kept as text.
std::optional<StepView> read_step(GenAiReader& reader, uint32_t row, Depth depth);
/// For single rows: what the batch's shapes hold is found out anew each time.
std::optional<StepView> read_step(const Batch& batch, uint32_t row, Depth depth);

/// Why a span failed: its status message, or the message or type of an exception it recorded. Lifetime: the batch's.
std::string_view error_text(const Batch& batch, uint32_t row);

/// What the user asked: the first user message of the turn that a step belongs to, at most kTaskCharactersMax
/// characters, white space joined.
struct TaskPreview {
  std::string text;
  bool from_messages = false;  // false: from the input of an agent or workflow, which may be anything
};
TaskPreview read_task(GenAiReader& reader, uint32_t row, const StepFacts& facts);

}  // namespace sextant::data
