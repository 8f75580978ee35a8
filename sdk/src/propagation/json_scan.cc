#include "propagation/json_scan.h"

#include <cstdint>

#include "base/json_text.h"
#include "base/utf8.h"
#include "propagation/hex.h"

namespace sextant::propagation {
namespace {

/// Past the closing quote; kNowhere where there is none.
std::size_t skip_string(std::string_view json, std::size_t at) noexcept {
  for (++at; at < json.size(); ++at) {
    if (json[at] == '"') return at + 1;
    if (json[at] == '\\') ++at;
  }
  return kNowhere;
}

/// A number, true, false or null.
std::size_t skip_word(std::string_view json, std::size_t at) noexcept {
  const std::size_t begin = at;
  while (at < json.size() && std::string_view(",]} \t\r\n\":{[").find(json[at]) == std::string_view::npos) ++at;
  return at > begin ? at : kNowhere;
}

std::size_t skip_nested(std::string_view json, std::size_t at) noexcept {
  std::size_t depth = 0;
  while (at < json.size()) {
    const char c = json[at];
    if (c == '"') {
      at = skip_string(json, at);
      if (at == kNowhere) return kNowhere;
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return at + 1;
    ++at;
  }
  return kNowhere;
}

bool read_unit(std::string_view raw, std::size_t at, std::uint32_t& unit) noexcept {
  std::uint8_t bytes[2] = {};
  if (at + 4 > raw.size() || !read_hex<HexCase::kAny>(raw.data() + at, bytes, 2)) return false;
  unit = static_cast<std::uint32_t>(bytes[0] << 8 | bytes[1]);
  return true;
}

/// What follows `\u`; `at` stands behind the 'u', and then behind the digits. A half of a pair becomes U+FFFD.
bool decode_unicode(std::string_view raw, std::size_t& at, std::string& out) {
  std::uint32_t unit = 0;
  if (!read_unit(raw, at, unit)) return false;
  at += 4;
  std::uint32_t low = 0;
  if (unit >= 0xd800 && unit < 0xdc00 && raw.substr(at, 2) == "\\u" && read_unit(raw, at + 2, low) && low >= 0xdc00 &&
      low < 0xe000) {
    at += 6;
    unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
  } else if (unit >= 0xd800 && unit < 0xe000) {
    unit = 0xfffd;
  }
  append_utf8(out, unit);
  return true;
}

}  // namespace

std::size_t skip_space(std::string_view json, std::size_t at) noexcept {
  while (at < json.size() && (json[at] == ' ' || json[at] == '\t' || json[at] == '\r' || json[at] == '\n')) ++at;
  return at;
}

std::size_t skip_value(std::string_view json, std::size_t at) noexcept {
  if (at >= json.size()) return kNowhere;
  if (json[at] == '"') return skip_string(json, at);
  if (json[at] == '{' || json[at] == '[') return skip_nested(json, at);
  return skip_word(json, at);
}

bool decode_string(std::string_view raw, std::string& out) {
  constexpr std::string_view kNames = "\"\\/bfnrt";
  constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
  out.clear();
  for (std::size_t at = 0; at < raw.size();) {
    if (raw[at] != '\\') {
      out += raw[at++];
      continue;
    }
    if (++at == raw.size()) return false;
    const char name = raw[at++];
    if (name == 'u') {
      if (!decode_unicode(raw, at, out)) return false;
      continue;
    }
    const std::size_t known = kNames.find(name);
    if (known == std::string_view::npos) return false;
    out += kMeant[known];
  }
  return true;
}

std::string encode_string(std::string_view text) {
  std::string out;
  append_json_text(out, text);
  return out;
}

bool is_string(std::string_view raw, std::string_view text) {
  if (raw.find('\\') == std::string_view::npos) return raw == text;
  if (raw.size() > 6 * text.size()) return false;  // no escape is longer than six times what it means
  std::string decoded;
  return decode_string(raw, decoded) && decoded == text;
}

JsonMembers::JsonMembers(std::string_view json, std::size_t object) noexcept : json_(json), at_(object) {
  if (at_ < json_.size() && json_[at_] == '{') {
    ++at_;
  } else {
    at_ = kNowhere;
  }
}

bool JsonMembers::next(JsonMember& member) noexcept {
  if (at_ == kNowhere || complete_) return false;
  std::size_t at = skip_space(json_, at_);
  at_ = kNowhere;
  if (at >= json_.size()) return false;
  if (json_[at] == '}') {
    complete_ = true;
    return false;
  }
  if (!first_) {
    if (json_[at] != ',') return false;
    at = skip_space(json_, at + 1);
  }
  first_ = false;
  if (at >= json_.size() || json_[at] != '"') return false;
  member.key_begin = at + 1;
  at = skip_string(json_, at);
  if (at == kNowhere) return false;
  member.key_end = at - 1;
  at = skip_space(json_, at);
  if (at >= json_.size() || json_[at] != ':') return false;
  member.value_begin = skip_space(json_, at + 1);
  member.value_end = skip_value(json_, member.value_begin);
  at_ = member.value_end;
  return at_ != kNowhere;
}

bool find_member(std::string_view json, std::size_t object, std::string_view key, JsonMember& found) {
  JsonMembers members(json, object);
  JsonMember member;
  bool any = false;
  while (members.next(member)) {
    if (!is_string(json.substr(member.key_begin, member.key_end - member.key_begin), key)) continue;
    found = member;
    any = true;
  }
  return any;
}

}  // namespace sextant::propagation
