// One attribute value, its types, and the nested form of arrays and maps.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/core/result.h"

namespace sextant::data {

/// OTLP's AnyValue kinds. The numbers are written to disk (docs/formats/batch.md).
enum class ValueType : uint8_t {
  kEmpty = 0,
  kString = 1,
  kBool = 2,
  kInt = 3,
  kDouble = 4,
  kBytes = 5,
  kArray = 6,
  kMap = 7
};
inline constexpr uint8_t kValueTypeLast = 7;

/// "empty string bool int double bytes array map", as the API names them.
std::string_view to_string(ValueType type);

/// A value seen where it lies; never owns. Lifetime: that of the dictionary or buffer it points into.
struct ValueView {
  ValueType type = ValueType::kEmpty;
  int64_t number = 0;      // kInt: the value; kBool: 0 or 1; kDouble: its bits
  std::string_view bytes;  // kString, kBytes: the content; kArray, kMap: the nested form

  double as_double() const;
  bool as_bool() const { return number != 0; }
  bool operator==(const ValueView&) const = default;

  static ValueView empty() { return {}; }
  static ValueView string(std::string_view text) { return {ValueType::kString, 0, text}; }
  static ValueView boolean(bool value) { return {ValueType::kBool, value ? 1 : 0, {}}; }
  static ValueView integer(int64_t value) { return {ValueType::kInt, value, {}}; }
  static ValueView real(double value);
  static ValueView raw(std::string_view bytes) { return {ValueType::kBytes, 0, bytes}; }
};

/// Builds the nested form of an array or map (drawn in docs/formats/batch.md): elements one after the other, each a
/// type byte and its payload; in a map each is preceded by its key. Thread-confined value.
///
///   NestedWriter map;  map.key("a"); map.value(ValueView::integer(1));  -> ValueView{kMap, 0, map.bytes()}
class NestedWriter {
 public:
  void key(std::string_view key);
  /// Scalars, or arrays and maps already in nested form.
  void value(const ValueView& value);

  std::string_view bytes() const { return bytes_; }
  void clear() { bytes_.clear(); }

 private:
  std::string bytes_;
};

/// Walks a nested form. Thread-confined value. Lifetime: not longer than the bytes.
///
///   NestedReader reader(value.bytes, value.type);
///   while (reader.next()) use(reader.key(), reader.value());
///   if (reader.malformed()) …
class NestedReader {
 public:
  NestedReader(std::string_view bytes, ValueType container) : left_(bytes), is_map_(container == ValueType::kMap) {}

  bool next();
  std::string_view key() const { return key_; }
  const ValueView& value() const { return value_; }
  /// True when the bytes do not follow the format; next() has returned false.
  bool malformed() const { return malformed_; }

 private:
  bool take_bytes(std::string_view& out);
  bool stop();
  std::string_view left_;
  bool is_map_;
  bool malformed_ = false;
  std::string_view key_;
  ValueView value_;
};

/// Checks a nested form to its depth: kDataLoss when bytes do not follow the format or nest deeper than the limit.
Result<void> check_nested(const ValueView& value);

}  // namespace sextant::data
