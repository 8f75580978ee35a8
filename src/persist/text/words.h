// Text as words and what stands between them. A word is a run of letters, digits and bytes beyond ASCII; everything
// else is a separator. The single space between two words is not written.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"

namespace sextant::persist {

/// What a text consists of once it is cut into words: numbers of words, and between marks the bytes of words that have
/// no number, digits of long hexadecimal numbers.
using Element = uint32_t;
inline constexpr Element kSpelledWord = 0;       // bytes follow, then kEndOfBytes
inline constexpr Element kSpelledSeparator = 1;  // likewise
inline constexpr Element kHexWord = 2;           // digits follow, then kEndOfDigits
inline constexpr Element kJoin = 3;              // no space before the next word
inline constexpr Element kOtherTable = 4;        // in bits only: the next word has no code in this context
inline constexpr Element kFirstMatch = 5;        // in bits only: elements are repeated
inline constexpr uint32_t kMatchKinds = 27;
inline constexpr Element kFirstWord = kFirstMatch + kMatchKinds;
inline constexpr Element kFirstByte = 1U << 30;
inline constexpr Element kEndOfBytes = kFirstByte + 256;
inline constexpr Element kFirstDigit = 1U << 29;
inline constexpr Element kEndOfDigits = kFirstDigit + 16;

/// Longest word and separator; longer runs are cut.
inline constexpr uint32_t kWordBytesMax = 32;
inline constexpr uint32_t kSeparatorBytesMax = 16;
/// Hexadecimal digits from which on a run with a decimal digit in it is taken for an id, which repeats too seldom to be
/// a word; and from which on it is spelled as digits when it is no word.
inline constexpr uint32_t kIdDigitsMin = 8;
inline constexpr uint32_t kHexDigitsMin = 4;

/// True for the characters of words.
bool is_word_char(char c);
/// True when all are digits 0 to 9 and a to f, one of them decimal, and there are at least `digits_min`.
bool is_hex(std::string_view word, uint32_t digits_min);

/// A word or separator of a text.
struct Token {
  const char* begin;
  uint32_t size;  // never 0
  bool word;
  bool joined;  // came right after another word, without a space
};

/// True for words that are taken for ids: see kIdDigitsMin.
bool is_id(const Token& token);

/// What a token is found by: its first eight bytes and the next eight or, of more than sixteen, the last; zeros behind
/// its end.
struct WordKey {
  uint64_t head = 0;
  uint64_t tail = 0;
  uint32_t size = 0;
};

/// A text that can be cut into tokens. An escaped character (\n) belongs to the separator of its backslash. Immutable.
class Tokens {
 public:
  explicit Tokens(std::string_view text);

  /// Calls take(const Token&) for each in order. Lifetime of what they point to: the object's.
  template <typename Take>
  void each(Take take) const {
    const char* begin = text_.get();
    bool word = (marks_[0].words & 1) != 0;
    for (size_t i = 0; i < marks_.size(); ++i) {
      const Marks& marks = marks_[i];
      for (uint64_t edges = marks.edges; edges != 0; edges &= edges - 1) {
        const auto at = static_cast<uint32_t>(std::countr_zero(edges));
        const char* const next = text_.get() + i * 64 + at;
        give(begin, next - (marks.after_space >> at & 1), word, take);
        begin = next;
        word = (marks.words >> at & 1) != 0;
      }
    }
  }
  static WordKey key_of(const char* begin, uint32_t size) {
    const char* const tail = begin + (size > 16 ? size - 8 : 8);
    return {load(begin) & kHeadMasks[size], load(tail) & kTailMasks[size], size};
  }
  /// Bytes behind a token that key_of() reads.
  static constexpr uint32_t kKeyBytes = 16;

 private:
  /// Of 64 characters.
  struct Marks {
    uint64_t words = 0;        // belong to words
    uint64_t edges = 0;        // a token has ended before; the end of the text is one too, its beginning none
    uint64_t after_space = 0;  // an edge behind a space that is not written
  };
  template <typename Take>
  static void give(const char* begin, const char* end, bool word, Take& take) {
    const auto size = static_cast<uint32_t>(end - begin);
    if (size > kSeparatorBytesMax) [[unlikely]]
      return give_cut(begin, size, word, take);
    take(Token{begin, size, word, false});
  }
  template <typename Take>
  static void give_cut(const char* at, uint32_t left, bool word, Take& take) {
    bool joined = false;
    for (const uint32_t most = word ? kWordBytesMax : kSeparatorBytesMax; left > most; joined = word) {
      // A separator never ends before an escaped letter, which would be read as a word.
      const uint32_t size = !word && at[most - 1] == '\\' ? most - 1 : most;
      take(Token{at, size, word, joined});
      at += size;
      left -= size;
    }
    take(Token{at, left, word, joined});
  }
  static uint64_t load(const char* at) {
    uint64_t number = 0;
    std::memcpy(&number, at, sizeof number);
    return number;
  }
  /// The first bytes of eight, as many as there are of a token of a size: sizes follow no pattern that a processor
  /// could guess, so there is no branch.
  static constexpr std::array<uint64_t, kWordBytesMax + 1> make_masks(uint32_t skipped) {
    std::array<uint64_t, kWordBytesMax + 1> out{};
    for (uint32_t size = 0; size <= kWordBytesMax; ++size) {
      const uint32_t bytes = size > skipped ? size - skipped : 0;
      out[size] = bytes >= 8 ? ~uint64_t{0} : (uint64_t{1} << bytes * 8) - 1;
    }
    return out;
  }
  static const std::array<uint64_t, kWordBytesMax + 1> kHeadMasks;
  static const std::array<uint64_t, kWordBytesMax + 1> kTailMasks;

  std::unique_ptr<char[]> text_;  // a copy, behind which keys may be read
  std::vector<Marks> marks_;
};

inline constexpr std::array<uint64_t, kWordBytesMax + 1> Tokens::kHeadMasks = make_masks(0);
inline constexpr std::array<uint64_t, kWordBytesMax + 1> Tokens::kTailMasks = make_masks(8);

/// Words by number. Thread-confined while it grows, immutable after.
class WordList {
 public:
  /// Words get numbers in the order in which they come. Requires: at most kWordBytesMax bytes.
  void add(std::string_view word) {
    bytes_.append(word);
    ends_.push_back(static_cast<uint32_t>(bytes_.size()));
  }
  std::string_view word(uint32_t number) const {
    return std::string_view(bytes_).substr(ends_[number], ends_[number + 1] - ends_[number]);
  }
  uint32_t size() const { return static_cast<uint32_t>(ends_.size() - 1); }
  uint64_t byte_size() const { return bytes_.capacity() + ends_.capacity() * sizeof(uint32_t); }

 private:
  std::string bytes_;
  std::vector<uint32_t> ends_ = {0};
};

/// Numbers by word, for who writes. Thread-confined while it grows, immutable after.
class WordIndex {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  WordIndex() = default;
  /// Of all words of the list.
  explicit WordIndex(const WordList& words);

  /// The number of the word in the list, to which a new one is added; kNone when it has no place, since too many words
  /// that were made for it would have the same.
  uint32_t intern(const Token& token, WordList& words) {
    const WordKey key = Tokens::key_of(token.begin, token.size);
    if (slots_.empty()) return add(token, key, words);
    const Slot& slot = slots_[first_place(key)];
    if (slot.matches(key) && key.size <= Tokens::kKeyBytes) [[likely]]
      return slot.number;
    return add(token, key, words);
  }
  /// Where a key is looked for first. The memory is on its way meanwhile. Requires: there are words.
  size_t place_of(const WordKey& key) const {
    const size_t place = first_place(key);
    __builtin_prefetch(&slots_[place]);
    return place;
  }
  /// kNone when it is not in the list.
  uint32_t find(const WordKey& key, size_t place, const char* word, const WordList& words) const {
    const Slot& slot = slots_[place];
    if (slot.matches(key) && key.size <= Tokens::kKeyBytes) [[likely]]
      return slot.number;
    return slot.size == 0 ? kNone : find_further(key, place, word, words);
  }
  bool empty() const { return slots_.empty(); }
  uint64_t byte_size() const { return slots_.capacity() * sizeof(Slot); }

 private:
  /// For words of up to sixteen bytes no other memory is looked at.
  struct Slot {
    uint64_t head = 0;
    uint64_t tail = 0;
    uint32_t number = kNone;
    uint32_t size = 0;  // 0: free

    bool matches(const WordKey& key) const { return ((head ^ key.head) | (tail ^ key.tail) | (size ^ key.size)) == 0; }
  };
  size_t first_place(const WordKey& key) const {
    uint64_t mixed = (key.head * 0x9E3779B97F4A7C15) ^ (key.tail * 0xC2B2AE3D27D4EB4F) ^ key.size;
    mixed ^= mixed >> 32;
    return (mixed * 0x165667B19E3779F9) >> shift_;
  }
  static constexpr size_t kNowhere = SIZE_MAX;
  /// The word's place, a free one that is to be its, or kNowhere.
  size_t search(const WordKey& key, size_t place, const char* word, const WordList& words) const;
  uint32_t find_further(const WordKey& key, size_t place, const char* word, const WordList& words) const;
  uint32_t add(const Token& token, const WordKey& key, WordList& words);
  void place_all(const WordList& words, size_t slots);

  std::vector<Slot> slots_;
  uint32_t shift_ = 0;
};

class WordFilterWriter;

/// Elements that a byte of text makes at most: one that is a word or separator of its own and spelled.
inline constexpr uint32_t kElementsPerByteMax = 3;

/// Writes the elements of a text to `out` and returns the end. Requires: there are words, the index is theirs, and
/// there is room for kElementsPerByteMax for each byte. `unknown`, which may be nullptr, is told the words without
/// number.
Element* to_elements(std::string_view text, const WordList& words, const WordIndex& index, WordFilterWriter* unknown,
                     Element* out);

/// Puts the text of elements together, which may be anything, some after the other. Thread-confined.
class ElementText {
 public:
  /// `bytes`: of the whole text.
  ElementText(const WordList& words, uint64_t bytes) : words_(words), text_(bytes, '\0') {}

  /// kDataLoss when they are no elements, or make more than the text has. Nothing may be put after an error.
  Result<void> put(std::span<const Element> elements);
  std::string_view text() const { return std::string_view(text_).substr(0, at_); }
  bool is_whole() const { return at_ == text_.size(); }
  /// What was put together so far.
  std::string take() {
    text_.resize(at_);
    return std::move(text_);
  }

 private:
  const WordList& words_;
  std::string text_;
  size_t at_ = 0;
  bool space_ = false;  // before the next word
};

/// The text of elements that may be anything. kDataLoss unless they make one of `bytes`.
Result<std::string> from_elements(const std::vector<Element>& elements, const WordList& words, uint64_t bytes);

}  // namespace sextant::persist
