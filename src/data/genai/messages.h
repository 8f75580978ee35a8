// Messages between an agent and a model: what a conversation is made of, whichever dialect it was written in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sextant::data {

/// One piece of a message. Values; texts are whole, never cut.
struct MessagePart {
  enum class Type : uint8_t { kText, kReasoning, kToolCall, kToolResult, kMedia, kOther };

  Type type = Type::kText;
  /// Text, reasoning, result of a tool; of media a reference (a URL, a file's id) or, when it was sent inside, its type
  /// and size; of anything else its JSON.
  std::optional<std::string> text;
  std::optional<std::string> id;         // of a tool call, by which its result refers to it
  std::optional<std::string> name;       // of a tool
  std::optional<std::string> arguments;  // of a tool call: JSON, or whatever was sent instead

  bool operator==(const MessagePart&) const = default;
};

/// "text reasoning tool_call tool_result media other".
std::string_view to_string(MessagePart::Type type);

struct Message {
  std::string role;  // system, user, assistant, tool, …
  std::vector<MessagePart> parts;

  bool operator==(const Message&) const = default;
};

/// The first text of a message of the user's, or "".
std::string_view user_text(const Message& message);

/// Messages of one side of a call, with the finish reasons that stood among them.
struct MessageList {
  std::vector<Message> messages;
  std::vector<std::string> finish_reasons;

  bool empty() const { return messages.empty(); }
};

}  // namespace sextant::data
