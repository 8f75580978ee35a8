// Where a span keeps its messages: in attributes as JSON, spread over keys, or in events; and how they are found there.
#pragma once

#include <optional>
#include <string_view>

#include "data/genai/json.h"
#include "data/genai/messages.h"
#include "data/genai/names.h"
#include "data/genai/reader.h"

namespace sextant::data {

/// How much is parsed.
struct MessageLimits {
  size_t json_bytes_max;
  /// Of a long history only what the user said last is needed: append_last_turn().
  bool last_turn_only = false;
};

/// Messages of one side, from the first place that has some: attributes of the conventions, spread lists, events, the
/// input or output of a framework's step. Thread-confined; one row.
class MessageSources {
 public:
  MessageSources(GenAiReader& reader, uint32_t row, MessageLimits limits);

  MessageList input();
  MessageList output();
  /// False when the last call found nothing but the input or output of a framework's step, which may be anything.
  bool from_messages() const { return from_messages_; }

  /// The first value among the row's content with this field.
  std::optional<ValueView> first_value(Field field);

 private:
  MessageList read(Field field, MessageSide side, std::string_view role);
  bool append_from(const JsonElement& document, std::string_view role, MessageList& out) const;
  bool append_value(const ValueView& value, std::string_view role, MessageList& out);
  void append_spread(MessageSide side, MessageList& out);
  void append_events(MessageSide side, MessageList& out);
  void append_event(uint32_t event, MessageSide side, MessageList& out);
  void append_answer(MessageList& out);
  void append_entity(Field field, std::string_view role, MessageList& out);
  void prepend_system(MessageList& out);

  GenAiReader& reader_;
  const Batch& batch_;
  uint32_t row_;
  MessageLimits limits_;
  bool from_messages_ = false;
};

}  // namespace sextant::data
