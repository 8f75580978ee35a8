#include "data/genai/message_sources.h"

#include <map>
#include <utility>

#include "data/genai/json.h"
#include "data/genai/limits.h"
#include "data/genai/message_json.h"

namespace sextant::data {
namespace {

using Type = MessagePart::Type;

/// Events that are one message each: OpenTelemetry's conventions up to 1.36.
struct EventName {
  std::string_view name;
  MessageSide side;
  std::string_view role;
};
constexpr EventName kMessageEvents[] = {
    {"gen_ai.system.message", MessageSide::kInput, "system"},
    {"gen_ai.user.message", MessageSide::kInput, "user"},
    {"gen_ai.assistant.message", MessageSide::kInput, "assistant"},
    {"gen_ai.tool.message", MessageSide::kInput, "tool"},
    {"gen_ai.choice", MessageSide::kOutput, "assistant"},
};
/// Attributes of events that hold all messages of a side.
struct EventList {
  std::string_view key;
  MessageSide side;
  std::string_view role;
};
constexpr EventList kEventLists[] = {
    {"gen_ai.system_instructions", MessageSide::kInput, "system"},
    {"gen_ai.input.messages", MessageSide::kInput, "user"},
    {"gen_ai.output.messages", MessageSide::kOutput, "assistant"},
    {"gen_ai.prompt", MessageSide::kInput, "user"},
    {"gen_ai.completion", MessageSide::kOutput, "assistant"},
};
/// Events searched for messages; a conversation has some thousands.
constexpr uint32_t kMessageEventsMax = kMessagesMax;

bool is_structured(const ValueView& value) {
  return value.type == ValueType::kArray || value.type == ValueType::kMap;
}

MessagePart plain_part(Type type, std::string text) {
  return {type, std::move(text), {}, {}, {}};
}

std::string_view text_of(const ValueView& value) {
  return value.type == ValueType::kString ? value.bytes : std::string_view{};
}

/// One message of a spread list while its attributes come in, in any order.
struct SpreadMessage {
  std::string role;
  std::vector<MessagePart> content;
  std::string tool_call_id;
  std::map<uint32_t, MessagePart> parts;
  std::map<uint32_t, MessagePart> calls;

  Message finish() &&;
};

Message SpreadMessage::finish() && {
  Message message{std::move(role), {}};
  for (auto& [index, part] : parts) message.parts.push_back(std::move(part));
  for (MessagePart& part : content) message.parts.push_back(std::move(part));
  for (auto& [index, call] : calls) {
    call.type = Type::kToolCall;
    message.parts.push_back(std::move(call));
  }
  if (message.role != "tool" && message.role != "function") return message;
  for (MessagePart& part : message.parts) {
    if (part.type == Type::kText) part.type = Type::kToolResult;
    if (part.type == Type::kToolResult && !part.id && !tool_call_id.empty()) part.id = tool_call_id;
  }
  return message;
}

/// "image_url", "input_image", … of a part whose text never came stay media; all else is what its type says.
Type spread_part_type(std::string_view type, Type known) {
  if (type.find("image") != std::string_view::npos || type.find("audio") != std::string_view::npos) return Type::kMedia;
  if (type == "reasoning" || type == "thinking") return Type::kReasoning;
  return known;
}

void take_spread(const ListKey& key, const ValueView& value, SpreadMessage& message, MessageList& out) {
  const std::string text = value_plain(value);
  switch (key.field) {
    case ListField::kRole:
      message.role = text;
      return;
    case ListField::kContent:
      return;  // needs the parser: append_spread
    case ListField::kToolCallId:
      message.tool_call_id = text;
      return;
    case ListField::kFinishReason:
      if (!text.empty()) out.finish_reasons.push_back(text);
      return;
    case ListField::kCallId:
      message.calls[key.item].id = text;
      return;
    case ListField::kCallName:
      message.calls[key.item].name = text;
      return;
    case ListField::kCallArguments:
      message.calls[key.item].arguments = text;
      return;
    case ListField::kPartType: {
      MessagePart& part = message.parts[key.item];
      part.type = spread_part_type(text, part.type);
      return;
    }
    case ListField::kPartText:
      message.parts[key.item].text = text;
      return;
    case ListField::kPartMedia: {
      MessagePart& part = message.parts[key.item];
      part.type = Type::kMedia;
      const bool embedded = text.starts_with("data:");
      part.text = embedded
                      ? text.substr(5, text.find_first_of(";,") - 5) + ", " + std::to_string(text.size()) + " bytes"
                      : text;
      return;
    }
  }
}

}  // namespace

MessageSources::MessageSources(GenAiReader& reader, uint32_t row, MessageLimits limits)
    : reader_(reader), batch_(reader.batch()), row_(row), limits_(limits) {}

std::optional<ValueView> MessageSources::first_value(Field field) {
  const AttributeList& list = batch_.spans.attributes[row_];
  for (const ShapeNames::At& at : reader_.names_of(list.shape).content) {
    if (names()[at.name].field != field) continue;
    const ValueView value = reader_.value_at(list, at.position);
    if (value.type != ValueType::kEmpty && (value.type != ValueType::kString || !value.bytes.empty())) return value;
  }
  return std::nullopt;
}

bool MessageSources::append_from(const JsonElement& document, std::string_view role, MessageList& out) const {
  return limits_.last_turn_only ? append_last_turn(document, role, out) : append_messages(document, role, out);
}

/// JSON that holds messages becomes those; other text becomes one message of `role`. False when there is nothing.
bool MessageSources::append_value(const ValueView& value, std::string_view role, MessageList& out) {
  std::string written;
  std::string_view text = value.bytes;
  if (is_structured(value)) {
    written = value_plain(value);
    text = written;
  } else if (value.type != ValueType::kString || text.empty()) {
    return false;
  }
  const auto document = reader_.json().parse(text, limits_.json_bytes_max);
  if (document && append_from(*document, role, out)) return true;
  // An empty list was a list of messages without any.
  if (text == "[]" || text == "{}") return false;
  const bool looks_like_json = text.front() == '{' || text.front() == '[';
  out.messages.push_back(
      {std::string(role), {plain_part(looks_like_json ? Type::kOther : Type::kText, std::string(text))}});
  return true;
}

void MessageSources::append_spread(MessageSide side, MessageList& out) {
  const AttributeList& list = batch_.spans.attributes[row_];
  const std::vector<ShapeNames::ListAt>& spread = reader_.names_of(list.shape).lists;
  for (size_t i = 0; i < spread.size();) {
    const uint32_t index = spread[i].key.message;
    const bool wanted = spread[i].key.side == side;
    const MessageSide current = spread[i].key.side;
    SpreadMessage message;
    message.role = side == MessageSide::kInput ? "user" : "assistant";
    for (; i < spread.size() && spread[i].key.message == index && spread[i].key.side == current; ++i) {
      if (!wanted) continue;
      const ValueView value = reader_.value_at(list, spread[i].position);
      if (spread[i].key.field != ListField::kContent) {
        take_spread(spread[i].key, value, message, out);
        continue;
      }
      // Content is text, or the JSON of a list of parts; OpenLLMetry writes an absent one as "null".
      const std::string text = value_plain(value);
      const auto document = text.starts_with('[') ? reader_.json().parse(text, limits_.json_bytes_max) : std::nullopt;
      MessageList parsed;
      if (document && append_messages(*document, message.role, parsed) && parsed.messages.size() == 1) {
        message.content = std::move(parsed.messages.front().parts);
      } else if (!text.empty() && !(spread[i].key.source == Source::kOpenLlmetry && text == "null")) {
        message.content.push_back(plain_part(Type::kText, text));
      }
    }
    if (wanted) out.messages.push_back(std::move(message).finish());
  }
}

/// One event as a JSON message: its attributes are the members, and those that are JSON already stay it.
void MessageSources::append_event(uint32_t event, MessageSide side, MessageList& out) {
  const AttributeList& list = batch_.events.attributes[event];
  for (const EventList& known : kEventLists) {
    bool found = false;
    const ValueView value = batch_.attribute(list, known.key, &found);
    if (found && known.side == side) append_value(value, known.role, out);
  }
  const std::string_view name = batch_.values.text(batch_.events.name[event]);
  for (const EventName& known : kMessageEvents) {
    if (known.name != name || known.side != side) continue;
    const ValueView body = batch_.attribute(list, "gen_ai.event.content");
    const ValueView inner = batch_.attribute(list, "message");
    const std::string_view reason = text_of(batch_.attribute(list, "finish_reason"));
    if (!reason.empty()) out.finish_reasons.emplace_back(reason);
    const ValueView& whole = !body.bytes.empty() ? body : inner;
    const size_t before = out.messages.size();
    if (!whole.bytes.empty()) {
      append_value(whole, known.role, out);
    } else {
      Message message{std::string(known.role), {}};
      const std::string text = value_plain(batch_.attribute(list, "content"));
      const bool is_tool = known.role == "tool";
      if (text != "null") message.parts.push_back(plain_part(is_tool ? Type::kToolResult : Type::kText, text));
      const std::string_view id = text_of(batch_.attribute(list, "id"));
      if (is_tool && !message.parts.empty() && !id.empty()) message.parts.front().id = id;
      const std::string calls = value_plain(batch_.attribute(list, "tool_calls"));
      MessageList parsed;
      const auto document = reader_.json().parse(calls, limits_.json_bytes_max);
      if (document && append_messages(*document, known.role, parsed)) {
        for (Message& one : parsed.messages) {
          for (MessagePart& part : one.parts) message.parts.push_back(std::move(part));
        }
      }
      out.messages.push_back(std::move(message));
    }
    // The event's name says the role where its body does not.
    for (size_t i = before; i < out.messages.size(); ++i) {
      if (out.messages[i].role.empty()) out.messages[i].role = known.role;
    }
  }
}

void MessageSources::append_events(MessageSide side, MessageList& out) {
  const RowRange events = batch_.events_of(row_);
  for (uint32_t i = events.begin; i < events.end && i - events.begin < kMessageEventsMax; ++i) {
    append_event(i, side, out);
  }
}

/// The answer in pieces, as the Vercel AI SDK up to 6 writes it: reasoning, text and tool calls under keys of their
/// own.
void MessageSources::append_answer(MessageList& out) {
  Message message{"assistant", {}};
  if (const auto reasoning = first_value(Field::kOutputReasoning)) {
    message.parts.push_back(plain_part(Type::kReasoning, value_plain(*reasoning)));
  }
  if (const auto text = first_value(Field::kOutputText)) {
    message.parts.push_back(plain_part(Type::kText, value_plain(*text)));
  }
  if (const auto calls = first_value(Field::kOutputToolCalls)) {
    const std::string text = value_plain(*calls);
    const auto document = reader_.json().parse(text, limits_.json_bytes_max);
    JsonArray list;
    if (document && document->get_array().get(list) == simdjson::SUCCESS) {
      for (const JsonElement& call : list) {
        JsonObject object;
        if (call.get_object().get(object) == simdjson::SUCCESS) message.parts.push_back(tool_call_of(object));
      }
    } else {
      message.parts.push_back(plain_part(Type::kOther, text));
    }
  }
  if (!message.parts.empty()) out.messages.push_back(std::move(message));
}

void MessageSources::append_entity(Field field, std::string_view role, MessageList& out) {
  const auto value = first_value(field);
  if (value) append_value(*value, role, out);
  from_messages_ = false;
}

void MessageSources::prepend_system(MessageList& out) {
  const auto instructions = first_value(Field::kSystemInstructions);
  if (!instructions || (!out.empty() && out.messages.front().role == "system")) return;
  MessageList system;
  append_value(*instructions, "system", system);
  out.messages.insert(out.messages.begin(), std::make_move_iterator(system.messages.begin()),
                      std::make_move_iterator(system.messages.end()));
}

MessageList MessageSources::read(Field field, MessageSide side, std::string_view role) {
  MessageList list;
  from_messages_ = true;
  if (const auto value = first_value(field)) append_value(*value, role, list);
  if (list.empty()) append_spread(side, list);
  if (list.empty()) append_events(side, list);
  return list;
}

MessageList MessageSources::input() {
  MessageList list = read(Field::kInputMessages, MessageSide::kInput, "user");
  if (list.empty()) append_entity(Field::kEntityInput, "user", list);
  prepend_system(list);
  return list;
}

MessageList MessageSources::output() {
  MessageList list = read(Field::kOutputMessages, MessageSide::kOutput, "assistant");
  if (list.empty()) append_answer(list);
  if (list.empty()) append_entity(Field::kEntityOutput, "assistant", list);
  return list;
}

}  // namespace sextant::data
