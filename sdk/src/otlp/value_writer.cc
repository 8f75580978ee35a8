#include "otlp/value_writer.h"

namespace sextant::otlp {
namespace {

// AnyValue: string_value = 1, bool_value = 2, int_value = 3, double_value = 4, array_value = 5, kvlist_value = 6,
// bytes_value = 7. ArrayValue and KeyValueList hold their elements in field 1.

template <class T>
std::size_t list_size(View<T> list, const ValueLimits& limits, int depth) noexcept {
  std::size_t size = 0;
  for (const T& element : list) size += bytes_field_size(value_size(Value(element), limits, depth + 1));
  return size;
}

template <class T>
char* write_list(char* out, View<T> list, const ValueLimits& limits, int depth) noexcept {
  out = write_tag<5>(out, WireType::kBytes);
  out = write_varint(out, list_size(list, limits, depth));
  for (const T& element : list) {
    const Value value(element);
    out = write_tag<1>(out, WireType::kBytes);
    out = write_varint(out, value_size(value, limits, depth + 1));
    out = write_value(out, value, limits, depth + 1);
  }
  return out;
}

std::size_t pair_size(const Attribute& entry, const ValueLimits& limits, int depth) noexcept {
  return bytes_field_size(entry.key.size()) + bytes_field_size(value_size(entry.value, limits, depth + 1));
}

std::size_t map_size(View<Attribute> map, const ValueLimits& limits, int depth) noexcept {
  std::size_t size = 0;
  for (const Attribute& entry : map) size += bytes_field_size(pair_size(entry, limits, depth));
  return size;
}

char* write_map(char* out, View<Attribute> map, const ValueLimits& limits, int depth) noexcept {
  out = write_tag<6>(out, WireType::kBytes);
  out = write_varint(out, map_size(map, limits, depth));
  for (const Attribute& entry : map) {
    out = write_tag<1>(out, WireType::kBytes);
    out = write_varint(out, pair_size(entry, limits, depth));
    out = write_text<1>(out, entry.key);
    out = write_tag<2>(out, WireType::kBytes);
    out = write_varint(out, value_size(entry.value, limits, depth + 1));
    out = write_value(out, entry.value, limits, depth + 1);
  }
  return out;
}

}  // namespace

std::string_view first_characters(std::string_view text, std::size_t characters) noexcept {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const bool starts = (static_cast<unsigned char>(text[at]) & 0xc0) != 0x80;
    if (starts && characters-- == 0) break;
  }
  return text.substr(0, at);
}

std::string_view cut(std::string_view text, const ValueLimits& limits) noexcept {
  return text.size() <= limits.length_max ? text : first_characters(text, limits.length_max);
}

Bytes cut(Bytes bytes, const ValueLimits& limits) noexcept {
  return {bytes.data, bytes.size < limits.length_max ? bytes.size : limits.length_max};
}

std::size_t value_size(const Value& value, const ValueLimits& limits, int depth) noexcept {
  if (depth > kDepthMax) return 0;
  switch (value.kind()) {
    case ValueKind::kEmpty:
      return 0;
    case ValueKind::kBool:
      return 2;
    case ValueKind::kInt:
      return 1 + varint_bytes(static_cast<std::uint64_t>(value.as_int()));
    case ValueKind::kDouble:
      return 9;
    case ValueKind::kString:
      return bytes_field_size(cut(value.as_string(), limits).size());
    case ValueKind::kBytes:
      return bytes_field_size(cut(value.as_bytes(), limits).size);
    case ValueKind::kBools:
      return bytes_field_size(list_size(value.as_bools(), limits, depth));
    case ValueKind::kInts:
      return bytes_field_size(list_size(value.as_ints(), limits, depth));
    case ValueKind::kDoubles:
      return bytes_field_size(list_size(value.as_doubles(), limits, depth));
    case ValueKind::kStrings:
      return bytes_field_size(list_size(value.as_strings(), limits, depth));
    case ValueKind::kTexts:
      return bytes_field_size(list_size(value.as_texts(), limits, depth));
    case ValueKind::kValues:
      return bytes_field_size(list_size(value.as_values(), limits, depth));
    case ValueKind::kMap:
      return bytes_field_size(map_size(value.as_map(), limits, depth));
  }
  return 0;
}

char* write_value(char* out, const Value& value, const ValueLimits& limits, int depth) noexcept {
  if (depth > kDepthMax) return out;
  switch (value.kind()) {
    case ValueKind::kEmpty:
      return out;
    case ValueKind::kBool:
      out = write_tag<2>(out, WireType::kVarint);
      *out++ = value.as_bool() ? '\1' : '\0';
      return out;
    case ValueKind::kInt:
      out = write_tag<3>(out, WireType::kVarint);
      return write_varint(out, static_cast<std::uint64_t>(value.as_int()));
    case ValueKind::kDouble: {
      std::uint64_t bits = 0;
      const double real = value.as_double();
      std::memcpy(&bits, &real, sizeof(bits));
      return write_fixed64(write_tag<4>(out, WireType::kFixed64), bits);
    }
    case ValueKind::kString:
      return write_text<1>(out, cut(value.as_string(), limits));
    case ValueKind::kBytes: {
      const Bytes bytes = cut(value.as_bytes(), limits);
      return write_bytes<7>(out, {static_cast<const char*>(bytes.data), bytes.size});
    }
    case ValueKind::kBools:
      return write_list(out, value.as_bools(), limits, depth);
    case ValueKind::kInts:
      return write_list(out, value.as_ints(), limits, depth);
    case ValueKind::kDoubles:
      return write_list(out, value.as_doubles(), limits, depth);
    case ValueKind::kStrings:
      return write_list(out, value.as_strings(), limits, depth);
    case ValueKind::kTexts:
      return write_list(out, value.as_texts(), limits, depth);
    case ValueKind::kValues:
      return write_list(out, value.as_values(), limits, depth);
    case ValueKind::kMap:
      return write_map(out, value.as_map(), limits, depth);
  }
  return out;
}

}  // namespace sextant::otlp
