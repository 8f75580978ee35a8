// Protocol buffers on the wire (https://protobuf.dev/programming-guides/encoding), written straight into memory.
//
// Writers take a pointer to where there is room enough and return where they stopped: sizes are computed before, so
// nothing is moved once it stands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/utf8.h"
#include "sextant/span_context.h"

namespace sextant::otlp {

enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

inline constexpr std::size_t kVarintBytesMax = 10;

constexpr std::uint32_t tag(std::uint32_t field, WireType type) noexcept {
  return field << 3 | static_cast<std::uint32_t>(type);
}

inline std::size_t varint_bytes(std::uint64_t value) noexcept {
  if (value < 0x80) return 1;
  // Seven bits a byte: (bits + 6) / 7 without the division.
  const auto bits = 64 - static_cast<unsigned>(__builtin_clzll(value | 1));
  return (bits * 9 + 64) / 64;
}

inline char* write_varint(char* out, std::uint64_t value) noexcept {
  if (value < 0x80) {  // nearly always
    *out = static_cast<char>(value);
    return out + 1;
  }
  while (value >= 0x80) {
    *out++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *out++ = static_cast<char>(value);
  return out;
}

/// Requires: kField < 16, so that the tag is one byte.
template <std::uint32_t kField>
char* write_tag(char* out, WireType type) noexcept {
  static_assert(kField < 16);
  *out++ = static_cast<char>(tag(kField, type));
  return out;
}

inline char* write_raw(char* out, std::string_view bytes) noexcept {
  if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
  return out + bytes.size();
}

inline char* write_fixed64(char* out, std::uint64_t value) noexcept {
  static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "fixed-width numbers are little-endian on the wire");
  std::memcpy(out, &value, sizeof(value));
  return out + sizeof(value);
}

inline char* write_fixed32(char* out, std::uint32_t value) noexcept {
  std::memcpy(out, &value, sizeof(value));
  return out + sizeof(value);
}

/// Tag, length and bytes.
template <std::uint32_t kField>
char* write_bytes(char* out, std::string_view bytes) noexcept {
  out = write_tag<kField>(out, WireType::kBytes);
  out = write_varint(out, bytes.size());
  return write_raw(out, bytes);
}

/// The same for a field of type `string`: what is no UTF-8 becomes '?'.
template <std::uint32_t kField>
char* write_text(char* out, std::string_view text) noexcept {
  char* const end = write_bytes<kField>(out, text);
  repair_utf8(end - text.size(), text.size());
  return end;
}

/// Bytes that tag (of one byte), length and content of a field take.
inline std::size_t bytes_field_size(std::size_t content) noexcept {
  return 1 + varint_bytes(content) + content;
}

/// A field with a number that is left out where it is 0.
template <std::uint32_t kField>
char* write_count(char* out, std::uint32_t count) noexcept {
  if (count == 0) return out;
  return write_varint(write_tag<kField>(out, WireType::kVarint), count);
}

inline std::size_t count_size(std::uint32_t count) noexcept {
  return count == 0 ? 0 : 1 + varint_bytes(count);
}

/// The bytes of an id.
template <std::size_t kBytes>
std::string_view raw(const Id<kBytes>& id) noexcept {
  return {reinterpret_cast<const char*>(id.bytes.data()), kBytes};
}

/// Reads fields one after the other. Bad bytes end the reading and are told by failed().
class Reader {
 public:
  explicit Reader(std::string_view bytes) noexcept : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  /// Goes to the next field, whatever was left of the last one; false at the end, or where the bytes are no field.
  bool next() noexcept;
  bool failed() const noexcept { return failed_; }

  std::uint32_t field() const noexcept { return field_; }
  WireType type() const noexcept { return type_; }
  /// Where the field began: its tag. With position(), the bytes of a field as they stand.
  const char* begin() const noexcept { return begin_; }
  const char* position() const noexcept { return at_; }
  /// The content of a field of type kBytes; empty for others.
  std::string_view bytes() const noexcept { return bytes_; }
  /// The number of a field of another type; 0 for kBytes.
  std::uint64_t number() const noexcept { return number_; }
  double real() const noexcept {
    double value = 0;
    std::memcpy(&value, &number_, sizeof(value));
    return value;
  }

 private:
  bool fail() noexcept {
    failed_ = true;
    at_ = end_;
    return false;
  }

  const char* at_;
  const char* end_;
  const char* begin_ = nullptr;
  std::string_view bytes_;
  std::uint64_t number_ = 0;
  std::uint32_t field_ = 0;
  WireType type_ = WireType::kVarint;
  bool failed_ = false;
};

/// Reads the content of a packed field: numbers without tags.
class NumberReader {
 public:
  NumberReader(std::string_view bytes, WireType type) noexcept
      : at_(bytes.data()), end_(bytes.data() + bytes.size()), type_(type) {}
  bool next() noexcept;
  bool failed() const noexcept { return failed_; }
  std::uint64_t number() const noexcept { return number_; }

 private:
  const char* at_;
  const char* end_;
  WireType type_;
  std::uint64_t number_ = 0;
  bool failed_ = false;
};

}  // namespace sextant::otlp
