#include "otlp/any_value.h"

#include <charconv>
#include <cmath>

#include "base/base64.h"
#include "base/json_text.h"
#include "otlp/items.h"
#include "otlp/value_writer.h"

namespace sextant::otlp {

// AnyValue: string_value = 1, bool_value = 2, int_value = 3, double_value = 4, array_value = 5, kvlist_value = 6,
// bytes_value = 7.
AnyView read_any(std::string_view any_value) noexcept {
  using Kind = AnyView::Kind;
  static constexpr Kind kKinds[] = {Kind::kEmpty,  Kind::kText, Kind::kBool, Kind::kInt,
                                    Kind::kDouble, Kind::kList, Kind::kMap,  Kind::kBytes};
  AnyView view;
  Reader fields(any_value);
  while (fields.next()) {
    if (fields.field() > 7) continue;
    view.kind = kKinds[fields.field()];
    view.bytes = fields.bytes();
    view.boolean = fields.number() != 0;
    view.integer = static_cast<std::int64_t>(fields.number());
    view.real = fields.real();
  }
  return view;
}

void append_plain_json(std::string& out, std::string_view any_value, int depth) {
  using Kind = AnyView::Kind;
  const AnyView view = read_any(any_value);
  if (depth > kDepthMax) {
    out += "null";
    return;
  }
  switch (view.kind) {
    case Kind::kText:
      return append_json_text(out, view.bytes);
    case Kind::kBool:
      out += view.boolean ? "true" : "false";
      return;
    case Kind::kInt:
      out += std::to_string(view.integer);
      return;
    case Kind::kDouble:
      return std::isfinite(view.real) ? append_number(out, view.real) : static_cast<void>(out += "null");
    case Kind::kList: {
      const std::size_t begin = out.size();
      for_each_field(view.bytes, 1, [&](std::string_view element) {
        out += out.size() == begin ? '[' : ',';
        append_plain_json(out, element, depth + 1);
      });
      out += out.size() == begin ? "[]" : "]";
      return;
    }
    case Kind::kMap:
      return append_attributes_json(out, view.bytes, 1, depth + 1);
    case Kind::kBytes:
      return append_json_text(out, base64(view.bytes));
    case Kind::kEmpty:
      out += "null";
  }
}

void append_attributes_json(std::string& out, std::string_view message, std::uint32_t field, int depth) {
  const std::size_t begin = out.size();
  for_each_field(message, field, [&](std::string_view bytes) {
    const KeyValueView pair = read_key_value(bytes);
    out += out.size() == begin ? '{' : ',';
    append_json_text(out, pair.key);
    out += ':';
    append_plain_json(out, pair.value, depth);
  });
  out += out.size() == begin ? "{}" : "}";
}

std::string plain_text(std::string_view any_value) {
  const AnyView view = read_any(any_value);
  if (view.kind == AnyView::Kind::kText) return std::string(view.bytes);
  std::string text;
  append_plain_json(text, any_value);
  return text;
}

}  // namespace sextant::otlp
