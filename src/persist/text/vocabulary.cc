#include "persist/text/vocabulary.h"

#include <zstd.h>

#include <algorithm>

#include "base/core/check.h"
#include "persist/format/bytes.h"
#include "persist/text/limits.h"
#include "persist/text/word_codec.h"

namespace sextant::persist {
namespace {

constexpr uint8_t kVocabularyVersion = 0;
constexpr int kVocabularyLevel = 9;
/// A word costs about five bytes in the vocabulary and saves about three each time.
constexpr uint32_t kWordCountMin = 3;
/// An element that came less often in a context is coded without it.
constexpr uint32_t kContextCountMin = 2;
/// A byte that was never seen behind another is so many times rarer than one that was seen once.
constexpr uint32_t kSeenByteWeight = 8;
/// Before anything is known, repeats are taken to be as frequent as this share of the words.
constexpr uint32_t kWordsPerMatchKind = 128;

std::unexpected<Error> damaged() {
  return fail(ErrorCode::kDataLoss, "a vocabulary does not follow the format");
}

TextContext context_of(std::string_view word) {
  if (is_word_char(word.front())) return TextContext::kWord;
  if (!word.ends_with('"')) return TextContext::kOther;
  return word.find(':') != std::string_view::npos ? TextContext::kValue : TextContext::kQuote;
}

size_t alphabet_of(size_t code, size_t words) {
  if (code <= kAnyCode) return kFirstWord + words;
  if (code >= kByteCodes) return kEndOfBytes - kFirstByte + 1;
  return code == kDigitCode ? kEndOfDigits - kFirstDigit + 1 : kDistanceKinds;
}

/// The blocks to look at: all, or some spread evenly.
std::vector<std::string_view> sample_of(std::span<const std::string_view> blocks, uint64_t bytes_max) {
  uint64_t bytes = 0;
  for (const std::string_view block : blocks) bytes += block.size();
  const uint64_t step = bytes / bytes_max + 1;
  std::vector<std::string_view> sample;
  for (size_t i = 0; i < blocks.size(); i += step) sample.push_back(blocks[i]);
  return sample;
}

struct CountedWords {
  WordList words;
  std::vector<uint32_t> counts;
};

/// Words that come often enough, in alphabetical order.
CountedWords frequent_words(std::span<const std::string_view> sample) {
  CountedWords all;
  WordIndex index;
  for (const std::string_view block : sample) {
    Tokens(block).each([&](const Token& token) {
      if (is_id(token)) return;
      const uint32_t number = index.intern(token, all.words);
      if (number == WordIndex::kNone) return;
      if (number == all.counts.size()) all.counts.push_back(0);
      ++all.counts[number];
    });
  }
  std::vector<uint32_t> chosen;
  for (uint32_t i = 0; i < all.counts.size(); ++i) {
    if (all.counts[i] >= kWordCountMin) chosen.push_back(i);
  }
  if (chosen.size() > kVocabularyWordsMax) {
    std::ranges::stable_sort(chosen, std::greater<>(), [&](uint32_t number) { return all.counts[number]; });
    chosen.resize(kVocabularyWordsMax);
  }
  std::ranges::sort(chosen, {}, [&](uint32_t number) { return all.words.word(number); });
  CountedWords out;
  for (const uint32_t number : chosen) {
    out.words.add(all.words.word(number));
    out.counts.push_back(all.counts[number]);
  }
  return out;
}

TextCounts no_counts(size_t words) {
  TextCounts counts;
  for (size_t code = 0; code < kTextCodes; ++code) {
    // What is no word may always come; so may every word, without its context.
    counts[code].assign(alphabet_of(code, words), code >= kAnyCode ? 1 : 0);
    if (code < kAnyCode) counts[code][kOtherTable] = 1;
  }
  return counts;
}

/// What has no code in its context counts as kOtherTable there.
void move_rare(TextCounts& counts) {
  for (size_t code = 0; code < kAnyCode; ++code) {
    for (uint32_t symbol = 0; symbol < counts[code].size(); ++symbol) {
      uint32_t& count = counts[code][symbol];
      if (symbol == kOtherTable || count >= kContextCountMin) continue;
      counts[code][kOtherTable] += count;
      counts[kAnyCode][symbol] += count;
      count = 0;
    }
  }
}

/// Requires: all bytes have the count of 1 that no_counts() gives them.
void weigh_seen_bytes(TextCounts& counts) {
  for (size_t code = kByteCodes; code < kTextCodes; ++code) {
    for (uint32_t& count : counts[code]) count = (count - 1) * kSeenByteWeight + 1;
  }
}

}  // namespace

TextVocabulary::TextVocabulary(WordList words) : words_(std::move(words)) {
  for (uint32_t i = 0; i < words_.size(); ++i) contexts_.push_back(context_of(words_.word(i)));
}

Result<void> TextVocabulary::set_lengths(std::span<const std::vector<uint8_t>> lengths) {
  for (size_t code = 0; code < kTextCodes; ++code) codes_[code] = TRY(PrefixCode::make(lengths[code]));
  return {};
}

Result<void> TextVocabulary::set_counts(const TextCounts& counts) {
  std::array<std::vector<uint8_t>, kTextCodes> lengths;
  for (size_t code = 0; code < kTextCodes; ++code) lengths[code] = code_lengths(counts[code]);
  return set_lengths(lengths);
}

TextVocabulary TextVocabulary::learn(std::span<const std::string_view> blocks) {
  const std::vector<std::string_view> sample = sample_of(blocks, kVocabularySampleBytesMax);
  CountedWords frequent = frequent_words(sample);
  if (frequent.words.size() == 0) return {};
  TextVocabulary vocabulary(std::move(frequent.words));
  vocabulary.index_ = WordIndex(vocabulary.words_);
  const size_t words = vocabulary.words_.size();
  TextCounts guess = no_counts(words);
  uint64_t sum = 0;
  for (size_t i = 0; i < words; ++i) sum += guess[kAnyCode][kFirstWord + i] = frequent.counts[i];
  for (Element mark = 0; mark < kFirstWord; ++mark) {
    guess[kAnyCode][mark] = static_cast<uint32_t>(sum / kWordsPerMatchKind) + 1;
  }
  for (size_t code = 0; code < kAnyCode; ++code) guess[code] = guess[kAnyCode];
  CHECK(vocabulary.set_counts(guess));
  TextCounts counts = no_counts(words);
  // What follows what shows sooner than which words there are, and takes longer to count.
  for (const std::string_view block : sample_of(sample, kVocabularyCountedBytesMax)) {
    count_words(block, vocabulary, counts);
  }
  move_rare(counts);
  weigh_seen_bytes(counts);
  CHECK(vocabulary.set_counts(counts));
  return vocabulary;
}

void TextVocabulary::encode(std::string& out) const {
  std::string raw;
  put_varint(raw, words_.size());
  std::string_view last;
  for (uint32_t i = 0; i < words_.size(); ++i) {
    const std::string_view word = words_.word(i);
    const auto shared = static_cast<size_t>(std::ranges::mismatch(last, word).in1 - last.begin());
    put_u8(raw, static_cast<uint8_t>(shared));
    put_u8(raw, static_cast<uint8_t>(word.size() - shared));
    raw.append(word.substr(shared));
    last = word;
  }
  if (!empty()) {
    for (const PrefixCode& code : codes_) {
      for (const uint8_t bits : code.lengths()) put_u8(raw, bits);
    }
  }
  put_u8(out, kVocabularyVersion);
  const size_t head = out.size();
  out.resize(head + ZSTD_compressBound(raw.size()));
  const size_t size = ZSTD_compress(out.data() + head, out.size() - head, raw.data(), raw.size(), kVocabularyLevel);
  CHECK(ZSTD_isError(size) == 0);
  out.resize(head + size);
}

namespace {

Result<WordList> read_words(ByteReader& reader) {
  const uint64_t count = reader.count(2, kVocabularyWordsMax);
  WordList words;
  std::string last;
  for (uint64_t i = 0; i < count; ++i) {
    const uint8_t shared = reader.u8();
    const std::string_view rest = reader.bytes(reader.u8());
    if (shared > last.size()) return damaged();
    last.resize(shared);
    last.append(rest);
    if (reader.failed() || last.empty() || last.size() > kWordBytesMax) return damaged();
    if (i > 0 && !(words.word(static_cast<uint32_t>(i - 1)) < last)) return damaged();
    words.add(last);
  }
  return words;
}

}  // namespace

Result<TextVocabulary> TextVocabulary::decode(std::string_view bytes) {
  if (bytes.empty() || bytes.front() != kVocabularyVersion) return damaged();
  bytes.remove_prefix(1);
  const uint64_t size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (size > kVocabularyBytesMax) return damaged();  // also when it is not known
  std::string raw(size, '\0');
  if (ZSTD_decompress(raw.data(), raw.size(), bytes.data(), bytes.size()) != size) return damaged();
  ByteReader reader(raw);
  TextVocabulary vocabulary(TRY(read_words(reader)));
  if (!vocabulary.empty()) {
    std::array<std::vector<uint8_t>, kTextCodes> lengths;
    for (size_t code = 0; code < kTextCodes; ++code) {
      const std::string_view own = reader.bytes(alphabet_of(code, vocabulary.words_.size()));
      lengths[code].assign(own.begin(), own.end());
    }
    if (reader.failed()) return damaged();
    TRY(vocabulary.set_lengths(lengths));
  }
  if (reader.failed() || !reader.at_end()) return damaged();
  return vocabulary;
}

uint64_t TextVocabulary::byte_size() const {
  uint64_t bytes = words_.byte_size() + index_.byte_size() + contexts_.capacity();
  for (const PrefixCode& code : codes_) bytes += code.byte_size();
  return bytes;
}

}  // namespace sextant::persist
