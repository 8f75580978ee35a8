#include "base/codec/json_writer.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/core/text.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

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

/// Below it, whole numbers are written as such: four times as fast as looking for the shortest form.
constexpr double kWholeMax = 1e15;

/// Texts are written in stretches of so many bytes: room for the worst is made once for each.
constexpr size_t kStretchBytes = 512;
/// What one byte may become: "\u0000".
constexpr size_t kEscapeBytesMax = 6;
/// Bytes that are copied at once, and by which a stretch may be passed.
constexpr size_t kStepBytes = 16;

/// Appends at most `most` bytes: `write` is told where, and returns their end.
template <typename Write>
void append_at_most(std::string& out, size_t most, const Write& write) {
  const size_t begin = out.size();
  out.resize_and_overwrite(begin + most, [&](char* bytes, size_t) -> size_t { return write(bytes + begin) - bytes; });
}

char* put(char* to, std::string_view bytes) {
  std::memcpy(to, bytes.data(), bytes.size());
  return to + bytes.size();
}

char* put_escape(char* to, unsigned char byte) {
  switch (byte) {
    case '"':
      return put(to, "\\\"");
    case '\\':
      return put(to, "\\\\");
    case '\n':
      return put(to, "\\n");
    case '\r':
      return put(to, "\\r");
    case '\t':
      return put(to, "\\t");
    default: {
      const char escape[kEscapeBytesMax] = {'\\', 'u', '0', '0', kHexDigits[byte >> 4], kHexDigits[byte & 15]};
      return put(to, {escape, sizeof escape});
    }
  }
}

/// Copies the plain bytes with which a text begins, kStepBytes at most; how many they are. Requires: room for
/// kStepBytes.
size_t copy_plain(std::string_view text, char* to) {
#if defined(__SSE2__)
  if (text.size() >= kStepBytes) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data()));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
    // As numbers with a sign, bytes that are not ASCII are below those that are.
    const __m128i high = _mm_cmpgt_epi8(bytes, _mm_set1_epi8(0x1F));
    const __m128i quoted =
        _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
    const __m128i escaped = _mm_or_si128(quoted, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7F)));
    const auto plain = static_cast<uint32_t>(_mm_movemask_epi8(_mm_andnot_si128(escaped, high)));
    return static_cast<size_t>(std::countr_one(plain));
  }
#endif
  size_t count = 0;
  while (count < std::min(text.size(), kStepBytes) && kKinds[static_cast<unsigned char>(text[count])] == kPlain) {
    to[count] = text[count];
    ++count;
  }
  return count;
}

/// Writes a byte that is not plain, or the character it begins, and moves `at` behind it.
char* put_special(std::string_view text, size_t& at, char* to) {
  const auto byte = static_cast<unsigned char>(text[at]);
  if (kKinds[byte] == kEscaped) return ++at, put_escape(to, byte);
  const size_t wide = utf8_character_bytes(text.substr(at));
  if (wide == 0) return ++at, put(to, kReplacement);
  to = put(to, text.substr(at, wide));
  at += wide;
  return to;
}

/// Writes a stretch of a text from `at` on, and moves `at` behind it.
char* put_stretch(std::string_view text, size_t& at, char* to) {
  const size_t end = std::min(text.size(), at + kStretchBytes);
  while (at < end) {
    const size_t plain = copy_plain(text.substr(at), to);
    at += plain;
    to += plain;
    if (plain < kStepBytes && at < text.size()) to = put_special(text, at, to);
  }
  return to;
}

/// Appends a text in quotes, a comma before it where one is due, and what follows it.
void append_quoted(std::string& out, bool comma, std::string_view text, std::string_view behind) {
  size_t at = 0;
  bool begun = false;
  do {
    const size_t some = std::min(text.size() - at, kStretchBytes) + kStepBytes;
    append_at_most(out, some * kEscapeBytesMax, [&](char* to) {
      if (!begun && comma) *to++ = ',';
      if (!begun) *to++ = '"';
      begun = true;
      to = put_stretch(text, at, to);
      return at < text.size() ? to : put(to, behind);
    });
  } while (at < text.size());
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
  append_quoted(text_, comma_, name, "\":");
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::string(std::string_view text) {
  append_quoted(text_, comma_, text, "\"");
  comma_ = true;
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
  if (std::fabs(value) < kWholeMax && value == std::trunc(value)) {
    append_number(text_, static_cast<int64_t>(value));
  } else {
    append_number(text_, value);
  }
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
  append_at_most(text_, bytes.size() * 2 + 2, [&](char* to) {
    *to++ = '"';
    for (const unsigned char byte : bytes) {
      *to++ = kHexDigits[byte >> 4];
      *to++ = kHexDigits[byte & 15];
    }
    *to++ = '"';
    return to;
  });
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
