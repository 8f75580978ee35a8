// Values in lines of logs.
#pragma once

#include <string_view>

#include "base/buffer.h"
#include "otlp/value_writer.h"
#include "sextant/value.h"

namespace sextant::logs {

/// A line of usual size needs no memory but this.
using LineBuffer = Buffer<2048>;

/// In quotes, escaped.
void append_json_text(LineBuffer& out, std::string_view text) noexcept;
/// Texts, numbers, booleans, arrays and objects as JSON has them; null for nothing; bytes in base64; numbers that JSON
/// does not have as "NaN", "Infinity" and "-Infinity" (as ProtoJSON writes both).
void append_json_value(LineBuffer& out, const Value& value, const otlp::ValueLimits& limits, int depth = 0) noexcept;

}  // namespace sextant::logs
