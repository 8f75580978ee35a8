#include "base/codec/json_reader.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "base/core/text.h"

namespace sextant {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr uint64_t kOnes = 0x0101010101010101;
constexpr uint64_t kHighs = 0x8080808080808080;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Has any of the eight bytes to be looked at: a quote, a backslash, a control character, or beyond ASCII?
bool has_special(uint64_t word) {
  const uint64_t quote = word ^ (kOnes * '"');
  const uint64_t backslash = word ^ (kOnes * '\\');
  return ((word | (word - kOnes * 0x20) | (quote - kOnes) | (backslash - kOnes)) & kHighs) != 0;
}

void append_utf8(std::string& out, uint32_t point) {
  const auto tail = [&](uint32_t shift) { out.push_back(static_cast<char>(0x80 | (point >> shift & 0x3F))); };
  if (point < 0x80) {
    out.push_back(static_cast<char>(point));
  } else if (point < 0x800) {
    out.push_back(static_cast<char>(0xC0 | point >> 6));
    tail(0);
  } else if (point < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | point >> 12));
    tail(6);
    tail(0);
  } else {
    out.push_back(static_cast<char>(0xF0 | point >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

/// An integer written with fraction or exponent, when it is one that doubles hold exactly.
template <typename Int>
bool integral_double(double value, Int& out) {
  // Both bounds are powers of two, hence exact as doubles; max() itself is not.
  constexpr auto kLow = static_cast<double>(std::numeric_limits<Int>::min());
  constexpr auto kHigh = 2.0 * static_cast<double>(Int{1} << (std::numeric_limits<Int>::digits - 1));
  if (!(value >= kLow && value < kHigh) || value != std::trunc(value)) return false;
  out = static_cast<Int>(value);
  return true;
}

template <typename Int>
bool to_integer(std::string_view token, Int& value) {
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
  if (error == std::errc{} && end == token.data() + token.size()) return true;
  if (token.find_first_of(".eE") == std::string_view::npos) return token == "-0" && ((value = 0), true);
  return integral_double(JsonNumber{token}.to_double(), value);
}

}  // namespace

std::string_view to_string(JsonType type) {
  static constexpr std::string_view kNames[] = {"null", "bool", "number", "string", "array", "object"};
  return kNames[static_cast<uint8_t>(type)];
}

bool JsonNumber::to_int64(int64_t& value) const {
  return to_integer(token, value);
}

bool JsonNumber::to_uint64(uint64_t& value) const {
  return to_integer(token, value);
}

double JsonNumber::to_double() const {
  double value = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
  if (error != std::errc::result_out_of_range) return value;
  // Out of range leaves `value` alone; strtod tells overflow (an infinity) from underflow (zero).
  return std::strtod(std::string(token).c_str(), nullptr);
}

JsonReader::JsonReader(std::string_view text, int depth_max)
    : begin_(text.data()), at_(begin_), end_(begin_ + text.size()), value_at_(begin_), depth_max_(depth_max) {
  if (text.starts_with(kByteOrderMark)) at_ += kByteOrderMark.size();
}

bool JsonReader::fault_at(const char* position, std::string what) {
  if (what_.empty()) {
    fault_at_ = position;
    what_ = std::move(what);
  }
  at_ = end_;
  return false;
}

Error JsonReader::error() const {
  size_t line = 1;
  const char* line_start = begin_;
  for (const char* p = begin_; p < fault_at_; ++p) {
    if (*p != '\n') continue;
    ++line;
    line_start = p + 1;
  }
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("line {}, column {}: {}", line, fault_at_ - line_start + 1, what_));
}

void JsonReader::skip_space() {
  while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
}

bool JsonReader::peek(JsonType& type) {
  if (!ok()) return false;
  skip_space();
  value_at_ = at_;
  if (at_ == end_) return fault_at(at_, "the text ends where a value should stand");
  switch (*at_) {
    case '{':
      type = JsonType::kObject;
      return true;
    case '[':
      type = JsonType::kArray;
      return true;
    case '"':
      type = JsonType::kString;
      return true;
    case 't':
    case 'f':
      type = JsonType::kBool;
      return true;
    case 'n':
      type = JsonType::kNull;
      return true;
    default:
      if (*at_ != '-' && !is_digit(*at_)) return fault_at(at_, "a value should stand here");
      type = JsonType::kNumber;
      return true;
  }
}

bool JsonReader::open(char bracket, std::string_view expected) {
  JsonType type;
  if (!peek(type)) return false;
  if (*at_ != bracket) return fault_at(at_, fmt::format("{} expected, {} found", expected, to_string(type)));
  if (depth_ >= depth_max_) return fault_at(at_, fmt::format("nested deeper than {} levels", depth_max_));
  ++depth_;
  ++at_;
  comma_due_ = false;
  return true;
}

bool JsonReader::begin_object() {
  return open('{', "object");
}

bool JsonReader::begin_array() {
  return open('[', "array");
}

bool JsonReader::next_element() {
  if (!ok()) return false;
  skip_space();
  if (at_ < end_ && *at_ == ']') {
    ++at_;
    --depth_;
    comma_due_ = true;
    return false;
  }
  if (!comma_due_) return true;
  if (at_ == end_ || *at_ != ',') return fault_at(at_, "',' or ']' expected");
  ++at_;
  comma_due_ = false;
  return true;
}

bool JsonReader::next_member(std::string_view& name) {
  if (!ok()) return false;
  skip_space();
  if (at_ < end_ && *at_ == '}') {
    ++at_;
    --depth_;
    comma_due_ = true;
    return false;
  }
  if (comma_due_) {
    if (at_ == end_ || *at_ != ',') return fault_at(at_, "',' or '}' expected");
    ++at_;
    skip_space();
  }
  value_at_ = at_;
  if (at_ == end_ || *at_ != '"') return fault_at(at_, "a member name in quotes expected");
  if (!quoted(name, name_scratch_)) return false;
  skip_space();
  if (at_ == end_ || *at_ != ':') return fault_at(at_, "':' expected");
  ++at_;
  return true;
}

bool JsonReader::literal(std::string_view word) {
  if (std::string_view(at_, static_cast<size_t>(end_ - at_)).substr(0, word.size()) != word) {
    return fault_at(at_, fmt::format("{} expected", word));
  }
  at_ += word.size();
  comma_due_ = true;
  return true;
}

bool JsonReader::null() {
  JsonType type;
  return peek(type) && literal("null");
}

bool JsonReader::boolean(bool& value) {
  JsonType type;
  if (!peek(type)) return false;
  if (type != JsonType::kBool) return fault_at(at_, fmt::format("bool expected, {} found", to_string(type)));
  value = *at_ == 't';
  return literal(value ? "true" : "false");
}

bool JsonReader::number(JsonNumber& value) {
  JsonType type;
  if (!peek(type)) return false;
  if (type != JsonType::kNumber) return fault_at(at_, fmt::format("number expected, {} found", to_string(type)));
  const char* p = at_;
  const auto digits = [&] {
    const char* first = p;
    while (p < end_ && is_digit(*p)) ++p;
    return p != first;
  };
  if (*p == '-') ++p;
  if (p < end_ && *p == '0') {
    ++p;
  } else if (!digits()) {
    return fault_at(p, "a digit expected");
  }
  if (p < end_ && *p == '.') {
    ++p;
    if (!digits()) return fault_at(p, "a digit expected after the point");
  }
  if (p < end_ && (*p == 'e' || *p == 'E')) {
    ++p;
    if (p < end_ && (*p == '+' || *p == '-')) ++p;
    if (!digits()) return fault_at(p, "a digit expected in the exponent");
  }
  value.token = {at_, static_cast<size_t>(p - at_)};
  at_ = p;
  comma_due_ = true;
  return true;
}

bool JsonReader::string(std::string_view& value) {
  JsonType type;
  if (!peek(type)) return false;
  if (type != JsonType::kString) return fault_at(at_, fmt::format("string expected, {} found", to_string(type)));
  return quoted(value, value_scratch_);
}

/// Requires: at_ is at the opening quote. Without escapes the string is seen where it lies.
bool JsonReader::quoted(std::string_view& value, std::string& scratch) {
  const char* first = ++at_;
  scratch.clear();
  bool copied = false;
  for (;;) {
    uint64_t word;
    while (end_ - at_ >= 8 && (std::memcpy(&word, at_, 8), !has_special(word))) at_ += 8;
    if (at_ == end_) return fault_at(at_, "the text ends inside a string");
    const auto byte = static_cast<unsigned char>(*at_);
    if (byte == '"') break;
    if (byte == '\\') {
      scratch.append(first, at_);
      copied = true;
      if (!escape(scratch)) return false;
      first = at_;
    } else if (byte < 0x20) {
      return fault_at(at_, "a control character must be escaped in a string");
    } else if (byte < 0x80) {
      ++at_;
    } else {
      const size_t bytes = utf8_character_bytes({at_, static_cast<size_t>(end_ - at_)});
      if (bytes == 0) return fault_at(at_, "bytes that are not UTF-8");
      at_ += bytes;
    }
  }
  if (copied) scratch.append(first, at_);
  value = copied ? std::string_view(scratch) : std::string_view(first, static_cast<size_t>(at_ - first));
  ++at_;
  comma_due_ = true;
  return true;
}

/// Requires: at_ is at the backslash.
bool JsonReader::escape(std::string& scratch) {
  static constexpr std::string_view kLetters = "\"\\/bfnrt";
  static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  if (++at_ == end_) return fault_at(at_, "the text ends inside a string");
  if (*at_ == 'u') return unicode_escape(scratch);
  const size_t letter = kLetters.find(*at_);
  if (letter == std::string_view::npos) return fault_at(at_, "an unknown escape");
  scratch.push_back(kMeanings[letter]);
  ++at_;
  return true;
}

bool JsonReader::hex4(uint32_t& unit) {
  if (end_ - at_ < 5) return fault_at(at_, "four hexadecimal digits expected after \\u");
  const auto [end, error] = std::from_chars(at_ + 1, at_ + 5, unit, 16);
  if (error != std::errc{} || end != at_ + 5) return fault_at(at_, "four hexadecimal digits expected after \\u");
  at_ += 5;
  return true;
}

/// Requires: at_ is at the 'u'.
bool JsonReader::unicode_escape(std::string& scratch) {
  uint32_t unit = 0;
  if (!hex4(unit)) return false;
  const bool is_high = unit >= 0xD800 && unit < 0xDC00;
  if (is_high && end_ - at_ >= 6 && at_[0] == '\\' && at_[1] == 'u') {
    const char* before = at_;
    ++at_;
    uint32_t low = 0;
    if (!hex4(low)) return false;
    if (low >= 0xDC00 && low < 0xE000) {
      append_utf8(scratch, 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
      return true;
    }
    at_ = before;  // not a pair: the second is read by itself
  }
  if (unit >= 0xD800 && unit < 0xE000) {
    scratch.append(kReplacement);
  } else {
    append_utf8(scratch, unit);
  }
  return true;
}

bool JsonReader::skip_scalar(JsonType type) {
  std::string_view text;
  bool flag = false;
  JsonNumber unused;
  switch (type) {
    case JsonType::kNull:
      return null();
    case JsonType::kBool:
      return boolean(flag);
    case JsonType::kNumber:
      return number(unused);
    default:
      return string(text);
  }
}

bool JsonReader::skip() {
  std::vector<bool> is_object;  // of the containers open since this call
  std::string_view name;
  do {
    JsonType type;
    if (!peek(type)) return false;
    if (type == JsonType::kObject || type == JsonType::kArray) {
      is_object.push_back(type == JsonType::kObject);
      if (!(is_object.back() ? begin_object() : begin_array())) return false;
    } else if (!skip_scalar(type)) {
      return false;
    }
    while (!is_object.empty() && !(is_object.back() ? next_member(name) : next_element())) {
      if (!ok()) return false;
      is_object.pop_back();
    }
  } while (!is_object.empty());
  return true;
}

bool JsonReader::finish() {
  if (!ok()) return false;
  skip_space();
  return at_ == end_ || fault_at(at_, "nothing may follow the value");
}

}  // namespace sextant
