// Trace and span ids: fixed arrays of bytes that compare, hash and print. Source: W3C Trace Context, OTLP trace.proto.
#pragma once

#include <array>
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
  std::array<uint8_t, Size> bytes{};

  auto operator<=>(const Id&) const = default;

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
