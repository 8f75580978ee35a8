// Which words the texts of a segment have, so that a question for a part of a text can leave the segment out: those of
// the vocabulary, and a Bloom filter of all others. Format: docs/formats/text.md, "Filter of words".
//
// A word, here, is a whole run of letters, digits and bytes beyond ASCII, as blocks are cut into (an escaped letter
// belongs to none), of at most kWordBytesMax bytes. Where what is looked for has such a run with something else on both
// sides, every text that contains it has that run as a word.
//
// Blocks do not show all words: in a block a piece stands between other pieces than in a text. The words at the ends of
// pieces are therefore put together along the texts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "persist/text/vocabulary.h"

namespace sextant::persist {

/// Hashes of words, as filters have them.
uint64_t word_hash(std::string_view word);

/// How pieces begin and end. Thread-confined.
class PieceEnds {
 public:
  /// Pieces in the order of their numbers.
  void add(std::string_view piece);
  uint32_t size() const { return static_cast<uint32_t>(ends_.size()); }

  /// True when nothing needs to be looked at between the two, as between two elements of an array.
  bool are_apart(uint32_t before, uint32_t piece) const {
    const End& end = ends_[before];
    return end.tail == 0 && !end.whole && !end.backslash && ends_[piece].head == 0;
  }
  /// The characters of words with which the piece begins and ends; no more of them than tell that they are too many.
  std::string_view head(uint32_t piece) const { return part(piece, 0, ends_[piece].head); }
  std::string_view tail(uint32_t piece) const { return part(piece, ends_[piece].head, ends_[piece].tail); }
  /// It has no others; tail() is then empty.
  bool is_whole(uint32_t piece) const { return ends_[piece].whole; }
  /// What follows is escaped.
  bool ends_in_backslash(uint32_t piece) const { return ends_[piece].backslash; }
  uint64_t byte_size() const { return ends_.capacity() * sizeof(End) + bytes_.capacity(); }

 private:
  struct End {
    uint32_t offset = 0;
    uint8_t head = 0;
    uint8_t tail = 0;
    bool whole = false;
    bool backslash = false;
  };
  std::string_view part(uint32_t piece, uint32_t from, uint32_t size) const {
    return std::string_view(bytes_).substr(ends_[piece].offset + from, size);
  }
  std::vector<End> ends_;
  std::string bytes_;
};

/// Collects words that have no number in the vocabulary. Thread-confined.
class WordFilterWriter {
 public:
  void add(std::string_view word);
  /// Appends the filter. False, and nothing appended, when there are too many words for one.
  bool encode(std::string& out);
  uint64_t byte_size() const { return hashes_.capacity() * sizeof(uint64_t); }

 private:
  void drop_repeats();
  std::vector<uint64_t> hashes_;
  size_t dropped_at_ = 1 << 16;  // as many as there may be until repeats are dropped again
  bool full_ = false;
};

/// Of a segment that is read. Immutable.
class WordFilter {
 public:
  /// What encode() appended, which may be anything. kDataLoss when it is not that.
  static Result<WordFilter> decode(std::string&& bytes);

  /// False when no text with these words contains the literal.
  bool may_contain(std::string_view literal, const WordList& words) const;
  uint64_t word_count() const { return words_; }
  uint64_t byte_size() const { return sizeof(*this) + bytes_.capacity(); }

 private:
  std::string bytes_;
  uint64_t words_ = 0;
  size_t head_ = 0;  // bytes before the filter
};

}  // namespace sextant::persist
