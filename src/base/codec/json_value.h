// A small JSON document as a tree, for bodies and messages that are looked at in any order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/codec/json_reader.h"
#include "base/core/result.h"

namespace sextant {

/// Bounds of one document. A tree takes many times the memory of its text: the bound on values keeps that in hand.
struct JsonLimits {
  int depth_max = 64;
  uint32_t values_max = 1'000'000;
};

/// One value. Value type; owns its text.
class JsonValue {
 public:
  using Member = std::pair<std::string, JsonValue>;

  static Result<JsonValue> parse(std::string_view text, const JsonLimits& limits = {});

  JsonType type() const { return type_; }
  bool is_null() const { return type_ == JsonType::kNull; }
  bool is_string() const { return type_ == JsonType::kString; }
  bool is_array() const { return type_ == JsonType::kArray; }
  bool is_object() const { return type_ == JsonType::kObject; }

  bool boolean() const { return flag_; }
  /// Of a string the characters, of a number its token; "" otherwise.
  const std::string& text() const { return text_; }
  JsonNumber number() const { return {text_}; }
  const std::vector<JsonValue>& items() const { return items_; }
  const std::vector<Member>& members() const { return members_; }

  /// The last member of that name, as most parsers decide; null when there is none or this is no object.
  const JsonValue* find(std::string_view name) const;
  /// Text of a string member, "" when absent or of another type.
  std::string_view string_at(std::string_view name) const;

 private:
  static bool read(JsonReader& reader, JsonValue& value, uint32_t& values_left);
  static bool read_array(JsonReader& reader, JsonValue& value, uint32_t& values_left);
  static bool read_object(JsonReader& reader, JsonValue& value, uint32_t& values_left);
  JsonType type_ = JsonType::kNull;
  bool flag_ = false;
  std::string text_;
  std::vector<JsonValue> items_;
  std::vector<Member> members_;
};

}  // namespace sextant
