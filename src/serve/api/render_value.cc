#include "serve/api/render_value.h"

#include "serve/api/limits.h"

namespace sextant::serve {
namespace {

void render_nested(const data::ValueView& value, JsonWriter& json, int depth);

/// The elements of an array or map. Deeper than any decoder lets through, the rest is left out: it can only be damage.
void render_elements(const data::ValueView& value, JsonWriter& json, int depth) {
  const bool is_map = value.type == data::ValueType::kMap;
  data::NestedReader reader(value.bytes, value.type);
  json.begin_object().key("values").begin_array();
  while (depth < kRenderDepthMax && reader.next()) {
    if (is_map) json.begin_object().key("key").string(reader.key()).key("value");
    render_nested(reader.value(), json, depth + 1);
    if (is_map) json.end_object();
  }
  json.end_array().end_object();
}

void render_nested(const data::ValueView& value, JsonWriter& json, int depth) {
  json.begin_object();
  switch (value.type) {
    case data::ValueType::kEmpty:
      break;
    case data::ValueType::kString:
      json.key("stringValue").string(value.bytes);
      break;
    case data::ValueType::kBool:
      json.key("boolValue").boolean(value.as_bool());
      break;
    case data::ValueType::kInt:
      json.key("intValue").integer_string(value.number);
      break;
    case data::ValueType::kDouble:
      json.key("doubleValue").real(value.as_double());
      break;
    case data::ValueType::kBytes:
      json.key("bytesValue").base64(value.bytes);
      break;
    case data::ValueType::kArray:
      render_elements(value, json.key("arrayValue"), depth);
      break;
    case data::ValueType::kMap:
      render_elements(value, json.key("kvlistValue"), depth);
      break;
  }
  json.end_object();
}

}  // namespace

void render_value(const data::ValueView& value, JsonWriter& json) {
  render_nested(value, json, 0);
}

void render_attributes(const data::Batch& batch, const data::AttributeList& list, JsonWriter& json) {
  const auto keys = batch.shapes.keys_of(list.shape);
  const auto values = batch.values_of(list);
  json.begin_array();
  for (size_t i = 0; i < keys.size(); ++i) {
    json.begin_object().key("key").string(batch.keys.text(keys[i])).key("value");
    render_value(batch.values.view(values[i]), json);
    json.end_object();
  }
  json.end_array();
}

}  // namespace sextant::serve
