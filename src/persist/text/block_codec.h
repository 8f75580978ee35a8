// How a block of raw text pieces is compressed. The best of the ways tried for agents' conversations and for prose is
// words: a vocabulary, learned from the texts and kept once in a segment, gives each frequent word a short code.
// Format: docs/formats/text.md.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/core/result.h"
#include "persist/format/effort.h"
#include "persist/text/limits.h"
#include "persist/text/vocabulary.h"
#include "persist/text/word_codec.h"

namespace sextant::persist {

/// Appends the block's compressed form. Requires: at most kTextBlockBytesMax; a vocabulary that was learned, or is
/// empty. `unknown`, which may be nullptr, is told the words that a vocabulary with words does not have.
void compress_text_block(std::string_view raw, const TextVocabulary& vocabulary, Effort effort, std::string& out,
                         WordFilterWriter* unknown = nullptr);

/// The raw block. The bytes may be anything: kDataLoss when they do not follow the format, unfold to more than
/// `raw_bytes_max`, or were made with another vocabulary in a way that shows.
Result<std::string> decompress_text_block(std::string_view bytes, const TextVocabulary& vocabulary,
                                          uint64_t raw_bytes_max = kTextBlockBytesMax);

/// A block that is unfolded from its beginning on, as far as is asked for: word by word; a block of codec zstd at once,
/// since it is one unit of zstd's; one that lies there as it is not at all. Thread-confined. Lifetime: not longer than
/// the vocabulary.
class TextBlockReader {
 public:
  /// `bytes`: as decompress_text_block().
  static Result<std::unique_ptr<TextBlockReader>> open(std::string bytes, const TextVocabulary& vocabulary,
                                                       uint64_t raw_bytes_max);

  /// The raw block as far as it was unfolded: at least its first `bytes`, less where it is shorter. Lifetime: until the
  /// next call. kDataLoss as decompress_text_block(), as far as is read.
  Result<std::string_view> beginning(uint64_t bytes);
  /// Bytes that were unfolded.
  uint64_t unfolded_bytes() const { return words_ ? words_->text().size() : unfolded_.size(); }
  /// The raw block as far as it is there. Nothing may be read after.
  std::string take() { return words_ ? words_->take() : std::string(raw_); }

 private:
  TextBlockReader(std::string bytes, uint64_t raw_bytes) : bytes_(std::move(bytes)), raw_bytes_(raw_bytes) {}
  const std::string bytes_;
  const uint64_t raw_bytes_;
  std::optional<WordsReader> words_;
  std::string unfolded_;  // whole, of codec zstd
  std::string_view raw_;  // whole, of all codecs but words
};

}  // namespace sextant::persist
