// The words of a segment's texts that have codes of their own, and how often what follows what, as prefix codes.
// Format: docs/formats/text.md.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "persist/text/prefix_code.h"
#include "persist/text/words.h"

namespace sextant::persist {

/// What the next element is coded by: what the last one was.
enum class TextContext : uint8_t { kWord, kValue, kQuote, kOther };
inline constexpr size_t kTextContexts = 4;

/// Kinds of distances of repeats: one of the last three, or a number of bits.
inline constexpr uint32_t kRecentDistances = 3;
inline constexpr uint32_t kDistanceBitsMax = 22;
inline constexpr uint32_t kDistanceKinds = kRecentDistances + kDistanceBitsMax;

/// What the next spelled byte is coded by: where the word or separator begins, or what the last byte was.
inline constexpr uint32_t kBeginningWord = 0;
inline constexpr uint32_t kBeginningSeparator = 1;
inline constexpr uint32_t kAfterSmallLetter = 2;  // and 25 more
inline constexpr uint32_t kAfterCapital = 28;
inline constexpr uint32_t kAfterDecimal = 29;
inline constexpr uint32_t kAfterBeyondAscii = 30;
inline constexpr uint32_t kAfterOther = 31;
inline constexpr uint32_t kByteContexts = 32;

/// Which code of a vocabulary: for each context, and for what has no code in its context, then those of single things.
inline constexpr size_t kAnyCode = kTextContexts;
inline constexpr size_t kDigitCode = kAnyCode + 1;
inline constexpr size_t kDistanceCode = kDigitCode + 1;
inline constexpr size_t kByteCodes = kDistanceCode + 1;
inline constexpr size_t kTextCodes = kByteCodes + kByteContexts;

/// How often each symbol of each code occurs. Thread-confined value.
using TextCounts = std::array<std::vector<uint32_t>, kTextCodes>;

/// Immutable after construction. An empty one is valid: blocks are then compressed without words.
class TextVocabulary {
 public:
  TextVocabulary() = default;

  /// Learned from raw blocks, of which it looks at kVocabularySampleBytesMax at most. Empty when there is too little.
  static TextVocabulary learn(std::span<const std::string_view> blocks);

  /// Appends what decode() reads.
  void encode(std::string& out) const;
  /// The bytes may be anything: kDataLoss when they do not follow the format.
  static Result<TextVocabulary> decode(std::string_view bytes);

  bool empty() const { return words_.size() == 0; }
  const WordList& words() const { return words_; }
  /// Only one that was learned has it: who reads looks for no word.
  const WordIndex& index() const { return index_; }
  const PrefixCode& code(size_t index) const { return codes_[index]; }
  /// The context behind an element.
  TextContext context_after(Element element) const {
    if (element < kFirstWord) return element == kJoin ? TextContext::kOther : TextContext::kWord;
    return element < kFirstWord + contexts_.size() ? contexts_[element - kFirstWord] : TextContext::kWord;
  }
  /// Bits of an element of a context, without what follows it.
  uint32_t bits(TextContext context, Element element) const {
    const PrefixCode& code = codes_[static_cast<size_t>(context)];
    const uint32_t own = code.bits(element);
    return own != 0 ? own : code.bits(kOtherTable) + codes_[kAnyCode].bits(element);
  }
  /// Memory held, bytes.
  uint64_t byte_size() const;

 private:
  explicit TextVocabulary(WordList words);
  Result<void> set_lengths(std::span<const std::vector<uint8_t>> lengths);
  Result<void> set_counts(const TextCounts& counts);
  WordList words_;
  WordIndex index_;
  std::vector<TextContext> contexts_;
  std::array<PrefixCode, kTextCodes> codes_;
};

}  // namespace sextant::persist
