#include "base/json_reader.h"

#include <algorithm>

#include "base/utf8.h"

namespace sextant {

using Piece = JsonReader::Piece;

void JsonReader::skip_space() noexcept {
  while (at(' ') || at('\t') || at('\n') || at('\r')) ++at_;
}

Piece JsonReader::next() {
  if (problem_ != nullptr) return Piece::kBad;
  if (json_.size() > kBytesMax) return bad("the text is longer than 64 MiB");
  skip_space();
  began_ = at_;
  if (wants_value_) return read_value();
  if (depth_ == 0) return at_ == json_.size() ? Piece::kEnd : bad("something follows the end of the value");
  const bool object = open_[depth_ - 1] == '{';
  if (at(object ? '}' : ']')) return close();
  if (!first_) {
    if (!at(',')) return bad(object ? "a comma or '}' is missing" : "a comma or ']' is missing");
    ++at_;
    skip_space();
    began_ = at_;
  }
  first_ = false;
  return object ? read_key() : read_value();
}

bool JsonReader::skip(Piece piece) {
  const bool container = piece == Piece::kObject || piece == Piece::kList;
  for (const std::size_t outside = depth_ - (container ? 1 : 0); depth_ > outside;) {
    if (next() == Piece::kBad) return false;
  }
  return piece != Piece::kBad;
}

Piece JsonReader::read_key() {
  if (!at('"')) return bad("a key in quotes is missing");
  if (!read_text()) return bad("the text in quotes is not valid");
  skip_space();
  if (!at(':')) return bad("a ':' is missing after the key");
  ++at_;
  wants_value_ = true;
  return Piece::kKey;
}

Piece JsonReader::read_value() {
  wants_value_ = false;
  if (at_ == json_.size()) return bad("a value is missing");
  switch (json_[at_]) {
    case '{':
    case '[':
      return open(json_[at_]);
    case '"':
      return read_text() ? Piece::kText : bad("the text in quotes is not valid");
    case 't':
      return word("true", Piece::kTrue);
    case 'f':
      return word("false", Piece::kFalse);
    case 'n':
      return word("null", Piece::kNull);
    default:
      return number();
  }
}

Piece JsonReader::open(char kind) {
  if (depth_ == kDepthMax) return bad("it is nested more than 64 deep");
  open_[depth_++] = kind;
  first_ = true;
  ++at_;
  return kind == '{' ? Piece::kObject : Piece::kList;
}

Piece JsonReader::close() {
  const char kind = open_[--depth_];
  first_ = false;
  ++at_;
  return kind == '{' ? Piece::kObjectEnd : Piece::kListEnd;
}

Piece JsonReader::word(std::string_view word, Piece piece) {
  if (json_.substr(at_, word.size()) != word) return bad("a value is missing");
  at_ += word.size();
  return piece;
}

/// At least one; behind them afterwards.
bool JsonReader::digits() noexcept {
  const std::size_t begin = at_;
  while (at_ < json_.size() && json_[at_] >= '0' && json_[at_] <= '9') ++at_;
  return at_ > begin;
}

Piece JsonReader::number() {
  constexpr const char* kNotOne = "the number is not valid";
  const std::size_t begin = at_;
  if (at('-')) ++at_;
  const bool zero = at('0');
  const std::size_t first_digit = at_;
  if (!digits()) return bad(at_ == begin ? "a value is missing" : kNotOne);
  if (zero && at_ > first_digit + 1) return bad(kNotOne);
  if (at('.')) {
    ++at_;
    if (!digits()) return bad(kNotOne);
  }
  if (at('e') || at('E')) {
    ++at_;
    if (at('+') || at('-')) ++at_;
    if (!digits()) return bad(kNotOne);
  }
  text_.assign(json_.substr(begin, at_ - begin));
  return Piece::kNumber;
}

/// Requires: at a quote.
bool JsonReader::read_text() {
  text_.clear();
  for (++at_; at_ < json_.size(); ++at_) {
    const char c = json_[at_];
    if (c == '"') {
      ++at_;
      return true;
    }
    if (static_cast<unsigned char>(c) < ' ') return false;
    if (c != '\\') {
      text_ += c;
    } else if (!read_escape()) {
      return false;
    }
  }
  return false;
}

/// Requires: at a backslash. Leaves off at the last character of the escape.
bool JsonReader::read_escape() {
  constexpr std::string_view kNames = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  if (++at_ >= json_.size()) return false;
  if (const std::size_t name = kNames.find(json_[at_]); name != std::string_view::npos) {
    text_ += kMeanings[name];
    return true;
  }
  std::uint32_t unit = 0;
  if (json_[at_] != 'u' || !read_unit(unit)) return false;
  if (unit >= 0xd800 && unit < 0xdc00) {  // the first half of a pair (RFC 8259, 7)
    std::uint32_t low = 0;
    if (json_.substr(at_ + 1, 2) != "\\u") return false;
    at_ += 2;
    if (!read_unit(low) || low < 0xdc00 || low > 0xdfff) return false;
    unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
  } else if (unit >= 0xdc00 && unit < 0xe000) {
    return false;
  }
  append_utf8(text_, unit);
  return true;
}

/// Four digits after where it stands.
bool JsonReader::read_unit(std::uint32_t& unit) {
  if (json_.size() - at_ < 5) return false;
  unit = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = json_[++at_];
    const int digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
    if (digit < 0) return false;
    unit = unit << 4 | static_cast<std::uint32_t>(digit);
  }
  return true;
}

Piece JsonReader::bad(const char* what) noexcept {
  problem_ = what;
  began_ = std::min(at_, json_.size());
  return Piece::kBad;
}

std::size_t JsonReader::line() const noexcept {
  return 1 +
         static_cast<std::size_t>(std::count(json_.begin(), json_.begin() + static_cast<std::ptrdiff_t>(began_), '\n'));
}

std::size_t JsonReader::column() const noexcept {
  const std::size_t newline = json_.substr(0, began_).rfind('\n');
  return newline == std::string_view::npos ? began_ + 1 : began_ - newline;
}

std::string JsonReader::problem() const {
  if (problem_ == nullptr) return {};
  return "line " + std::to_string(line()) + ", column " + std::to_string(column()) + ": " + problem_;
}

}  // namespace sextant
