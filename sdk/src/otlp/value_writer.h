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

/// Appends an attribute as field kField of a message. The common kinds take the short way.
template <std::uint32_t kField, class Buffer>
void append_attribute(Buffer& out, const Attribute& attribute, const ValueLimits& limits) noexcept {
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
