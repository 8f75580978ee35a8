// Which span of which trace: what goes over the wire so that the next service can say whose child it is.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sextant {

/// An id of kBytes bytes. All zero means that there is none.
template <std::size_t kBytes>
struct Id {
  std::array<std::uint8_t, kBytes> bytes{};

  bool valid() const noexcept {
    for (const std::uint8_t byte : bytes) {
      if (byte != 0) return true;
    }
    return false;
  }
  /// 2 * kBytes lower-case digits, no terminator.
  void write_hex(char* out) const noexcept {
    for (const std::uint8_t byte : bytes) {
      *out++ = "0123456789abcdef"[byte >> 4];
      *out++ = "0123456789abcdef"[byte & 15];
    }
  }
  std::string hex() const {
    std::string out(2 * kBytes, '0');
    write_hex(out.data());
    return out;
  }
  friend bool operator==(const Id& a, const Id& b) noexcept { return a.bytes == b.bytes; }
  friend bool operator!=(const Id& a, const Id& b) noexcept { return !(a == b); }
};
using TraceId = Id<16>;
using SpanId = Id<8>;

/// Reads 2 * kBytes digits of either case; false where the text is not that. Zeros are read too: see valid().
template <std::size_t kBytes>
bool parse_hex(std::string_view text, Id<kBytes>& out) noexcept {
  if (text.size() != 2 * kBytes) return false;
  for (std::size_t i = 0; i < kBytes; ++i) {
    unsigned byte = 0;
    for (std::size_t k = 0; k < 2; ++k) {
      const unsigned char c = static_cast<unsigned char>(text[2 * i + k]);
      const unsigned lower = c | 32u;
      unsigned digit = 0;
      if (c >= '0' && c <= '9') {
        digit = c - unsigned{'0'};
      } else if (lower >= 'a' && lower <= 'f') {
        digit = lower - unsigned{'a'} + 10;
      } else {
        return false;
      }
      byte = byte << 4 | digit;
    }
    out.bytes[i] = static_cast<std::uint8_t>(byte);
  }
  return true;
}

/// The flags byte of a traceparent header (W3C Trace Context, level 2).
namespace trace_flags {
inline constexpr std::uint8_t kSampled = 0x01;
inline constexpr std::uint8_t kRandom = 0x02;  // the last seven bytes of the trace id are random
}  // namespace trace_flags

/// Immutable. The trace state is what a tracestate header holds, shared and not copied; most contexts have none.
struct SpanContext {
  TraceId trace_id;
  SpanId span_id;
  std::uint8_t flags = 0;
  bool remote = false;  // came from another process
  bool debug = false;   // B3 and Jaeger: keep this trace whatever samplers say elsewhere; passed on in these formats
  std::shared_ptr<const std::string> trace_state;

  bool valid() const noexcept { return trace_id.valid() && span_id.valid(); }
  bool sampled() const noexcept { return (flags & trace_flags::kSampled) != 0; }
};

}  // namespace sextant
