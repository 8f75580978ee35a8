#include "persist/text/words.h"

#include <array>

#include "base/core/hash.h"

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

void spell(std::string_view bytes, Element mark, std::vector<Element>& out) {
  out.push_back(mark);
  for (const char c : bytes) out.push_back(kFirstByte + static_cast<uint8_t>(c));
  out.push_back(kEndOfBytes);
}

void spell_hex(std::string_view word, std::vector<Element>& out) {
  out.push_back(kHexWord);
  for (const char c : word) out.push_back(kFirstDigit + digit_value(c));
  out.push_back(kEndOfDigits);
}

uint64_t word_hash(std::string_view word) {
  return hash64(word);
}

}  // namespace

bool is_word_char(char c) {
  return class_of(c) != kOther;
}

bool is_hex(std::string_view word, uint32_t digits_min) {
  if (word.size() < digits_min) return false;
  uint8_t seen = 0;
  for (const char c : word) seen |= class_of(c);
  return (seen & kLetter) == 0 && (seen & kDecimal) != 0;
}

std::string_view Tokens::next() {
  const bool after_word = at_ > 0 && is_word_;
  if (after_word && text_[at_] == ' ' && at_ + 1 < text_.size() && is_word_char(text_[at_ + 1])) {
    ++at_;
    is_joined_ = false;
  } else {
    is_joined_ = after_word;
  }
  const size_t begin = at_;
  is_word_ = is_word_char(text_[at_]);
  if (is_word_) {
    const size_t stop = std::min(text_.size(), begin + kWordBytesMax);
    while (at_ < stop && is_word_char(text_[at_])) ++at_;
  } else {
    const size_t stop = std::min(text_.size(), begin + kSeparatorBytesMax);
    while (at_ < stop && !is_word_char(text_[at_])) {
      // An escaped line end is no letter n.
      at_ += text_[at_] == '\\' && at_ + 1 < stop ? 2 : 1;
    }
  }
  return text_.substr(begin, at_ - begin);
}

uint32_t WordList::intern(std::string_view word) {
  const uint32_t fresh = size();
  const uint32_t found =
      table_.find_or_insert(word_hash(word), fresh, [&](uint32_t number) { return this->word(number) == word; });
  if (found != kNone) return found;
  bytes_.append(word);
  ends_.push_back(static_cast<uint32_t>(bytes_.size()));
  return fresh;
}

uint32_t WordList::find(std::string_view word) const {
  return table_.find(word_hash(word), [&](uint32_t number) { return this->word(number) == word; });
}

void to_elements(std::string_view text, const WordList& words, std::vector<Element>& out) {
  for (Tokens tokens(text); !tokens.at_end();) {
    const std::string_view token = tokens.next();
    if (tokens.is_word() && tokens.is_joined()) out.push_back(kJoin);
    if (tokens.is_word() && is_hex(token, kIdDigitsMin)) {
      spell_hex(token, out);
      continue;
    }
    const uint32_t number = words.find(token);
    if (number != WordList::kNone) {
      out.push_back(kFirstWord + number);
    } else if (!tokens.is_word()) {
      spell(token, kSpelledSeparator, out);
    } else if (is_hex(token, kHexDigitsMin)) {
      spell_hex(token, out);
    } else {
      spell(token, kSpelledWord, out);
    }
  }
}

Result<std::string> from_elements(const std::vector<Element>& elements, const WordList& words, uint64_t bytes_max) {
  std::string out;
  bool after_word = false;
  bool joined = false;
  const auto begin_word = [&] {
    if (after_word && !joined) out.push_back(' ');
    after_word = true;
    joined = false;
  };
  for (const Element element : elements) {
    if (out.size() > bytes_max) break;
    if (element >= kFirstByte) {
      if (element > kEndOfBytes) return fail(ErrorCode::kDataLoss, "no byte");
      if (element != kEndOfBytes) out.push_back(static_cast<char>(element - kFirstByte));
    } else if (element >= kFirstDigit) {
      if (element > kEndOfDigits) return fail(ErrorCode::kDataLoss, "no digit");
      if (element != kEndOfDigits) out.push_back("0123456789abcdef"[element - kFirstDigit]);
    } else if (element >= kFirstWord) {
      if (element - kFirstWord >= words.size()) return fail(ErrorCode::kDataLoss, "no word");
      const std::string_view word = words.word(element - kFirstWord);
      if (is_word_char(word.front())) {
        begin_word();
      } else {
        after_word = false;
      }
      out.append(word);
    } else if (element == kSpelledWord || element == kHexWord) {
      begin_word();
    } else if (element == kSpelledSeparator) {
      after_word = false;
    } else if (element == kJoin) {
      joined = true;
    } else {
      return fail(ErrorCode::kDataLoss, "no element");
    }
  }
  if (out.size() > bytes_max) return fail(ErrorCode::kDataLoss, "a text of more than {} bytes", bytes_max);
  return out;
}

}  // namespace sextant::persist
