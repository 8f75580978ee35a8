#include "base/codec/json_value.h"

namespace sextant {

Result<JsonValue> JsonValue::parse(std::string_view text, const JsonLimits& limits) {
  JsonReader reader(text, limits.depth_max);
  JsonValue value;
  uint32_t values_left = limits.values_max;
  if (!read(reader, value, values_left) || !reader.finish()) return std::unexpected(reader.error());
  return value;
}

/// Recursion ends where the reader refuses to go deeper.
bool JsonValue::read(JsonReader& reader, JsonValue& value, uint32_t& values_left) {
  if (!reader.peek(value.type_)) return false;
  if (values_left == 0) return reader.fault("the document has too many values");
  --values_left;
  switch (value.type_) {
    case JsonType::kNull:
      return reader.null();
    case JsonType::kBool:
      return reader.boolean(value.flag_);
    case JsonType::kNumber: {
      JsonNumber number;
      if (!reader.number(number)) return false;
      value.text_ = number.token;
      return true;
    }
    case JsonType::kString: {
      std::string_view text;
      if (!reader.string(text)) return false;
      value.text_ = text;
      return true;
    }
    case JsonType::kArray:
      return read_array(reader, value, values_left);
    case JsonType::kObject:
      return read_object(reader, value, values_left);
  }
  return false;
}

bool JsonValue::read_array(JsonReader& reader, JsonValue& value, uint32_t& values_left) {
  if (!reader.begin_array()) return false;
  while (reader.next_element()) {
    if (!read(reader, value.items_.emplace_back(), values_left)) return false;
  }
  return reader.ok();
}

bool JsonValue::read_object(JsonReader& reader, JsonValue& value, uint32_t& values_left) {
  if (!reader.begin_object()) return false;
  std::string_view name;
  while (reader.next_member(name)) {
    value.members_.emplace_back(name, JsonValue());
    if (!read(reader, value.members_.back().second, values_left)) return false;
  }
  return reader.ok();
}

const JsonValue* JsonValue::find(std::string_view name) const {
  for (size_t i = members_.size(); i > 0; --i) {
    if (members_[i - 1].first == name) return &members_[i - 1].second;
  }
  return nullptr;
}

std::string_view JsonValue::string_at(std::string_view name) const {
  const JsonValue* value = find(name);
  return value != nullptr && value->is_string() ? std::string_view(value->text()) : std::string_view{};
}

}  // namespace sextant
