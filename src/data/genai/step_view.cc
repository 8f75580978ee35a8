#include "data/genai/step_view.h"

#include <algorithm>

#include "base/core/text.h"
#include "data/genai/json.h"
#include "data/genai/limits.h"
#include "data/genai/message_sources.h"

namespace sextant::data {
namespace {

std::string_view text_of(const ValueView& value) {
  return value.type == ValueType::kString ? value.bytes : std::string_view{};
}

void add_reason(std::vector<std::string>& reasons, std::string_view text) {
  if (!text.empty() && reasons.size() < kRunListMax) reasons.emplace_back(finish_reason(text));
}

/// A list of texts, a text that is the JSON of such a list, or one text.
void append_reasons(GenAiReader& reader, const ValueView& value, std::vector<std::string>& reasons) {
  if (value.type == ValueType::kArray) {
    NestedReader nested(value.bytes, value.type);
    while (nested.next()) add_reason(reasons, text_of(nested.value()));
    return;
  }
  const auto document = reader.json().parse(text_of(value), kMessageJsonBytesMax);
  JsonArray list;
  if (!document || document->get_array().get(list) != simdjson::SUCCESS) return add_reason(reasons, text_of(value));
  for (const JsonElement& element : list) {
    std::string_view text;
    if (element.get_string().get(text) == simdjson::SUCCESS) add_reason(reasons, text);
  }
}

void read_finish_reasons(GenAiReader& reader, uint32_t row, std::vector<std::string>& reasons) {
  const AttributeList& list = reader.batch().spans.attributes[row];
  for (const ShapeNames::At& at : reader.names_of(list.shape).facts) {
    if (names()[at.name].field != Field::kFinishReasons) continue;
    append_reasons(reader, reader.value_at(list, at.position), reasons);
    if (!reasons.empty()) return;
  }
}

/// OpenLLMetry writes a function's arguments as {"args": [...], "kwargs": {...}}; what the tool was given is one of
/// them.
std::string tool_arguments(GenAiReader& reader, const ValueView& value) {
  std::string text = value_plain(value);
  const auto document = reader.json().parse(text, kMessageJsonBytesMax);
  JsonObject object;
  JsonArray args;
  JsonObject kwargs;
  const bool is_call = document && document->get_object().get(object) == simdjson::SUCCESS && object.size() == 2 &&
                       object.at_key("args").get_array().get(args) == simdjson::SUCCESS &&
                       object.at_key("kwargs").get_object().get(kwargs) == simdjson::SUCCESS;
  if (!is_call) return text;
  if (args.size() == 0) return simdjson::minify(kwargs);
  if (args.size() == 1 && kwargs.size() == 0) return json_plain(args.at(0).value_unsafe());
  return text;
}

void read_tool(GenAiReader& reader, MessageSources& sources, StepView& view) {
  auto arguments = sources.first_value(Field::kToolArguments);
  if (!arguments) arguments = sources.first_value(Field::kEntityInput);
  if (arguments) view.arguments = tool_arguments(reader, *arguments);
  auto result = sources.first_value(Field::kToolResult);
  if (!result) result = sources.first_value(Field::kEntityOutput);
  if (result) view.result = value_plain(*result);
}

StepView view_of(const StepFacts& facts) {
  StepView view;
  view.kind = facts.kind;
  view.dialect = facts.dialect;
  view.operation = facts.operation;
  view.agent = facts.agent;
  view.workflow = facts.workflow;
  view.tool = facts.tool;
  view.tool_call_id = facts.tool_call_id;
  view.provider = facts.provider;
  view.request_model = facts.request_model;
  view.response_model = facts.response_model;
  view.conversation_id = facts.conversation_id;
  view.tokens = facts.tokens;
  view.cache_write_input = facts.cache_write_input;
  view.first_token_nanos = facts.first_token_nanos;
  return view;
}

/// White space runs become one space, so that a preview is one line.
std::string one_line(std::string_view text) {
  std::string line;
  for (char c : text) {
    const bool space = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (!space) {
      line.push_back(c);
    } else if (!line.empty() && line.back() != ' ') {
      line.push_back(' ');
    }
    // A character has at most four bytes: more are not needed for any preview.
    if (line.size() > kTaskCharactersMax * 4) break;
  }
  return std::string(utf8_prefix(line, kTaskCharactersMax));
}

/// What the user asked first in this turn: the history before it ends with the last answer a user replied to.
std::string_view asked(const MessageList& list) {
  std::string_view found;
  bool new_turn = true;
  for (const Message& message : list.messages) {
    new_turn = new_turn || message.role == "assistant";
    const std::string_view text = user_text(message);
    if (text.empty() || !new_turn) continue;
    found = text;
    new_turn = false;
  }
  return found;
}

bool may_hold_task(StepKind kind) {
  return kind == StepKind::kAgent || kind == StepKind::kWorkflow || kind == StepKind::kModel;
}

}  // namespace

std::string_view error_text(const Batch& batch, uint32_t row) {
  const std::string_view status = batch.values.text(batch.spans.status_message[row]);
  if (!status.empty()) return status;
  const RowRange events = batch.events_of(row);
  for (uint32_t i = events.begin; i < events.end; ++i) {
    if (batch.values.text(batch.events.name[i]) != "exception") continue;
    const AttributeList& list = batch.events.attributes[i];
    const std::string_view message = text_of(batch.attribute(list, "exception.message"));
    return !message.empty() ? message : text_of(batch.attribute(list, "exception.type"));
  }
  return text_of(batch.attribute(batch.spans.attributes[row], "error.type"));
}

std::optional<StepView> read_step(GenAiReader& reader, uint32_t row, Depth depth) {
  const auto facts = reader.facts(row);
  if (!facts) return std::nullopt;
  StepView view = view_of(*facts);
  if (reader.batch().spans.status[row] == kError) view.error = error_text(reader.batch(), row);
  read_finish_reasons(reader, row, view.finish_reasons);
  if (depth == Depth::kFacts) return view;
  MessageSources sources(reader, row, {kMessageJsonBytesMax});
  if (view.kind == StepKind::kTool) {
    read_tool(reader, sources, view);
    return view;
  }
  view.input_messages = sources.input().messages;
  MessageList output = sources.output();
  view.output_messages = std::move(output.messages);
  if (view.finish_reasons.empty()) {
    for (const std::string& reason : output.finish_reasons) add_reason(view.finish_reasons, reason);
  }
  return view;
}

std::optional<StepView> read_step(const Batch& batch, uint32_t row, Depth depth) {
  GenAiReader reader(batch);
  return read_step(reader, row, depth);
}

TaskPreview read_task(GenAiReader& reader, uint32_t row, const StepFacts& facts) {
  if (!may_hold_task(facts.kind)) return {};
  MessageSources sources(reader, row, {.json_bytes_max = kTaskJsonBytesMax, .last_turn_only = true});
  const MessageList list = sources.input();
  return {one_line(asked(list)), sources.from_messages()};
}

}  // namespace sextant::data
