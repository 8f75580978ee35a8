// The fields of OTLP's messages as tables: numbers, names and types as published in opentelemetry-proto 1.11
// (common/v1, resource/v1, trace/v1, metrics/v1, logs/v1). What walks over any message of OTLP goes by them.
#pragma once

#include <cstdint>
#include <string_view>

#include "sextant/exporter.h"
#include "sextant/value.h"

namespace sextant::otlp {

enum class FieldKind : std::uint8_t {
  kMessage,
  kText,
  kId,     // bytes that JSON has in hexadecimal digits
  kBytes,  // bytes that JSON has in base64
  kBool,
  kEnum,
  kInt64,
  kUint32,
  kUint64,
  kSint32,
  kFixed32,
  kFixed64,
  kSfixed64,
  kDouble,
};

enum class Arity : std::uint8_t { kOne, kMany };

struct MessageShape;

struct FieldShape {
  std::uint32_t number;
  std::string_view name;  // as in JSON
  FieldKind kind;
  Arity arity = Arity::kOne;
  const MessageShape* message = nullptr;  // of kMessage
};

struct MessageShape {
  View<FieldShape> fields;
};

inline constexpr std::size_t kFieldsMax = 32;  // of a message

/// Of Export…ServiceRequest.
const MessageShape& request_shape(Signal signal) noexcept;

}  // namespace sextant::otlp
