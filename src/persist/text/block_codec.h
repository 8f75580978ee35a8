// How a block of raw text pieces is compressed. The best of the ways tried for agents' conversations and for prose is
// words: a vocabulary, learned from the texts and kept once in a segment, gives each frequent word a short code.
// Format: docs/formats/text.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/core/result.h"
#include "persist/format/effort.h"
#include "persist/text/limits.h"
#include "persist/text/vocabulary.h"

namespace sextant::persist {

/// Appends the block's compressed form. Requires: at most kTextBlockBytesMax; a vocabulary that was learned, or is
/// empty.
void compress_text_block(std::string_view raw, const TextVocabulary& vocabulary, Effort effort, std::string& out);

/// The raw block. The bytes may be anything: kDataLoss when they do not follow the format, unfold to more than
/// `raw_bytes_max`, or were made with another vocabulary in a way that shows.
Result<std::string> decompress_text_block(std::string_view bytes, const TextVocabulary& vocabulary,
                                          uint64_t raw_bytes_max = kTextBlockBytesMax);

}  // namespace sextant::persist
