#include "data/genai/message_json.h"

#include <fmt/format.h>

#include <initializer_list>
#include <iterator>
#include <vector>

#include "data/genai/limits.h"

namespace sextant::data {
namespace {

using Type = MessagePart::Type;

/// A reference longer than this is no reference but the thing itself.
constexpr size_t kReferenceBytesMax = 2048;

struct PartType {
  std::string_view name;
  Type type;
};
// "type" of a part. OpenTelemetry; OpenAI chat and responses; Anthropic; Vercel AI SDK.
constexpr PartType kPartTypes[] = {
    {"text", Type::kText},
    {"input_text", Type::kText},
    {"output_text", Type::kText},
    {"summary_text", Type::kText},
    {"refusal", Type::kText},
    {"reasoning", Type::kReasoning},
    {"thinking", Type::kReasoning},
    {"redacted_thinking", Type::kReasoning},
    {"tool_call", Type::kToolCall},
    {"tool_use", Type::kToolCall},
    {"server_tool_use", Type::kToolCall},
    {"tool-call", Type::kToolCall},
    {"function_call", Type::kToolCall},
    {"function", Type::kToolCall},
    {"tool_call_response", Type::kToolResult},
    {"tool_result", Type::kToolResult},
    {"tool-result", Type::kToolResult},
    {"function_call_output", Type::kToolResult},
    {"blob", Type::kMedia},
    {"file", Type::kMedia},
    {"uri", Type::kMedia},
    {"image", Type::kMedia},
    {"image_url", Type::kMedia},
    {"input_image", Type::kMedia},
    {"input_audio", Type::kMedia},
    {"input_file", Type::kMedia},
    {"audio", Type::kMedia},
    {"document", Type::kMedia},
    {"media", Type::kMedia},
};

std::optional<Type> part_type(std::string_view name) {
  for (const PartType& known : kPartTypes) {
    if (known.name == name) return known.type;
  }
  return std::nullopt;
}

std::optional<JsonElement> first_member(const JsonObject& object, std::initializer_list<std::string_view> keys) {
  for (std::string_view key : keys) {
    if (const auto member = json_member(object, key)) return member;
  }
  return std::nullopt;
}

std::string_view first_text(const JsonObject& object, std::initializer_list<std::string_view> keys) {
  for (std::string_view key : keys) {
    const std::string_view text = json_text(object, key);
    if (!text.empty()) return text;
  }
  return {};
}

std::optional<std::string> optional_text(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

std::optional<JsonObject> object_of(const JsonElement& element) {
  JsonObject object;
  if (element.get_object().get(object) != simdjson::SUCCESS) return std::nullopt;
  return object;
}

std::optional<JsonArray> array_of(const JsonElement& element) {
  JsonArray array;
  if (element.get_array().get(array) != simdjson::SUCCESS) return std::nullopt;
  return array;
}

/// The text of a list of text parts; nothing when it holds anything else.
std::optional<std::string> joined_texts(const JsonArray& parts) {
  std::string joined;
  for (const JsonElement& element : parts) {
    const MessagePart part = part_of(element);
    if (part.type != Type::kText || !part.text) return std::nullopt;
    if (!joined.empty()) joined.push_back('\n');
    joined.append(*part.text);
  }
  return joined;
}

/// A tool's result: text, JSON, a list of text parts, or the Vercel AI SDK's {type, value}.
std::string result_text(const JsonElement& element) {
  if (const auto object = object_of(element)) {
    const std::string_view type = json_text(*object, "type");
    const auto value = json_member(*object, "value");
    if (value && (type == "json" || type == "text" || type == "error-text" || type == "error-json")) {
      return json_plain(*value);
    }
  }
  if (const auto array = array_of(element)) {
    auto joined = joined_texts(*array);
    if (joined && !joined->empty()) return std::move(*joined);
  }
  return json_plain(element);
}

std::string embedded(std::string_view media_type, size_t size) {
  return fmt::format("{}, {} bytes", media_type.empty() ? "data" : media_type, size);
}

/// Where media is to be found, or what it is when it lies in the message itself.
std::string media_reference(const JsonObject& part) {
  const std::string_view media_type = first_text(part, {"mime_type", "mimeType", "mediaType", "media_type", "format"});
  const auto value = first_member(part, {"uri", "url", "file_id", "image_url", "source", "input_audio", "file", "image",
                                         "audio", "file_url", "file_data", "data", "content"});
  if (!value) return simdjson::minify(part);
  std::string_view text;
  if (value->get_string().get(text) != simdjson::SUCCESS) {
    const auto inner = object_of(*value);
    // One level is all that any form uses; deeper ones are shown as they are.
    if (!inner || first_text(*inner, {"uri", "url", "file_id", "data", "file_data"}).empty()) return json_plain(*value);
    return media_reference(*inner);
  }
  if (text.starts_with("data:")) return embedded(text.substr(5, text.find_first_of(";,") - 5), text.size());
  const bool refers = text.size() <= kReferenceBytesMax &&
                      (text.find("://") != std::string_view::npos || json_text(part, "file_id") == text);
  return refers ? std::string(text) : embedded(media_type, text.size());
}

MessagePart text_part(std::string_view text) {
  return {.type = Type::kText, .text = std::string(text), .id = {}, .name = {}, .arguments = {}};
}

/// Text of a reasoning part: its own, or that of its summary (OpenAI's responses).
std::string reasoning_text(const JsonObject& part) {
  const std::string_view own = first_text(part, {"content", "text", "thinking", "reasoning"});
  if (!own.empty()) return std::string(own);
  const auto summary = json_member(part, "summary");
  const auto list = summary ? array_of(*summary) : std::nullopt;
  return list ? joined_texts(*list).value_or("") : "";
}

MessagePart tool_result_of(const JsonObject& part) {
  MessagePart result{.type = Type::kToolResult, .text = {}, .id = {}, .name = {}, .arguments = {}};
  result.id = optional_text(first_text(part, {"id", "tool_use_id", "toolCallId", "call_id"}));
  if (const auto call = json_text(part, "call_id"); !call.empty()) result.id = call;
  result.name = optional_text(first_text(part, {"name", "toolName"}));
  if (const auto value = first_member(part, {"response", "result", "output", "content"})) {
    result.text = result_text(*value);
  }
  return result;
}

/// Gemini's parts have no type: what they are is the name of their only member.
MessagePart untyped_part(const JsonObject& object) {
  if (const auto text = json_member(object, "text"); text && text->is_string()) return text_part(json_plain(*text));
  if (const auto call = first_member(object, {"function_call", "functionCall"})) {
    if (const auto inner = object_of(*call)) return tool_call_of(*inner);
  }
  if (const auto response = first_member(object, {"function_response", "functionResponse"})) {
    if (const auto inner = object_of(*response)) return tool_result_of(*inner);
  }
  if (const auto media = first_member(object, {"inline_data", "inlineData", "file_data", "fileData"})) {
    if (const auto inner = object_of(*media)) {
      return {.type = Type::kMedia, .text = media_reference(*inner), .id = {}, .name = {}, .arguments = {}};
    }
  }
  return {.type = Type::kOther, .text = simdjson::minify(object), .id = {}, .name = {}, .arguments = {}};
}

MessagePart object_part(const JsonObject& object) {
  const std::string_view name = json_text(object, "type");
  if (name.empty()) return untyped_part(object);
  switch (part_type(name).value_or(Type::kOther)) {
    case Type::kText:
      return text_part(first_text(object, {"content", "text", "refusal"}));
    case Type::kReasoning:
      return {Type::kReasoning, reasoning_text(object), {}, {}, {}};
    case Type::kToolCall:
      return tool_call_of(object);
    case Type::kToolResult:
      return tool_result_of(object);
    case Type::kMedia:
      return {Type::kMedia, media_reference(object), {}, {}, {}};
    case Type::kOther:
      break;
  }
  return {Type::kOther, simdjson::minify(object), {}, {}, {}};
}

bool looks_like_part(const JsonObject& object) {
  const std::string_view type = json_text(object, "type");
  return !type.empty()
             ? part_type(type).has_value()
             : first_member(object, {"text", "function_call", "functionCall", "inline_data", "inlineData"}).has_value();
}

void append_content(const JsonElement& content, Message& message) {
  std::string_view text;
  if (content.get_string().get(text) == simdjson::SUCCESS) {
    if (!text.empty()) message.parts.push_back(text_part(text));
    return;
  }
  const auto list = array_of(content);
  if (!list) {
    message.parts.push_back(part_of(content));
    return;
  }
  for (const JsonElement& element : *list) {
    if (message.parts.size() >= kMessagePartsMax) return;
    message.parts.push_back(part_of(element));
  }
}

void append_call_list(const JsonElement& calls, Message& message) {
  const auto list = array_of(calls);
  if (!list) return;
  for (const JsonElement& call : *list) {
    const auto inner = object_of(call);
    if (inner && message.parts.size() < kMessagePartsMax) message.parts.push_back(tool_call_of(*inner));
  }
}

void append_tool_calls(const JsonObject& object, Message& message) {
  if (const auto calls = json_member(object, "tool_calls")) {
    append_call_list(*calls, message);
  }
  if (const auto call = json_member(object, "function_call")) {
    if (const auto inner = object_of(*call)) message.parts.push_back(tool_call_of(*inner));
  }
}

std::string_view role_of(const JsonObject& object) {
  const std::string_view role = json_text(object, "role");
  if (role == "model" || role == "ai") return "assistant";
  if (role == "human") return "user";
  return role;
}

/// A message of a tool is its result: "content" becomes one result part that knows the call it answers.
void append_tool_message(const JsonObject& object, Message& message) {
  const auto content = json_member(object, "content");
  const auto list = content ? array_of(*content) : std::nullopt;
  if (list) {
    // Parts that already are results (Vercel AI SDK, Anthropic) stay as they are.
    for (const JsonElement& element : *list) {
      MessagePart part = part_of(element);
      if (part.type != Type::kToolResult) break;
      if (message.parts.size() < kMessagePartsMax) message.parts.push_back(std::move(part));
    }
    if (!message.parts.empty()) return;
  }
  MessagePart result = tool_result_of(object);
  result.id = optional_text(first_text(object, {"tool_call_id", "id", "toolCallId"}));
  message.parts.push_back(std::move(result));
}

Message message_of(const JsonObject& object, std::string_view role) {
  Message message{std::string(role), {}};
  if (const auto parts = json_member(object, "parts")) {
    append_content(*parts, message);
    return message;
  }
  if (role == "tool" || role == "function") {
    append_tool_message(object, message);
    return message;
  }
  const std::string_view reasoning = first_text(object, {"reasoning_content", "reasoning"});
  if (!reasoning.empty()) {
    message.parts.push_back({Type::kReasoning, std::string(reasoning), {}, {}, {}});
  }
  if (const auto content = first_member(object, {"content", "refusal"})) append_content(*content, message);
  append_tool_calls(object, message);
  return message;
}

void take_finish_reason(const JsonObject& object, MessageList& out) {
  const std::string_view reason = first_text(object, {"finish_reason", "stop_reason", "finishReason"});
  if (!reason.empty()) out.finish_reasons.emplace_back(reason);
}

/// An item of OpenAI's responses that is no message but stands among them.
bool append_item(const JsonObject& object, MessageList& out) {
  const std::string_view type = json_text(object, "type");
  if (type == "function_call") {
    out.messages.push_back({"assistant", {tool_call_of(object)}});
  } else if (type == "function_call_output") {
    out.messages.push_back({"tool", {tool_result_of(object)}});
  } else if (type == "reasoning" && json_member(object, "summary")) {
    MessagePart part{Type::kReasoning, reasoning_text(object), {}, {}, {}};
    if (!part.text->empty()) out.messages.push_back({"assistant", {std::move(part)}});
  } else {
    return false;
  }
  return true;
}

/// One element of a list. Parts without a message around them are gathered into one of `role`.
bool append_element(const JsonElement& element, std::string_view role, Message& loose, MessageList& out) {
  std::string_view text;
  if (element.get_string().get(text) == simdjson::SUCCESS) {
    out.messages.push_back({std::string(role), {text_part(text)}});
    return true;
  }
  const auto object = object_of(element);
  if (!object) return false;
  const std::string_view own_role = role_of(*object);
  if (!own_role.empty()) {
    out.messages.push_back(message_of(*object, own_role));
    take_finish_reason(*object, out);
    return true;
  }
  if (append_item(*object, out)) return true;
  if (!looks_like_part(*object)) return false;
  loose.parts.push_back(part_of(element));
  return true;
}

bool append_list(const JsonArray& list, std::string_view role, MessageList& out) {
  const size_t before = out.messages.size();
  Message loose{std::string(role), {}};
  for (const JsonElement& element : list) {
    if (out.messages.size() >= kMessagesMax || loose.parts.size() >= kMessagePartsMax) break;
    if (append_element(element, role, loose, out)) continue;
    out.messages.resize(before);
    return false;
  }
  if (!loose.parts.empty()) out.messages.push_back(std::move(loose));
  return out.messages.size() > before;
}

/// "choices" of a chat completion.
bool append_choices(const JsonArray& choices, MessageList& out) {
  const size_t before = out.messages.size();
  for (const JsonElement& choice : choices) {
    const auto object = object_of(choice);
    if (!object || out.messages.size() >= kMessagesMax) continue;
    take_finish_reason(*object, out);
    const auto message = first_member(*object, {"message", "delta"});
    const auto inner = message ? object_of(*message) : std::nullopt;
    if (inner) {
      out.messages.push_back(message_of(*inner, "assistant"));
    } else if (const auto text = json_member(*object, "text"); text && text->is_string()) {
      out.messages.push_back({"assistant", {text_part(json_plain(*text))}});
    }
  }
  return out.messages.size() > before;
}

/// A list, or a text that stands for one message.
bool append_list_or_text(const JsonElement& element, std::string_view role, MessageList& out) {
  std::string_view text;
  if (element.get_string().get(text) == simdjson::SUCCESS) {
    out.messages.push_back({std::string(role), {text_part(text)}});
    return true;
  }
  const auto list = array_of(element);
  return list && append_list(*list, role, out);
}

bool append_object(const JsonObject& object, std::string_view role, MessageList& out) {
  const std::string_view own_role = role_of(object);
  if (!own_role.empty()) {
    out.messages.push_back(message_of(object, own_role));
    take_finish_reason(object, out);
    return true;
  }
  if (const auto choices = json_member(object, "choices")) {
    const auto list = array_of(*choices);
    if (list && append_choices(*list, out)) return true;
  }
  const size_t before = out.messages.size();
  // A request: instructions, then the conversation. The names are those of the model APIs and of the AI SDK's prompt.
  if (const auto system = first_member(object, {"system", "instructions", "system_instruction"})) {
    append_list_or_text(*system, "system", out);
  }
  const size_t after_system = out.messages.size();
  if (const auto list = first_member(object, {"messages", "prompt", "input", "contents", "output"})) {
    append_list_or_text(*list, role, out);
  }
  if (out.messages.size() > after_system) return true;
  out.messages.resize(before);
  // The body of an event: its name says the role.
  if (json_text(object, "type").empty() && first_member(object, {"content", "tool_calls"})) {
    out.messages.push_back(message_of(object, role));
    return true;
  }
  if (!looks_like_part(object)) return false;
  out.messages.push_back({std::string(role), {object_part(object)}});
  return true;
}

}  // namespace

std::string_view to_string(MessagePart::Type type) {
  static constexpr std::string_view kTexts[] = {"text", "reasoning", "tool_call", "tool_result", "media", "other"};
  return kTexts[static_cast<uint8_t>(type)];
}

MessagePart tool_call_of(const JsonObject& call) {
  MessagePart part{.type = Type::kToolCall, .text = {}, .id = {}, .name = {}, .arguments = {}};
  part.id = optional_text(first_text(call, {"call_id", "id", "toolCallId"}));
  JsonObject named = call;
  if (const auto function = json_member(call, "function")) named = object_of(*function).value_or(call);
  part.name = optional_text(first_text(named, {"name", "toolName"}));
  if (const auto arguments = first_member(named, {"arguments", "input", "args"}))
    part.arguments = json_plain(*arguments);
  return part;
}

MessagePart part_of(const JsonElement& element) {
  if (const auto object = object_of(element)) return object_part(*object);
  return {element.is_string() ? Type::kText : Type::kOther, json_plain(element), {}, {}, {}};
}

bool append_messages(const JsonElement& document, std::string_view role, MessageList& out) {
  if (const auto list = array_of(document)) return append_list(*list, role, out);
  const auto object = object_of(document);
  return object && append_object(*object, role, out);
}

std::string_view user_text(const Message& message) {
  if (message.role != "user") return {};
  for (const MessagePart& part : message.parts) {
    if (part.type == Type::kText && part.text && !part.text->empty()) return *part.text;
  }
  return {};
}

namespace {

/// The elements of a list when all are messages with a role; nothing otherwise.
std::optional<std::vector<JsonObject>> messages_with_roles(const JsonElement& document) {
  const auto list = array_of(document);
  if (!list) return std::nullopt;
  std::vector<JsonObject> messages;
  for (const JsonElement& element : *list) {
    const auto object = object_of(element);
    if (!object || role_of(*object).empty() || messages.size() >= kMessagesMax) return std::nullopt;
    messages.push_back(*object);
  }
  return messages;
}

}  // namespace

bool append_last_turn(const JsonElement& document, std::string_view role, MessageList& out) {
  const auto messages = messages_with_roles(document);
  if (!messages || messages->empty()) return append_messages(document, role, out);
  std::vector<Message> turn;  // last one first
  for (size_t i = messages->size(); i > 0; --i) {
    const JsonObject& object = (*messages)[i - 1];
    const std::string_view own_role = role_of(object);
    if (own_role == "assistant" && !turn.empty()) break;
    if (own_role != "user") continue;
    Message message = message_of(object, own_role);
    if (!user_text(message).empty()) turn.push_back(std::move(message));
  }
  if (turn.empty()) turn.push_back(message_of(messages->back(), role_of(messages->back())));
  out.messages.insert(out.messages.end(), std::make_move_iterator(turn.rbegin()), std::make_move_iterator(turn.rend()));
  return true;
}

}  // namespace sextant::data
