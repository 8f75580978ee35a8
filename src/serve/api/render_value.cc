#include "serve/api/render_value.h"

#include <algorithm>

#include "base/core/text.h"
#include "serve/api/limits.h"

namespace sextant::serve {
namespace {

/// The first characters of a text; a byte that is part of none is one by itself, as it is written.
std::string_view first_characters(std::string_view text, uint64_t most) {
  size_t end = 0;
  for (uint64_t count = 0; end < text.size() && count < most; ++count) {
    end += std::max<size_t>(1, utf8_character_bytes(text.substr(end)));
  }
  return text.substr(0, end);
}

/// Writes one value with all below it. Thread-confined.
class ValueWriter {
 public:
  ValueWriter(JsonWriter& json, ValueCut cut) : json_(json), cut_(cut) {}

  /// `whole_bytes`: of a string or bytes, which `value` may be the beginning of.
  void write(const data::ValueView& value, uint64_t whole_bytes, int depth = 0) {
    json_.begin_object();
    switch (value.type) {
      case data::ValueType::kEmpty:
        break;
      case data::ValueType::kString: {
        const std::string_view text = cut_.whole() ? value.bytes : first_characters(value.bytes, cut_.chars_max);
        json_.key("stringValue").string(text);
        mark_cut(text.size(), whole_bytes);
        break;
      }
      case data::ValueType::kBool:
        json_.key("boolValue").boolean(value.as_bool());
        break;
      case data::ValueType::kInt:
        json_.key("intValue").integer_string(value.number);
        break;
      case data::ValueType::kDouble:
        json_.key("doubleValue").real(value.as_double());
        break;
      case data::ValueType::kBytes: {
        const std::string_view bytes = value.bytes.substr(0, cut_.chars_max);
        json_.key("bytesValue").base64(bytes);
        mark_cut(bytes.size(), whole_bytes);
        break;
      }
      case data::ValueType::kArray:
        json_.key("arrayValue");
        write_elements(value, depth);
        break;
      case data::ValueType::kMap:
        json_.key("kvlistValue");
        write_elements(value, depth);
        break;
    }
    json_.end_object();
  }

 private:
  void mark_cut(uint64_t bytes, uint64_t whole_bytes) {
    if (bytes < whole_bytes) json_.key("cutFromBytes").unsigned_integer(whole_bytes);
  }
  /// The elements of an array or map. Deeper than any decoder lets through, the rest is left out: it can only be
  /// damage.
  void write_elements(const data::ValueView& value, int depth) {
    const bool is_map = value.type == data::ValueType::kMap;
    data::NestedReader reader(value.bytes, value.type);
    json_.begin_object().key("values").begin_array();
    while (depth < kRenderDepthMax && reader.next()) {
      if (is_map) json_.begin_object().key("key").string(reader.key()).key("value");
      const data::ValueView element = reader.value();
      write(element, element.bytes.size(), depth + 1);
      if (is_map) json_.end_object();
    }
    json_.end_array().end_object();
  }

  JsonWriter& json_;
  const ValueCut cut_;
};

}  // namespace

void render_value(const data::ValueView& value, JsonWriter& json) {
  ValueWriter(json, {}).write(value, value.bytes.size());
}

void render_attributes(const data::Batch& batch, const data::AttributeList& list, JsonWriter& json, ValueCut cut) {
  const auto keys = batch.shapes.keys_of(list.shape);
  const auto values = batch.values_of(list);
  ValueWriter writer(json, cut);
  json.begin_array();
  for (size_t i = 0; i < keys.size(); ++i) {
    json.begin_object().key("key").string(batch.keys.text(keys[i])).key("value");
    writer.write(batch.values.view(values[i]), batch.whole_bytes(values[i]));
    json.end_object();
  }
  json.end_array();
}

}  // namespace sextant::serve
