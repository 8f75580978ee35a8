#include "logs/json_value.h"

#include <charconv>
#include <cmath>
#include <cstdint>

#include "base/base64.h"
#include "base/json_text.h"

namespace sextant::logs {
namespace {

constexpr std::size_t kNumberBytesMax = 32;

void append_int(LineBuffer& out, std::int64_t number) noexcept {
  if (char* at = out.reserve(kNumberBytesMax); at != nullptr)
    out.set_end(std::to_chars(at, at + kNumberBytesMax, number).ptr);
}

void append_double(LineBuffer& out, double number) noexcept {
  if (std::isnan(number)) return out.append("\"NaN\"");
  if (std::isinf(number)) return out.append(number > 0 ? "\"Infinity\"" : "\"-Infinity\"");
  if (char* at = out.reserve(kNumberBytesMax); at != nullptr)
    out.set_end(std::to_chars(at, at + kNumberBytesMax, number).ptr);
}

void append_base64(LineBuffer& out, Bytes bytes) noexcept {
  char* at = out.reserve(base64_bytes(bytes.size) + 2);
  if (at == nullptr) return;
  *at++ = '"';
  at = write_base64(at, {static_cast<const char*>(bytes.data), bytes.size});
  *at++ = '"';
  out.set_end(at);
}

template <class T>
void append_list(LineBuffer& out, View<T> list, const otlp::ValueLimits& limits, int depth) noexcept {
  out.append("[");
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i > 0) out.append(",");
    append_json_value(out, Value(list[i]), limits, depth + 1);
  }
  out.append("]");
}

void append_map(LineBuffer& out, View<Attribute> map, const otlp::ValueLimits& limits, int depth) noexcept {
  out.append("{");
  for (std::size_t i = 0; i < map.size(); ++i) {
    if (i > 0) out.append(",");
    append_json_text(out, map[i].key);
    out.append(":");
    append_json_value(out, map[i].value, limits, depth + 1);
  }
  out.append("}");
}

}  // namespace

void append_json_text(LineBuffer& out, std::string_view text) noexcept {
  if (char* at = out.reserve(json_text_bytes(text)); at != nullptr) out.set_end(write_json_text(at, text));
}

void append_json_value(LineBuffer& out, const Value& value, const otlp::ValueLimits& limits, int depth) noexcept {
  if (depth > otlp::kDepthMax) return out.append("null");
  switch (value.kind()) {
    case ValueKind::kEmpty:
      return out.append("null");
    case ValueKind::kBool:
      return out.append(value.as_bool() ? "true" : "false");
    case ValueKind::kInt:
      return append_int(out, value.as_int());
    case ValueKind::kDouble:
      return append_double(out, value.as_double());
    case ValueKind::kString:
      return append_json_text(out, otlp::cut(value.as_string(), limits));
    case ValueKind::kBytes:
      return append_base64(out, otlp::cut(value.as_bytes(), limits));
    case ValueKind::kBools:
      return append_list(out, value.as_bools(), limits, depth);
    case ValueKind::kInts:
      return append_list(out, value.as_ints(), limits, depth);
    case ValueKind::kDoubles:
      return append_list(out, value.as_doubles(), limits, depth);
    case ValueKind::kStrings:
      return append_list(out, value.as_strings(), limits, depth);
    case ValueKind::kTexts:
      return append_list(out, value.as_texts(), limits, depth);
    case ValueKind::kValues:
      return append_list(out, value.as_values(), limits, depth);
    case ValueKind::kMap:
      return append_map(out, value.as_map(), limits, depth);
  }
}

}  // namespace sextant::logs
