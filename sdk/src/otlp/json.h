// OTLP's JSON form (OTLP 1.11, "JSON Protobuf Encoding"), made from the protobuf bytes of a request.
#pragma once

#include <string>
#include <string_view>

#include "sextant/exporter.h"
#include "sextant/result.h"

namespace sextant::otlp {

/// Messages nest at most so deep; what lies deeper becomes `{}`. Each step of a value is two messages.
inline constexpr int kJsonDepthMax = 160;

/// Ids in hexadecimal digits, 64-bit integers as strings, enumerations as numbers, other bytes in base64, `"NaN"`,
/// `"Infinity"`; fields without a name in the tables are left out. An error where the bytes are no such request.
Result<std::string> to_json(Signal signal, std::string_view request);

}  // namespace sextant::otlp
