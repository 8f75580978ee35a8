// A block as words: each by the prefix code of what came before it, and what repeats within the block by length and
// distance. Format: docs/formats/text.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/core/result.h"
#include "persist/text/vocabulary.h"

namespace sextant::persist {

/// Appends the block's bits. Requires: a vocabulary that was learned, not decoded, and is not empty.
void encode_words(std::string_view raw, const TextVocabulary& vocabulary, std::string& out);

/// The raw block of `raw_bytes`; the bytes may be anything. kDataLoss when they give no block of that length.
Result<std::string> decode_words(std::string_view bytes, const TextVocabulary& vocabulary, uint64_t raw_bytes);

/// Adds how often each symbol would be written.
void count_words(std::string_view raw, const TextVocabulary& vocabulary, TextCounts& counts);

}  // namespace sextant::persist
