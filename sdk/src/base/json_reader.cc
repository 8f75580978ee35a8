#include "base/json_reader.h"

namespace sextant {

using Piece = JsonReader::Piece;

void JsonReader::skip_space() noexcept {
  while (at(' ') || at('\t') || at('\n') || at('\r')) ++at_;
}

Piece JsonReader::next() {
  if (bad_) return Piece::kBad;
  skip_space();
  if (depth_ == 0) {
    if (wants_value_) return read_value();
    return at_ == json_.size() ? Piece::kEnd : bad();
  }
  if (wants_value_) return read_value();
  const char kind = open_[depth_ - 1];
  if (at(kind == '{' ? '}' : ']')) return close();
  if (!first_) {
    if (!at(',')) return bad();
    ++at_;
    skip_space();
  }
  first_ = false;
  return kind == '{' ? read_key() : read_value();
}

Piece JsonReader::read_key() {
  if (!at('"') || !read_text()) return bad();
  skip_space();
  if (!at(':')) return bad();
  ++at_;
  wants_value_ = true;
  return Piece::kKey;
}

Piece JsonReader::read_value() {
  wants_value_ = false;
  if (at_ == json_.size()) return bad();
  switch (json_[at_]) {
    case '{':
    case '[':
      return open(json_[at_]);
    case '"':
      return read_text() ? Piece::kText : bad();
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
  if (depth_ == kDepthMax) return bad();
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
  if (json_.substr(at_, word.size()) != word) return bad();
  at_ += word.size();
  return piece;
}

Piece JsonReader::number() {
  const std::size_t begin = at_;
  while (at_ < json_.size() && std::string_view("0123456789+-.eE").find(json_[at_]) != std::string_view::npos) ++at_;
  if (at_ == begin) return bad();
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
  if (++at_ == json_.size()) return false;
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
  append_character(unit);
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

void JsonReader::append_character(std::uint32_t c) {
  const auto byte = [&](std::uint32_t value) { text_ += static_cast<char>(value); };
  if (c < 0x80) return byte(c);
  if (c < 0x800) {
    byte(0xc0 | c >> 6);
  } else {
    if (c < 0x10000) {
      byte(0xe0 | c >> 12);
    } else {
      byte(0xf0 | c >> 18);
      byte(0x80 | (c >> 12 & 63));
    }
    byte(0x80 | (c >> 6 & 63));
  }
  byte(0x80 | (c & 63));
}

}  // namespace sextant
