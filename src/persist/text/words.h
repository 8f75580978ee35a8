// Text as words and what stands between them. A word is a run of letters, digits and bytes beyond ASCII; everything
// else is a separator. The single space between two words is not written.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
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

/// Cuts a text into words and separators. An escaped character (\n) belongs to the separator of its backslash.
/// Thread-confined. Lifetime: not longer than the text.
class Tokens {
 public:
  explicit Tokens(std::string_view text);

  bool at_end() const { return at_ == text_.size(); }
  /// The next one, never empty. Requires: not at_end().
  std::string_view next() {
    uint64_t bits = window(at_);
    is_joined_ = is_word_;
    if (is_word_ && text_[at_] == ' ' && (bits & 2) != 0) {
      ++at_;
      bits >>= 1;
      is_joined_ = false;
    }
    is_word_ = (bits & 1) != 0;
    const size_t begin = at_;
    at_ += is_word_ ? word_size(bits) : separator_size(begin, bits);
    return text_.substr(begin, at_ - begin);
  }
  bool is_word() const { return is_word_; }
  /// Whether the last word came right after another one, without a space.
  bool is_joined() const { return is_joined_; }

 private:
  static size_t word_size(uint64_t bits) {
    return static_cast<size_t>(std::countr_zero(~bits | uint64_t{1} << kWordBytesMax));
  }
  size_t separator_size(size_t begin, uint64_t bits) const;
  /// Which of the 56 characters from `at` on belong to words; none of those behind the end do.
  uint64_t window(size_t at) const {
    uint64_t bits = 0;
    std::memcpy(&bits, reinterpret_cast<const char*>(mask_.data()) + at / 8, sizeof bits);
    return bits >> (at % 8);
  }
  static_assert(kWordBytesMax + 1 < 56 && kSeparatorBytesMax + 1 < 56 && std::endian::native == std::endian::little);
  const std::string_view text_;
  std::vector<uint64_t> mask_;  // of the characters that belong to words
  size_t at_ = 0;
  bool is_word_ = false;
  bool is_joined_ = false;
};

/// Words by number. Thread-confined while it grows, immutable after.
class WordList {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  /// The number of the word; words get numbers in the order in which they come. Requires: at most 255 bytes.
  uint32_t intern(std::string_view word, const char* end);
  uint32_t intern(std::string_view word) { return intern(word, word.data() + word.size()); }
  /// A word that is going to be looked for; the memory it may be found in is on its way meanwhile.
  class Probe;
  /// `end`: that of the memory that may be read, where the word is part of a text. Requires: there are words.
  Probe probe(std::string_view word, const char* end) const;
  /// kNone when it is not in the list.
  uint32_t find(const Probe& probe) const;
  std::string_view word(uint32_t number) const {
    return std::string_view(bytes_).substr(ends_[number], ends_[number + 1] - ends_[number]);
  }
  uint32_t size() const { return static_cast<uint32_t>(ends_.size() - 1); }
  uint64_t byte_size() const {
    return bytes_.capacity() + ends_.capacity() * sizeof(uint32_t) + slots_.capacity() * sizeof(Slot);
  }

 private:
  /// The first and the last eight bytes stand in the slot: for words of up to sixteen no other memory is looked at.
  struct Slot {
    uint64_t head = 0;
    uint64_t tail = 0;  // 0 for words of up to eight
    uint32_t number = kNone;
    uint32_t size = 0;
  };
  /// The word's place, or the free one where it belongs. Requires: there are free ones.
  size_t place_of(const Probe& probe) const;
  void grow();
  std::string bytes_;
  std::vector<uint32_t> ends_ = {0};
  std::vector<Slot> slots_;
};

class WordList::Probe {
 public:
  Probe() = default;

 private:
  friend class WordList;
  Probe(std::string_view word, const char* end, size_t slots);
  std::string_view word_;
  Slot key_;
  size_t place_ = 0;
};

/// Elements that a byte of text makes at most: one that is a word or separator of its own and spelled.
inline constexpr uint32_t kElementsPerByteMax = 3;

/// Writes the elements of a text to `out` and returns the end. Requires: there are words, and room for
/// kElementsPerByteMax for each byte.
Element* to_elements(std::string_view text, const WordList& words, Element* out);

/// The text of elements that may be anything. kDataLoss unless they make one of `bytes`.
Result<std::string> from_elements(const std::vector<Element>& elements, const WordList& words, uint64_t bytes);

}  // namespace sextant::persist
