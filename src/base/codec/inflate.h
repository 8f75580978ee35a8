// Unpacking what clients send compressed: gzip, deflate, zstd. The size of what comes out is bounded while it comes out
// and accounted for in the ledger: a bomb costs its sender's bytes and one buffer, never the machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/core/ledger.h"
#include "base/core/result.h"

namespace sextant {

/// Content codings (RFC 9110 section 8.4; RFC 8878 for zstd).
enum class Coding : uint8_t { kIdentity, kGzip, kDeflate, kZstd };

/// Of a name as it stands in Content-Encoding, in any case; "" is identity, "x-gzip" is gzip.
std::optional<Coding> parse_coding(std::string_view name);

/// Windows of zstd frames larger than this are refused: the window is memory that a few bytes of header ask for.
inline constexpr int kZstdWindowLogMax = 23;

/// Members of one gzip body (RFC 1952 allows any number; honest senders make one, log rotation a few).
inline constexpr uint32_t kGzipMembersMax = 1000;

/// Replaces `output` by the unpacked bytes, at most `bytes_max`. Memory that `output` has already is used again;
/// `hold`, an open hold of a ledger, is kept at what `output` takes. After an error `output` is empty. Errors:
/// kTooLarge (over bytes_max), kResourceExhausted (no room in the ledger), kInvalidArgument (not of this coding,
/// truncated, or followed by something else).
Result<void> inflate(Coding coding, std::string_view bytes, uint64_t bytes_max, std::string& output, LedgerHold& hold);

}  // namespace sextant
