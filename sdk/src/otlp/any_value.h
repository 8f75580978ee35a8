// Values of attributes as other formats have them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sextant::otlp {

/// An AnyValue by what it holds. Lifetime: views into its bytes.
struct AnyView {
  enum class Kind : std::uint8_t { kEmpty, kText, kBool, kInt, kDouble, kList, kMap, kBytes } kind = Kind::kEmpty;
  std::string_view bytes;  // the text or bytes; the message ArrayValue or KeyValueList
  std::int64_t integer = 0;
  double real = 0;
  bool boolean = false;
};
AnyView read_any(std::string_view any_value) noexcept;

/// As plain JSON: texts in quotes, lists and objects as such, bytes in base64, numbers that are none as null.
void append_plain_json(std::string& out, std::string_view any_value, int depth = 0);
/// The same, but a text stands without quotes.
std::string plain_text(std::string_view any_value);
/// `{"key":value}` of the attributes in fields of that number.
void append_attributes_json(std::string& out, std::string_view message, std::uint32_t field, int depth = 0);

}  // namespace sextant::otlp
