// Bounds of what the reader of agents' spans looks at, each with its reason. Beyond them values stay text; nothing
// stored is altered.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sextant::data {

/// JSON inside one attribute that is taken apart; larger values are shown as text. The parser needs about 14 bytes of
/// memory a byte, and a page cannot show more as a conversation.
inline constexpr size_t kMessageJsonBytesMax = 8ULL << 20;

/// The same for the task of a run, which is looked for while spans are being stored.
inline constexpr size_t kTaskJsonBytesMax = 1ULL << 20;

/// Nesting of JSON inside a string. Messages nest about ten levels with tool schemas; this keeps recursion off the end
/// of the stack.
inline constexpr size_t kTextJsonDepthMax = 128;

/// Messages of one list and parts of one message. A day-long session sends some thousands.
inline constexpr size_t kMessagesMax = 20'000;
inline constexpr size_t kMessagePartsMax = 10'000;

/// Tokens one span may claim: above any real context by four orders, and a million such spans still add up in 64 bits.
inline constexpr uint64_t kTokensMax = 1'000'000'000'000;

/// Longest word that can name a step's kind, a provider or a finish reason.
inline constexpr size_t kWordBytesMax = 64;

/// Events of one span searched for the first token: streams record it first, before any later chunk.
inline constexpr uint32_t kTokenEventsMax = 64;

/// Spans of one run up to which they are found by looking at each; beyond, by a table.
inline constexpr size_t kRunSpansListed = 16;

/// Bytes kept of an error message in a run's summary: a line of a list.
inline constexpr size_t kErrorCharactersMax = 400;

}  // namespace sextant::data
