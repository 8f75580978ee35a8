// Trace and span ids: fixed arrays of bytes that compare, hash and print. Source: W3C Trace Context, OTLP trace.proto.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base/core/text.h"

namespace sextant::data {

/// Value. `Size` bytes in wire order; all zero means "none".
template <size_t Size>
struct Id {
  static_assert(Size % sizeof(uint64_t) == 0);
  std::array<uint8_t, Size> bytes{};

  // By words: as arrays of bytes they would be compared by calls, and sorting and collapsing rows does little else.
  bool operator==(const Id& other) const {
    uint64_t different = 0;
    for (size_t at = 0; at < Size; at += sizeof(uint64_t)) different |= word(at) ^ other.word(at);
    return different == 0;
  }
  std::strong_ordering operator<=>(const Id& other) const {
    for (size_t at = 0; at < Size; at += sizeof(uint64_t)) {
      if (word(at) != other.word(at)) return word(at) <=> other.word(at);
    }
    return std::strong_ordering::equal;
  }

  bool is_zero() const { return *this == Id{}; }
  std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), Size}; }
  /// Lower-case hexadecimal.
  std::string hex() const { return to_hex(view()); }

  /// Nothing when `raw` is not exactly `Size` bytes long.
  static std::optional<Id> from_bytes(std::string_view raw) {
    if (raw.size() != Size) return std::nullopt;
    Id id;
    std::memcpy(id.bytes.data(), raw.data(), Size);
    return id;
  }
  /// Of either case; nothing when the length or a digit is wrong.
  static std::optional<Id> from_hex_text(std::string_view text) {
    if (text.size() != Size * 2) return std::nullopt;
    const auto raw = from_hex(text);
    return raw ? from_bytes(*raw) : std::nullopt;
  }

 private:
  /// Eight bytes from `at` as a number that orders as they do.
  uint64_t word(size_t at) const {
    uint64_t raw;
    std::memcpy(&raw, bytes.data() + at, sizeof(raw));
    return std::endian::native == std::endian::little ? __builtin_bswap64(raw) : raw;
  }
};

using TraceId = Id<16>;
using SpanId = Id<8>;

/// Hash for tables. Ids are random, but a hostile client chooses them: the bytes are mixed.
struct IdHash {
  template <size_t Size>
  size_t operator()(const Id<Size>& id) const {
    uint64_t low;
    uint64_t high;
    std::memcpy(&low, id.bytes.data(), 8);
    std::memcpy(&high, id.bytes.data() + Size - 8, 8);
    uint64_t mixed = (low ^ 0x9E3779B97F4A7C15) * 0xBF58476D1CE4E5B9;
    mixed ^= (high + (mixed >> 32)) * 0x94D049BB133111EB;
    return mixed ^ (mixed >> 29);
  }
};

}  // namespace sextant::data
