#include "data/genai/json.h"

#include "base/codec/json_writer.h"
#include "data/genai/limits.h"
#include "data/model/limits.h"

namespace sextant::data {
namespace {

bool is_hex4(std::string_view text) {
  if (text.size() < 4) return false;
  for (char c : text.substr(0, 4)) {
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))) return false;
  }
  return true;
}

/// 'h' for \uD800-\uDBFF, 'l' for \uDC00-\uDFFF at `text`'s begin, 0 otherwise.
char surrogate_at(std::string_view text) {
  if (!text.starts_with("\\u") || !is_hex4(text.substr(2)) || (text[2] != 'd' && text[2] != 'D')) return 0;
  const char third = static_cast<char>(text[3] | 0x20);
  if (third == '8' || third == '9' || third == 'a' || third == 'b') return 'h';
  return third >= 'c' && third <= 'f' ? 'l' : 0;
}

/// JavaScript writes half a character as a lone surrogate where it cut a text; strict parsers refuse those. Each one
/// becomes U+FFFD.
std::string without_lone_surrogates(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    if (text[i] != '\\') {
      out.push_back(text[i++]);
      continue;
    }
    const char half = surrogate_at(text.substr(i));
    size_t taken = 2;
    if (half == 'h' && surrogate_at(text.substr(i + 6)) == 'l') {
      taken = 12;
    } else if (half != 0) {
      out.append("\\ufffd");
      i += 6;
      continue;
    }
    out.append(text.substr(i, taken));
    i += taken;
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  return begin == std::string_view::npos ? std::string_view{} : text.substr(begin);
}

void write_value(JsonWriter& json, const ValueView& value, int depth);

void write_nested(JsonWriter& json, const ValueView& value, int depth) {
  const bool is_map = value.type == ValueType::kMap;
  is_map ? json.begin_object() : json.begin_array();
  NestedReader reader(value.bytes, value.type);
  while (depth < kValueDepthMax && reader.next()) {
    if (is_map) json.key(reader.key());
    write_value(json, reader.value(), depth + 1);
  }
  is_map ? json.end_object() : json.end_array();
}

void write_value(JsonWriter& json, const ValueView& value, int depth) {
  switch (value.type) {
    case ValueType::kEmpty:
      json.null();
      return;
    case ValueType::kString:
      json.string(value.bytes);
      return;
    case ValueType::kBool:
      json.boolean(value.as_bool());
      return;
    case ValueType::kInt:
      json.integer(value.number);
      return;
    case ValueType::kDouble:
      json.real(value.as_double());
      return;
    case ValueType::kBytes:
      json.base64(value.bytes);
      return;
    case ValueType::kArray:
    case ValueType::kMap:
      write_nested(json, value, depth);
      return;
  }
}

}  // namespace

std::optional<JsonElement> JsonParser::parse_once(std::string_view text) {
  // The parser keeps room for the longest document it has seen; the depth is fixed with it.
  if (parser_.capacity() < text.size() || parser_.max_depth() != kTextJsonDepthMax) {
    if (parser_.allocate(text.size(), kTextJsonDepthMax) != simdjson::SUCCESS) return std::nullopt;
  }
  JsonElement document;
  if (parser_.parse(text.data(), text.size(), /*realloc_if_needed=*/true).get(document) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return document;
}

std::optional<JsonElement> JsonParser::parse(std::string_view text, size_t bytes_max) {
  const std::string_view body = trimmed(text);
  if (body.size() > bytes_max || body.empty() || (body.front() != '{' && body.front() != '[')) return std::nullopt;
  if (const auto document = parse_once(body)) return document;
  if (body.find("\\ud") == std::string_view::npos && body.find("\\uD") == std::string_view::npos) return std::nullopt;
  repaired_ = without_lone_surrogates(body);
  return parse_once(repaired_);
}

std::optional<JsonElement> json_member(const JsonObject& object, std::string_view key) {
  JsonElement element;
  if (object.at_key(key).get(element) != simdjson::SUCCESS || element.is_null()) return std::nullopt;
  return element;
}

std::string_view json_text(const JsonObject& object, std::string_view key) {
  std::string_view text;
  if (object.at_key(key).get_string().get(text) != simdjson::SUCCESS) return {};
  return text;
}

std::string json_plain(const JsonElement& element) {
  std::string_view text;
  if (element.get_string().get(text) == simdjson::SUCCESS) return std::string(text);
  return simdjson::minify(element);
}

std::string value_plain(const ValueView& value) {
  if (value.type == ValueType::kString) return std::string(value.bytes);
  JsonWriter json;
  write_value(json, value, 0);
  return json.take();
}

}  // namespace sextant::data
