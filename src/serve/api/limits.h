// Bounds of what clients may make the API do, each with its reason.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sextant::serve {

/// Body of a POST. Our requests carry none; some clients send "{}".
inline constexpr uint64_t kApiBodyBytesMax = 64 * 1024;

/// Queries that run at once and that wait. Each may hold a trace in memory and keeps a core busy; who comes later is
/// told to come back.
inline constexpr uint32_t kQueryThreads = 4;
inline constexpr uint32_t kQueryQueueMax = 64;

/// A query that takes longer is given up: the page has long stopped waiting.
inline constexpr uint64_t kQueryDeadlineMs = 30'000;

/// What a client that came at a full queue or ledger is told to wait.
inline constexpr uint32_t kRetryAfterSeconds = 1;

/// Answers from this size on are compressed for those who accept it: below, a packet or two is saved at most.
inline constexpr size_t kGzipBytesMin = 16 * 1024;

/// An answer's text is drawn from the ledger in steps of at least this, so that small answers ask once.
inline constexpr uint64_t kAnswerStepBytes = 256 * 1024;

/// Runs looked at to learn whether a model call or a message was ever received: the first start, when it matters, has
/// few.
inline constexpr uint32_t kFirstSeenRunsMax = 1000;

/// Nesting of one value in an answer. Decoders refuse deeper ones (data/model/limits.h), so deeper means damage.
inline constexpr int kRenderDepthMax = 70;

/// Characters that values may be cut to on request; who wants more leaves them whole.
inline constexpr uint64_t kValueCharsMax = 1'000'000;

/// Bytes that a character takes at most in UTF-8.
inline constexpr uint64_t kCharacterBytesMax = 4;

/// Beginnings of values have at least so many bytes where a step's facts are read from them: names and counts of
/// tokens, which JSON may hold, and the line of a tool's arguments all fit.
inline constexpr uint64_t kFactBytesMax = 4096;

/// Free space below which /readyz calls the disk unhealthy: what the log and one segment need to go on.
inline constexpr uint64_t kDiskFreeBytesMin = 256ULL << 20;

}  // namespace sextant::serve
