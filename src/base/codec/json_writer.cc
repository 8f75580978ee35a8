#include "base/codec/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/core/text.h"

namespace sextant {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

enum ByteKind : uint8_t { kPlain, kEscaped, kWide };

constexpr std::array<uint8_t, 256> make_kinds() {
  std::array<uint8_t, 256> kinds{};
  for (size_t i = 0; i < 0x20; ++i) kinds[i] = kEscaped;
  for (size_t i = 0x80; i < 256; ++i) kinds[i] = kWide;
  kinds['"'] = kEscaped;
  kinds['\\'] = kEscaped;
  kinds[0x7F] = kEscaped;
  return kinds;
}

constexpr auto kKinds = make_kinds();

void append_escape(std::string& out, unsigned char byte) {
  switch (byte) {
    case '"':
      out.append("\\\"");
      return;
    case '\\':
      out.append("\\\\");
      return;
    case '\n':
      out.append("\\n");
      return;
    case '\r':
      out.append("\\r");
      return;
    case '\t':
      out.append("\\t");
      return;
    default: {
      const char escape[6] = {'\\', 'u', '0', '0', kHexDigits[byte >> 4], kHexDigits[byte & 15]};
      out.append(escape, sizeof escape);
    }
  }
}

template <typename Number>
void append_number(std::string& out, Number value) {
  char buffer[32];  // the longest double has 24 characters, the longest integer 20
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  out.append(buffer, end);
}

}  // namespace

void JsonWriter::separate() {
  if (comma_) text_.push_back(',');
  comma_ = true;
}

JsonWriter& JsonWriter::open(char bracket) {
  separate();
  text_.push_back(bracket);
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  text_.push_back(bracket);
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  append_escaped(name);
  text_.push_back(':');
  comma_ = false;
  return *this;
}

void JsonWriter::append_escaped(std::string_view text) {
  text_.push_back('"');
  size_t copied = 0;
  size_t i = 0;
  while (i < text.size()) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (kKinds[byte] == kPlain) {
      ++i;
      continue;
    }
    const size_t wide = kKinds[byte] == kWide ? utf8_character_bytes(text.substr(i)) : 0;
    if (wide != 0) {
      i += wide;
      continue;
    }
    text_.append(text.substr(copied, i - copied));
    if (kKinds[byte] == kEscaped) {
      append_escape(text_, byte);
    } else {
      text_.append(kReplacement);
    }
    copied = ++i;
  }
  text_.append(text.substr(copied));
  text_.push_back('"');
}

JsonWriter& JsonWriter::string(std::string_view text) {
  separate();
  append_escaped(text);
  return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
  return raw(value ? "true" : "false");
}

JsonWriter& JsonWriter::null() {
  return raw("null");
}

JsonWriter& JsonWriter::integer(int64_t value) {
  separate();
  append_number(text_, value);
  return *this;
}

JsonWriter& JsonWriter::unsigned_integer(uint64_t value) {
  separate();
  append_number(text_, value);
  return *this;
}

JsonWriter& JsonWriter::real(double value) {
  if (std::isnan(value)) return string("NaN");
  if (std::isinf(value)) return string(value > 0 ? "Infinity" : "-Infinity");
  // "-0" would be an integer, and lose its sign, to parsers that tell integers from doubles.
  if (value == 0 && std::signbit(value)) return raw("-0.0");
  separate();
  append_number(text_, value);
  return *this;
}

JsonWriter& JsonWriter::integer_string(int64_t value) {
  separate();
  text_.push_back('"');
  append_number(text_, value);
  text_.push_back('"');
  return *this;
}

JsonWriter& JsonWriter::unsigned_string(uint64_t value) {
  separate();
  text_.push_back('"');
  append_number(text_, value);
  text_.push_back('"');
  return *this;
}

JsonWriter& JsonWriter::hex(std::string_view bytes) {
  separate();
  text_.push_back('"');
  for (const unsigned char byte : bytes) {
    text_.push_back(kHexDigits[byte >> 4]);
    text_.push_back(kHexDigits[byte & 15]);
  }
  text_.push_back('"');
  return *this;
}

JsonWriter& JsonWriter::base64(std::string_view bytes) {
  separate();
  text_.push_back('"');
  text_.append(to_base64(bytes));
  text_.push_back('"');
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  text_.append(json);
  return *this;
}

std::string JsonWriter::take() {
  comma_ = false;
  return std::exchange(text_, {});
}

void JsonWriter::clear() {
  text_.clear();
  comma_ = false;
}

}  // namespace sextant
