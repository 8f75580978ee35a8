#include "serve/api/render_genai.h"

#include <algorithm>
#include <string>

#include "base/core/text.h"
#include "serve/api/render_run.h"

namespace sextant::serve {
namespace {

using data::StepFacts;
using data::StepKind;

/// Characters of a tool's arguments that a row shows.
constexpr size_t kDetailCharactersMax = 80;
/// Bytes of them looked at: enough for that many characters of any script, and of white space between them.
constexpr size_t kDetailBytesMax = 1024;

/// What the row says: "chat gpt-4o", "query_database", "analyzer"; the span's name where nothing better is known.
std::string title_of(const StepFacts& facts, std::string_view name) {
  switch (facts.kind) {
    case StepKind::kModel:
    case StepKind::kEmbeddings:
      if (facts.model().empty()) return std::string(name);
      if (facts.operation.empty()) return std::string(facts.model());
      return std::string(facts.operation) + " " + std::string(facts.model());
    case StepKind::kTool:
      return std::string(facts.tool.empty() ? name : facts.tool);
    case StepKind::kAgent:
      return std::string(facts.agent.empty() ? name : facts.agent);
    case StepKind::kWorkflow:
      return std::string(facts.workflow.empty() ? name : facts.workflow);
    case StepKind::kRetrieval:
    case StepKind::kHandoff:
    case StepKind::kGuard:
    case StepKind::kOther:
      return std::string(name);
  }
  return std::string(name);
}

/// The arguments a tool was called with, as they came.
std::string_view arguments_of(data::GenAiReader& reader, uint32_t row) {
  const data::AttributeList& list = reader.batch().spans.attributes[row];
  for (const auto& at : reader.names_of(list.shape).content) {
    const data::Field field = data::names()[at.name].field;
    if (field != data::Field::kToolArguments && field != data::Field::kEntityInput) continue;
    const data::ValueView value = reader.value_at(list, at.position);
    if (value.type == data::ValueType::kString && !value.bytes.empty()) return value.bytes;
  }
  return {};
}

/// One line: runs of white space become a space, and no more characters than a row can show.
std::string one_line(std::string_view text) {
  std::string line;
  bool gap = false;
  for (const char c : text.substr(0, kDetailBytesMax)) {
    const bool space = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (!space && gap && !line.empty()) line += ' ';
    if (!space) line += c;
    gap = space;
  }
  // A character may have been cut in the middle at kDetailBytesMax; it is beyond what is shown.
  return std::string(utf8_prefix(to_valid_utf8(line), kDetailCharactersMax));
}

void render_maybe(std::string_view key, const std::optional<std::string>& text, JsonWriter& json) {
  json.key(key);
  if (text) {
    json.string(*text);
  } else {
    json.null();
  }
}

void render_messages(std::string_view key, const std::vector<data::Message>& messages, JsonWriter& json) {
  json.key(key).begin_array();
  for (const data::Message& message : messages) {
    json.begin_object().key("role").string(message.role).key("parts").begin_array();
    for (const data::MessagePart& part : message.parts) {
      json.begin_object().key("type").string(data::to_string(part.type));
      render_maybe("text", part.text, json);
      render_maybe("id", part.id, json);
      render_maybe("name", part.name, json);
      render_maybe("arguments", part.arguments, json);
      json.end_object();
    }
    json.end_array().end_object();
  }
  json.end_array();
}

void render_nanos(std::string_view key, const std::optional<uint64_t>& nanos, JsonWriter& json) {
  json.key(key);
  if (nanos) {
    json.unsigned_integer(*nanos);
  } else {
    json.null();
  }
}

}  // namespace

void render_step_facts(data::GenAiReader& reader, uint32_t row, const std::optional<StepFacts>& facts,
                       JsonWriter& json) {
  const std::string_view name = reader.batch().values.text(reader.batch().spans.name[row]);
  const StepFacts known = facts.value_or(StepFacts{});
  json.key("title").string(facts ? title_of(known, name) : std::string(name));
  render_known(known.kind == StepKind::kTool ? one_line(arguments_of(reader, row)) : "", json.key("detail"));
  json.key("kind").string(data::to_string(known.kind));
  render_known(known.agent, json.key("agent"));
  render_known(known.model(), json.key("model"));
  render_tokens(known.tokens, json.key("tokens"));
  render_nanos("first_token_ns", known.first_token_nanos, json);
}

void render_step_view(data::GenAiReader& reader, uint32_t row, data::Depth depth, JsonWriter& json) {
  const auto view = data::read_step(reader, row, depth);
  if (!view) {
    json.null();
    return;
  }
  json.begin_object();
  json.key("kind").string(data::to_string(view->kind));
  json.key("dialect").string(data::to_string(view->dialect));
  render_known(view->operation, json.key("operation"));
  render_known(view->agent, json.key("agent"));
  render_known(view->tool, json.key("tool"));
  render_known(view->tool_call_id, json.key("tool_call_id"));
  render_known(view->provider, json.key("provider"));
  render_known(view->request_model, json.key("request_model"));
  render_known(view->response_model, json.key("response_model"));
  render_known(view->conversation_id, json.key("conversation_id"));
  json.key("finish_reasons").begin_array();
  for (const std::string& reason : view->finish_reasons) json.string(reason);
  json.end_array();
  render_tokens(view->tokens, json.key("tokens"));
  render_nanos("first_token_ns", view->first_token_nanos, json);
  render_messages("input_messages", view->input_messages, json);
  render_messages("output_messages", view->output_messages, json);
  render_maybe("arguments", view->arguments, json);
  render_maybe("result", view->result, json);
  json.end_object();
}

}  // namespace sextant::serve
