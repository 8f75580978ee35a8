// Bounds of what the bytes of a column may claim, each with its reason.
#pragma once

#include <cstdint>

namespace sextant::persist {

/// Values of one column slice. Slices are made of 100 to 65,536 values; dictionaries of a segment may be larger.
inline constexpr uint32_t kColumnValuesMax = 1U << 24;

/// One byte string of a text column: the largest attribute that is accepted, with room to spare.
inline constexpr uint64_t kColumnTextBytesMax = 128ULL << 20;

/// Bytes of texts after which a chunk of a text column ends; reading one text unfolds at most one chunk.
inline constexpr uint64_t kTextChunkBytesTarget = 16ULL << 10;
/// What a chunk may claim to unfold to: it ends with the text that fills it.
inline constexpr uint64_t kTextChunkBytesMax = kTextChunkBytesTarget + kColumnTextBytesMax;

/// Longest text of which digits are packed by a template; longer ones are no ids.
inline constexpr uint32_t kDigitsTextBytesMax = 256;

}  // namespace sextant::persist
