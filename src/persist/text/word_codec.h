// A block as words: each by the prefix code of what came before it, and what repeats within the block by length and
// distance. Format: docs/formats/text.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/core/result.h"
#include "persist/text/vocabulary.h"

namespace sextant::persist {

/// Appends the block's bits. `unknown`, which may be nullptr, is told the words that the vocabulary does not have.
/// Requires: a vocabulary that was learned, not decoded, and is not empty.
void encode_words(std::string_view raw, const TextVocabulary& vocabulary, WordFilterWriter* unknown, std::string& out);

/// The raw block of `raw_bytes`; the bytes may be anything. kDataLoss when they give no block of that length.
Result<std::string> decode_words(std::string_view bytes, const TextVocabulary& vocabulary, uint64_t raw_bytes);

/// Reads a block from its beginning on, as far as is asked for. Thread-confined. Lifetime: not longer than bytes and
/// vocabulary.
class WordsReader {
 public:
  /// As decode_words().
  static Result<WordsReader> open(std::string_view bytes, const TextVocabulary& vocabulary, uint64_t raw_bytes);
  WordsReader(WordsReader&&) noexcept;
  WordsReader& operator=(WordsReader&&) noexcept;
  ~WordsReader();

  /// Reads on until text() has so many bytes, or the block ends. kDataLoss as decode_words(), as far as is read;
  /// nothing may be read after an error. Requires: bytes <= raw_bytes.
  Result<void> read_to(uint64_t bytes);
  std::string_view text() const;
  std::string take();

 private:
  struct State;
  explicit WordsReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Adds how often each symbol would be written.
void count_words(std::string_view raw, const TextVocabulary& vocabulary, TextCounts& counts);

}  // namespace sextant::persist
