// Attributes as OTLP has them: `KeyValue { string key = 1; AnyValue value = 2; }`
// (opentelemetry/proto/common/v1/common.proto).
#pragma once

#include <cstddef>
#include <cstdint>

#include "otlp/wire.h"
#include "sextant/value.h"

namespace sextant::otlp {

/// Values nest at most so deep; what lies deeper is left out, as an empty value. Readers of OTLP refuse such depths.
inline constexpr int kDepthMax = 60;

/// Lengths of texts and bytes are cut to this many characters (bytes, for bytes), in lists and maps too.
struct ValueLimits {
  std::size_t length_max = SIZE_MAX;
};

/// The first `characters` of UTF-8 text; never part of a character.
std::string_view first_characters(std::string_view text, std::size_t characters) noexcept;

/// What the limits leave of it.
std::string_view cut(std::string_view text, const ValueLimits& limits) noexcept;
Bytes cut(Bytes bytes, const ValueLimits& limits) noexcept;

/// Bytes of an AnyValue.
std::size_t value_size(const Value& value, const ValueLimits& limits, int depth = 0) noexcept;
/// Requires: room for value_size() with the same arguments.
char* write_value(char* out, const Value& value, const ValueLimits& limits, int depth = 0) noexcept;

inline std::size_t key_value_size(const Attribute& attribute, const ValueLimits& limits) noexcept {
  return bytes_field_size(attribute.key.size()) + bytes_field_size(value_size(attribute.value, limits));
}

/// Requires: key, text and their heads fit in lengths of one byte, and room for all of it.
inline char* write_short_text_attribute(char* out, std::uint32_t tag, std::string_view key,
                                        std::string_view text) noexcept {
  *out++ = static_cast<char>(tag);
  *out++ = static_cast<char>(key.size() + text.size() + 6);
  out = write_text<1>(out, key);
  out = write_tag<2>(out, WireType::kBytes);
  *out++ = static_cast<char>(text.size() + 2);
  return write_text<1>(out, text);
}

/// Appends an attribute as field kField of a message. Short texts, which most are, take the short way.
template <std::uint32_t kField, class Buffer>
void append_attribute(Buffer& out, const Attribute& attribute, const ValueLimits& limits) noexcept {
  constexpr std::size_t kShortBytes = 120;  // so that the pair's own length takes one byte
  if (attribute.value.kind() == ValueKind::kString &&
      attribute.key.size() + attribute.value.as_string().size() <= kShortBytes &&
      attribute.value.as_string().size() <= limits.length_max) {
    if (char* at = out.reserve(kShortBytes + 8); at != nullptr) {
      out.set_end(
          write_short_text_attribute(at, tag(kField, WireType::kBytes), attribute.key, attribute.value.as_string()));
    }
    return;
  }
  const std::size_t value_bytes = value_size(attribute.value, limits);
  const std::size_t pair_bytes = bytes_field_size(attribute.key.size()) + bytes_field_size(value_bytes);
  char* at = out.reserve(bytes_field_size(pair_bytes));
  if (at == nullptr) return;
  at = write_tag<kField>(at, WireType::kBytes);
  at = write_varint(at, pair_bytes);
  at = write_text<1>(at, attribute.key);
  at = write_tag<2>(at, WireType::kBytes);
  at = write_varint(at, value_bytes);
  out.set_end(write_value(at, attribute.value, limits));
}

}  // namespace sextant::otlp
