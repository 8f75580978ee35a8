#include "persist/text/words.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <span>

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

uint64_t backslash_bits(const char* text) {
  uint64_t bits = 0;
#if defined(__SSE2__)
  for (int part = 0; part < 4; ++part) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + part * 16));
    const __m128i found = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    bits |= static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(found))) << (part * 16);
  }
#else
  for (int i = 0; i < 64; ++i) bits |= static_cast<uint64_t>(text[i] == '\\') << i;
#endif
  return bits;
}

template <typename Number>
uint64_t load(const char* at) {
  Number number = 0;
  std::memcpy(&number, at, sizeof number);
  return number;
}

/// The first eight bytes of a word, zeros behind its end. Sizes follow no pattern that a processor could guess: where
/// memory may be read behind the word there is no branch.
uint64_t head_of(std::string_view word, const char* end) {
  uint64_t head = 0;
  const size_t size = std::min<size_t>(word.size(), sizeof head);
  if (end - word.data() >= static_cast<ptrdiff_t>(sizeof head)) [[likely]] {
    return load<uint64_t>(word.data()) & (~uint64_t{0} >> (64 - size * 8));
  }
  for (size_t i = 0; i < size; ++i) head |= uint64_t{static_cast<uint8_t>(word[i])} << i * 8;
  return head;
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

Tokens::Tokens(std::string_view text) : text_(text), mask_(text.size() / 64 + 2) {
  uint64_t escaped = 0;  // the first character of the next sixty-four, when a backslash was the last
  const auto add = [&](const char* bytes, uint64_t& mask) {
    const uint64_t backslashes = backslash_bits(bytes);
    mask = word_bits(bytes) & ~(backslashes << 1 | escaped);
    escaped = backslashes >> 63;
  };
  const size_t whole = text.size() / 64;
  for (size_t i = 0; i < whole; ++i) add(text.data() + i * 64, mask_[i]);
  char rest[64] = {};
  text.copy(rest, sizeof rest, whole * 64);
  add(rest, mask_[whole]);
}

size_t Tokens::separator_size(size_t begin, uint64_t bits) const {
  const auto run = static_cast<size_t>(std::countr_zero(bits | uint64_t{1} << kSeparatorBytesMax));
  const size_t end = std::min(begin + run, text_.size());
  // One that is cut never ends before an escaped letter, which would be read as a word.
  const bool cut = end < text_.size() && (bits >> run & 1) == 0;
  return cut && text_[end - 1] == '\\' ? run - 1 : end - begin;
}

/// Requires: the word is not empty.
WordList::Probe::Probe(std::string_view word, const char* end, size_t slots) : word_(word) {
  const auto size = static_cast<uint32_t>(word.size());
  key_ = {head_of(word, end), 0, kNone, size};
  if (size > sizeof key_.head) key_.tail = load<uint64_t>(word.data() + size - sizeof key_.tail);
  uint64_t mixed = (key_.head * 0x9E3779B97F4A7C15) ^ (key_.tail * 0xC2B2AE3D27D4EB4F) ^ size;
  mixed ^= mixed >> 32;
  place_ = (mixed * 0x165667B19E3779F9) >> 24 & (slots - 1);
}

size_t WordList::place_of(const Probe& probe) const {
  const Slot& key = probe.key_;
  size_t i = probe.place_;
  for (; slots_[i].number != kNone; i = (i + 1) & (slots_.size() - 1)) {
    const Slot& slot = slots_[i];
    if (((slot.head ^ key.head) | (slot.tail ^ key.tail) | (slot.size ^ key.size)) != 0) continue;
    if (key.size <= 16 || word(slot.number) == probe.word_) return i;
  }
  return i;
}

WordList::Probe WordList::probe(std::string_view word, const char* end) const {
  const Probe probe(word, end, slots_.size());
  __builtin_prefetch(&slots_[probe.place_]);
  return probe;
}

uint32_t WordList::find(const Probe& probe) const {
  return slots_[place_of(probe)].number;
}

void WordList::grow() {
  slots_.assign(std::max<size_t>(1024, slots_.size() * 2), Slot{});
  for (uint32_t number = 0; number < size(); ++number) {
    const std::string_view known = word(number);
    const Probe probe(known, known.data() + known.size(), slots_.size());
    Slot& slot = slots_[place_of(probe)];
    slot = probe.key_;
    slot.number = number;
  }
}

uint32_t WordList::intern(std::string_view word, const char* end) {
  if (slots_.size() < (size_t{size()} + 1) * 2) grow();
  const Probe probe(word, end, slots_.size());
  Slot& slot = slots_[place_of(probe)];
  if (slot.number == kNone) {
    slot = probe.key_;
    slot.number = size();
    bytes_.append(word);
    ends_.push_back(static_cast<uint32_t>(bytes_.size()));
  }
  return slot.number;
}

namespace {

/// Tokens that are looked for together: the table is out of the nearer caches, and waiting for it took longer than all
/// else.
constexpr size_t kTokensAtOnce = 32;

struct Token {
  std::string_view text;
  WordList::Probe probe;
  bool word = false;
  bool joined = false;
  bool id = false;  // hexadecimal, and not looked for
};

Element* put_element(const Token& token, const WordList& words, Element* out) {
  if (token.word && token.joined) *out++ = kJoin;
  if (token.id) return spell_hex(token.text, out);
  const uint32_t number = words.find(token.probe);
  if (number != WordList::kNone) {
    *out++ = kFirstWord + number;
    return out;
  }
  if (!token.word) return spell(token.text, kSpelledSeparator, out);
  return is_hex(token.text, kHexDigitsMin) ? spell_hex(token.text, out) : spell(token.text, kSpelledWord, out);
}

}  // namespace

Element* to_elements(std::string_view text, const WordList& words, Element* out) {
  std::array<Token, kTokensAtOnce> some;
  const char* const end = text.data() + text.size();
  for (Tokens tokens(text); !tokens.at_end();) {
    size_t count = 0;
    for (; count < some.size() && !tokens.at_end(); ++count) {
      Token& token = some[count];
      token.text = tokens.next();
      token.word = tokens.is_word();
      token.joined = tokens.is_joined();
      token.id = token.word && is_hex(token.text, kIdDigitsMin);
      if (!token.id) token.probe = words.probe(token.text, end);
    }
    for (const Token& token : std::span(some).first(count)) out = put_element(token, words, out);
  }
  return out;
}

namespace {

/// Writes a text of a length known before. Behind the end nothing is written, and overrun() says so.
/// Thread-confined.
class TextOut {
 public:
  explicit TextOut(uint64_t bytes) : text_(bytes, '\0'), bytes_(bytes) {}

  void put(char c) {
    if (at_ == bytes_) return stop();
    text_[at_++] = c;
  }
  void put(std::string_view word) {
    if (word.size() > bytes_ - at_) return stop();
    std::memcpy(text_.data() + at_, word.data(), word.size());
    at_ += word.size();
  }
  bool is_whole() const { return !overrun_ && at_ == bytes_; }
  std::string take() { return std::move(text_); }

 private:
  void stop() {
    overrun_ = true;
    at_ = bytes_;
  }
  std::string text_;
  const uint64_t bytes_;
  size_t at_ = 0;
  bool overrun_ = false;
};

}  // namespace

Result<std::string> from_elements(const std::vector<Element>& elements, const WordList& words, uint64_t bytes) {
  TextOut out(bytes);
  bool space = false;  // before the next word
  for (const Element element : elements) {
    if (element < kFirstWord) {
      if (element > kJoin) return fail(ErrorCode::kDataLoss, "no element of a text");
      const bool word = element == kSpelledWord || element == kHexWord;
      if (word && space) out.put(' ');
      space = word;
    } else if (element < kFirstDigit) {
      if (element - kFirstWord >= words.size()) return fail(ErrorCode::kDataLoss, "no word of the vocabulary");
      const std::string_view word = words.word(element - kFirstWord);
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
  if (!out.is_whole()) return fail(ErrorCode::kDataLoss, "a text block of another length");
  return out.take();
}

}  // namespace sextant::persist
