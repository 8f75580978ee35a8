// Messages out of JSON: the forms of OpenTelemetry, OpenAI (chat and responses), Anthropic, Gemini and the Vercel AI
// SDK, which differ in the names of a few members and are told apart by them.
#pragma once

#include "data/genai/json.h"
#include "data/genai/messages.h"

namespace sextant::data {

/// Appends the messages that `document` holds: a list of messages or of parts, one message, or a request or answer that
/// contains some. False, with `out` as it was, when it holds none. `role` is that of parts and texts without one.
bool append_messages(const JsonElement& document, std::string_view role, MessageList& out);

/// The same, but of a list of messages, which may be a long history, no more than the user's since the last answer that
/// one of them follows. At least one message, where there are some.
bool append_last_turn(const JsonElement& document, std::string_view role, MessageList& out);

/// One part of a message's content.
MessagePart part_of(const JsonElement& element);

/// One call out of a list of tool calls, as it stands beside a message's content.
MessagePart tool_call_of(const JsonObject& call);

}  // namespace sextant::data
