// JSON that stands inside attributes, where a client wrote it as text. Nothing about it is certain: not that it is
// JSON, not how large or deep it is.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>

#include "data/model/value.h"

namespace sextant::data {

using JsonElement = simdjson::dom::element;
using JsonObject = simdjson::dom::object;
using JsonArray = simdjson::dom::array;

/// Thread-confined. One document at a time.
class JsonParser {
 public:
  /// The document, or nothing when `text` is no JSON, larger than `bytes_max`, or too deep. Only objects and arrays are
  /// parsed: other text is text. Lifetime: until the next parse().
  std::optional<JsonElement> parse(std::string_view text, size_t bytes_max);

 private:
  std::optional<JsonElement> parse_once(std::string_view text);
  simdjson::dom::parser parser_;
  std::string repaired_;
};

/// Member `key`, when the object has it and it is not null.
std::optional<JsonElement> json_member(const JsonObject& object, std::string_view key);
/// The text of member `key`, "" when there is none or it is no string.
std::string_view json_text(const JsonObject& object, std::string_view key);
/// A string as its text, anything else as JSON.
std::string json_plain(const JsonElement& element);

/// A value as text: strings as they are, others as JSON (bytes in base64, as OTLP/JSON has them).
std::string value_plain(const ValueView& value);

}  // namespace sextant::data
