#include "persist/text/words.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <span>

#include "base/core/check.h"
#include "persist/text/word_filter.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace sextant::persist {
namespace {

enum CharClass : uint8_t { kOther = 0, kLetter = 1, kHexLetter = 2, kDecimal = 4 };

constexpr std::array<uint8_t, 256> make_classes() {
  std::array<uint8_t, 256> out{};
  for (int c = 0; c < 256; ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
    if (letter) out[static_cast<size_t>(c)] = kLetter;
    if (c >= 'a' && c <= 'f') out[static_cast<size_t>(c)] = kHexLetter;
    if (c >= '0' && c <= '9') out[static_cast<size_t>(c)] = kDecimal;
  }
  return out;
}
constexpr auto kClasses = make_classes();

uint8_t class_of(char c) {
  return kClasses[static_cast<uint8_t>(c)];
}

uint32_t digit_value(char c) {
  return static_cast<uint32_t>(c <= '9' ? c - '0' : c - 'a' + 10);
}

Element* spell(std::string_view bytes, Element mark, Element* out) {
  *out++ = mark;
  for (const char c : bytes) *out++ = kFirstByte + static_cast<uint8_t>(c);
  *out++ = kEndOfBytes;
  return out;
}

Element* spell_hex(std::string_view word, Element* out) {
  *out++ = kHexWord;
  for (const char c : word) *out++ = kFirstDigit + digit_value(c);
  *out++ = kEndOfDigits;
  return out;
}

/// Bit i is set when text[i] is a character of words, whatever stands before it. Sixty-four bytes at once.
uint64_t word_bits(const char* text) {
  uint64_t bits = 0;
#if defined(__SSE2__)
  for (int part = 0; part < 4; ++part) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + part * 16));
    // Moved so that a range begins at the smallest signed number, one comparison does.
    const __m128i lower = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
    const __m128i letters =
        _mm_cmplt_epi8(_mm_add_epi8(lower, _mm_set1_epi8(static_cast<char>(0x80 - 'a'))), _mm_set1_epi8(-128 + 26));
    const __m128i digits =
        _mm_cmplt_epi8(_mm_add_epi8(bytes, _mm_set1_epi8(static_cast<char>(0x80 - '0'))), _mm_set1_epi8(-128 + 10));
    const __m128i all = _mm_or_si128(_mm_or_si128(letters, digits), bytes);  // `bytes`: the highest bit counts
    bits |= static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(all))) << (part * 16);
  }
#else
  for (int i = 0; i < 64; ++i) bits |= static_cast<uint64_t>(is_word_char(text[i])) << i;
#endif
  return bits;
}

uint64_t equal_bits(const char* text, char c) {
  uint64_t bits = 0;
#if defined(__SSE2__)
  for (int part = 0; part < 4; ++part) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + part * 16));
    const __m128i found = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c));
    bits |= static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(found))) << (part * 16);
  }
#else
  for (int i = 0; i < 64; ++i) bits |= static_cast<uint64_t>(text[i] == c) << i;
#endif
  return bits;
}

}  // namespace

bool is_word_char(char c) {
  return class_of(c) != kOther;
}

bool is_hex(std::string_view word, uint32_t digits_min) {
  if (word.size() < digits_min) return false;
  uint8_t seen = 0;
  for (const char c : word) {
    if (class_of(c) == kLetter) return false;  // mostly one of the first: no word of a language is all hexadecimal
    seen |= class_of(c);
  }
  return (seen & kDecimal) != 0;
}

bool is_id(const Token& token) {
  if (token.size < kIdDigitsMin || !token.word) return false;
  // No call for nearly all words of a language.
  if (class_of(token.begin[0]) == kLetter || class_of(token.begin[1]) == kLetter) return false;
  return is_hex({token.begin, token.size}, kIdDigitsMin);
}

Tokens::Tokens(std::string_view text)
    : text_(std::make_unique_for_overwrite<char[]>(text.size() + 64)), marks_(text.size() / 64 + 1) {
  static_assert(kKeyBytes <= 64);
  std::memcpy(text_.get(), text.data(), text.size());
  std::memset(text_.get() + text.size(), 0, 64);
  uint64_t escaped = 0;  // the first character of the next sixty-four, when a backslash was the last
  for (size_t i = 0; i < marks_.size(); ++i) {
    const uint64_t backslashes = equal_bits(text_.get() + i * 64, '\\');
    marks_[i].words = word_bits(text_.get() + i * 64) & ~(backslashes << 1 | escaped);
    escaped = backslashes >> 63;
  }
  if (text.empty()) return;
  const size_t end = text.size() % 64;  // behind it there are zeros, no part of a word even when escaped
  if (end != 0) marks_.back().words &= (uint64_t{1} << end) - 1;
  uint64_t space = 0;                   // that is not written, as the last of the sixty-four before
  uint64_t word = marks_[0].words & 1;  // the last of them, but for the first whatever makes no edge
  for (size_t i = 0; i < marks_.size(); ++i) {
    Marks& marks = marks_[i];
    const uint64_t after = i + 1 < marks_.size() ? marks_[i + 1].words << 63 : 0;
    const uint64_t before = marks.words << 1 | (i == 0 ? 0 : word);
    const uint64_t spaces = equal_bits(text_.get() + i * 64, ' ') & before & ~marks.words & (marks.words >> 1 | after);
    marks.edges = (marks.words ^ (marks.words << 1 | word)) & ~spaces;
    marks.after_space = spaces << 1 | space;
    space = spaces >> 63;
    word = marks.words >> 63;
  }
  // Zeros make no edge behind a separator.
  marks_.back().edges &= (uint64_t{1} << end) - 1;
  marks_.back().edges |= uint64_t{1} << end;
}

namespace {

/// As Tokens::key_of() of bytes behind which nothing may be read.
WordKey key_alone(std::string_view word) {
  char padded[kWordBytesMax + Tokens::kKeyBytes] = {};
  word.copy(padded, kWordBytesMax);
  return Tokens::key_of(padded, static_cast<uint32_t>(word.size()));
}

/// At least half of the slots are free, so among words that nobody has chosen for it hardly one is as far from its
/// first place. Where no words are added any more, more are: nearly each then stands in its first place.
constexpr size_t kSlotsPerWord = 2;
constexpr size_t kSparseSlotsPerWord = 4;
constexpr size_t kPlacesMax = 64;
constexpr size_t kSlotsMin = 1024;

}  // namespace

WordIndex::WordIndex(const WordList& words) {
  place_all(words, std::bit_ceil((size_t{words.size()} + 1) * kSparseSlotsPerWord));
}

size_t WordIndex::search(const WordKey& key, size_t place, const char* word, const WordList& words) const {
  for (size_t i = 0; i < kPlacesMax; ++i, place = (place + 1) & (slots_.size() - 1)) {
    const Slot& slot = slots_[place];
    if (slot.size == 0) return place;
    if (!slot.matches(key)) continue;
    if (key.size <= Tokens::kKeyBytes || std::memcmp(words.word(slot.number).data(), word, key.size) == 0) return place;
  }
  return kNowhere;
}

uint32_t WordIndex::find_further(const WordKey& key, size_t place, const char* word, const WordList& words) const {
  const size_t found = search(key, place, word, words);
  return found == kNowhere ? kNone : slots_[found].number;  // a free slot has none
}

void WordIndex::place_all(const WordList& words, size_t slots) {
  slots_.assign(std::max(slots, kSlotsMin), Slot{});
  shift_ = 64 - static_cast<uint32_t>(std::countr_zero(slots_.size()));
  for (uint32_t number = 0; number < words.size(); ++number) {
    const std::string_view known = words.word(number);
    const WordKey key = key_alone(known);
    const size_t place = search(key, first_place(key), known.data(), words);
    if (place != kNowhere) slots_[place] = {key.head, key.tail, number, key.size};
  }
}

uint32_t WordIndex::add(const Token& token, const WordKey& key, WordList& words) {
  const size_t slots = (size_t{words.size()} + 1) * kSlotsPerWord;
  if (slots_.size() < slots) place_all(words, std::bit_ceil(slots));
  const size_t place = search(key, first_place(key), token.begin, words);
  if (place == kNowhere) return kNone;
  Slot& slot = slots_[place];
  if (slot.size == 0) {
    slot = {key.head, key.tail, words.size(), key.size};
    words.add({token.begin, token.size});
  }
  return slot.number;
}

namespace {

/// Tokens that are looked for together: the table is out of the nearer caches, and waiting for it took longer than all
/// else.
constexpr size_t kTokensAtOnce = 32;

struct Sought {
  Token token;
  WordKey key;
  size_t place;
  bool id;  // hexadecimal, and not looked for
};

/// Where the part of a word ends that begins at `begin`: at capitals ("Set" of SetUnlinkOnClose, "TCP" of TCPAddr),
/// and between letters and digits.
uint32_t part_end(const Token& token, uint32_t begin) {
  const auto is_digit = [&](uint32_t at) { return class_of(token.begin[at]) == kDecimal; };
  const auto is_capital = [&](uint32_t at) { return token.begin[at] >= 'A' && token.begin[at] <= 'Z'; };
  for (uint32_t at = begin + 1; at < token.size; ++at) {
    if (is_digit(at) != is_digit(at - 1)) return at;
    if (!is_capital(at)) continue;
    const bool begins_word = at + 1 < token.size && !is_capital(at + 1) && !is_digit(at + 1);
    if (!is_capital(at - 1) || begins_word) return at;
  }
  return token.size;
}

/// Shortest part for which a word is cut: what is saved must pay for the mark between parts.
constexpr uint32_t kPartBytesMin = 3;

/// Names in programs are put together of words: of one without number, parts that have one are not spelled. Parts that
/// have none and follow each other are one. Never more elements than kElementsPerByteMax: a part of one byte that is
/// spelled has four with its mark, but one that has a number two beside it.
Element* put_parts(const Token& token, const WordList& words, const WordIndex& index, Element* out) {
  struct Part {
    uint32_t begin = 0;
    uint32_t number = WordIndex::kNone;
  };
  std::array<Part, kWordBytesMax + 1> parts;
  size_t count = 0;
  bool pays = false;
  for (uint32_t begin = 0; begin < token.size;) {
    const uint32_t end = part_end(token, begin);
    const WordKey key = Tokens::key_of(token.begin + begin, end - begin);
    const uint32_t number = index.find(key, index.place_of(key), token.begin + begin, words);
    const bool known = number != WordIndex::kNone;
    pays = pays || (known && end - begin >= kPartBytesMin);
    if (known || count == 0 || parts[count - 1].number != WordIndex::kNone) parts[count++] = {begin, number};
    begin = end;
  }
  if (!pays) return spell({token.begin, token.size}, kSpelledWord, out);
  parts[count].begin = token.size;
  for (size_t i = 0; i < count; ++i) {
    const auto [begin, number] = parts[i];
    if (i > 0) *out++ = kJoin;
    const std::string_view part(token.begin + begin, parts[i + 1].begin - begin);
    if (number == WordIndex::kNone) {
      out = spell(part, kSpelledWord, out);
    } else {
      *out++ = kFirstWord + number;
    }
  }
  return out;
}

Element* put_unknown(const Sought& sought, const WordList& words, const WordIndex& index, Element* out) {
  const Token& token = sought.token;
  const std::string_view text(token.begin, token.size);
  if (!token.word) return spell(text, kSpelledSeparator, out);
  if (sought.id || is_hex(text, kHexDigitsMin)) return spell_hex(text, out);
  return put_parts(token, words, index, out);
}

}  // namespace

Element* to_elements(std::string_view text, const WordList& words, const WordIndex& index, WordFilterWriter* unknown,
                     Element* out) {
  CHECK(!index.empty());
  std::array<Sought, kTokensAtOnce> some;  // NOLINT(cppcoreguidelines-pro-type-member-init): written before it is read
  size_t count = 0;
  const auto find_all = [&] {
    for (const Sought& sought : std::span(some).first(count)) {
      if (sought.token.joined) *out++ = kJoin;
      const uint32_t number =
          sought.id ? WordIndex::kNone : index.find(sought.key, sought.place, sought.token.begin, words);
      if (number != WordIndex::kNone) [[likely]] {
        *out++ = kFirstWord + number;
      } else {
        out = put_unknown(sought, words, index, out);
        if (unknown != nullptr && sought.token.word) unknown->add({sought.token.begin, sought.token.size});
      }
    }
    count = 0;
  };
  const Tokens tokens(text);
  tokens.each([&](const Token& token) {
    Sought& sought = some[count];
    sought.token = token;
    sought.key = Tokens::key_of(token.begin, token.size);
    sought.place = index.place_of(sought.key);
    sought.id = is_id(token);
    if (++count == some.size()) find_all();
  });
  find_all();
  return out;
}

namespace {

/// Writes up to an end. Behind it nothing is written, and overrun() says so. Thread-confined.
class TextOut {
 public:
  TextOut(char* at, char* end) : at_(at), end_(end) {}

  void put(char c) {
    if (at_ == end_) return stop();
    *at_++ = c;
  }
  void put(std::string_view word) {
    if (word.size() > static_cast<size_t>(end_ - at_)) return stop();
    std::memcpy(at_, word.data(), word.size());
    at_ += word.size();
  }
  char* at() const { return at_; }
  bool overrun() const { return overrun_; }

 private:
  void stop() {
    overrun_ = true;
    at_ = end_;
  }
  char* at_;
  char* const end_;
  bool overrun_ = false;
};

}  // namespace

Result<void> ElementText::put(std::span<const Element> elements) {
  TextOut out(text_.data() + at_, text_.data() + text_.size());
  bool space = space_;
  for (const Element element : elements) {
    if (element < kFirstWord) {
      if (element > kJoin) return fail(ErrorCode::kDataLoss, "no element of a text");
      const bool word = element == kSpelledWord || element == kHexWord;
      if (word && space) out.put(' ');
      space = word;
    } else if (element < kFirstDigit) {
      if (element - kFirstWord >= words_.size()) return fail(ErrorCode::kDataLoss, "no word of the vocabulary");
      const std::string_view word = words_.word(element - kFirstWord);
      const bool is_word = is_word_char(word.front());
      if (is_word && space) out.put(' ');
      space = is_word;
      out.put(word);
    } else if (element < kFirstByte) {
      if (element < kEndOfDigits) out.put("0123456789abcdef"[element - kFirstDigit]);
    } else if (element < kEndOfBytes) {
      out.put(static_cast<char>(element - kFirstByte));
    }
  }
  if (out.overrun()) return fail(ErrorCode::kDataLoss, "a text block of another length");
  at_ = static_cast<size_t>(out.at() - text_.data());
  space_ = space;
  return {};
}

Result<std::string> from_elements(const std::vector<Element>& elements, const WordList& words, uint64_t bytes) {
  ElementText text(words, bytes);
  TRY(text.put(elements));
  if (!text.is_whole()) return fail(ErrorCode::kDataLoss, "a text block of another length");
  return text.take();
}

}  // namespace sextant::persist
