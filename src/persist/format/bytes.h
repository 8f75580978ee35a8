// Writing and reading of the small numbers that all stored formats are made of (docs/formats/README.md): little-endian
// fixed integers, LEB128 varints, zigzag for signed ones, texts with their length in front.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace sextant::persist {

static_assert(std::endian::native == std::endian::little, "stored integers are copied as they lie in memory");

inline void put_u8(std::string& out, uint8_t value) {
  out.push_back(static_cast<char>(value));
}
inline void put_u32(std::string& out, uint32_t value) {
  char raw[4];
  std::memcpy(raw, &value, 4);
  out.append(raw, 4);
}
inline void put_u64(std::string& out, uint64_t value) {
  char raw[8];
  std::memcpy(raw, &value, 8);
  out.append(raw, 8);
}
inline void put_varint(std::string& out, uint64_t value) {
  char raw[10];
  size_t size = 0;
  for (; value >= 0x80; value >>= 7) raw[size++] = static_cast<char>(value | 0x80);
  raw[size++] = static_cast<char>(value);
  out.append(raw, size);
}
inline uint64_t zigzag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
inline int64_t unzigzag(uint64_t value) {
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}
inline void put_text(std::string& out, std::string_view text) {
  put_varint(out, text.size());
  out.append(text);
}

/// Reads from bytes that may be anything. The first read beyond the end, or a number that is no number, sets failed();
/// from then on every read gives zero. Callers check once per section, and always before a count becomes memory.
/// Thread-confined value. Lifetime of views: that of the bytes.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : left_(bytes) {}

  uint8_t u8() { return fixed<uint8_t>(); }
  uint32_t u32() { return fixed<uint32_t>(); }
  uint64_t u64() { return fixed<uint64_t>(); }

  uint64_t varint() {
    if (!left_.empty() && static_cast<uint8_t>(left_.front()) < 0x80) [[likely]] {
      const auto value = static_cast<uint8_t>(left_.front());
      left_.remove_prefix(1);
      return value;
    }
    return long_varint();
  }
  /// A varint of at most `max`; larger ones fail.
  uint64_t varint_max(uint64_t max) {
    const uint64_t value = varint();
    if (value <= max) [[likely]]
      return value;
    return fail();
  }
  /// A number of things of which each takes at least `bytes_each` of what is left.
  uint64_t count(uint64_t bytes_each, uint64_t max) {
    const uint64_t value = varint_max(max);
    return value <= left_.size() / bytes_each ? value : fail();
  }
  std::string_view bytes(uint64_t size) {
    if (size > left_.size()) {
      fail();
      return {};
    }
    const std::string_view out = left_.substr(0, size);
    left_.remove_prefix(size);
    return out;
  }
  std::string_view text(uint64_t bytes_max) { return bytes(varint_max(bytes_max)); }

  uint64_t fail() {
    failed_ = true;
    left_ = {};
    return 0;
  }
  bool failed() const { return failed_; }
  bool at_end() const { return left_.empty(); }
  size_t left() const { return left_.size(); }

 private:
  template <typename T>
  T fixed() {
    T value = 0;
    const std::string_view raw = bytes(sizeof(T));
    if (!failed_) std::memcpy(&value, raw.data(), sizeof(T));
    return value;
  }
  uint64_t long_varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const uint8_t byte = u8();
      if (shift == 63 && byte > 1) return fail();
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return failed_ ? 0 : value;
    }
    return fail();
  }

  std::string_view left_;
  bool failed_ = false;
};

}  // namespace sextant::persist
