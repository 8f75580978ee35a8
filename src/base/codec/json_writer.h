// Writing JSON (RFC 8259) by appending: no tree, no allocation but the text's own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sextant {

/// Appends one JSON text; commas are set by itself. What it writes is always valid UTF-8: bytes that are not become
/// U+FFFD. NaN and infinities, which JSON lacks, become the strings "NaN", "Infinity", "-Infinity". Thread-confined.
/// Requires: begin/end in pairs, a key before each value of an object.
///
///   JsonWriter json;
///   json.begin_object().key("name").string("a").key("sizes").begin_array().integer(1).end_array().end_object();
class JsonWriter {
 public:
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);

  JsonWriter& string(std::string_view text);
  JsonWriter& boolean(bool value);
  JsonWriter& integer(int64_t value);
  JsonWriter& unsigned_integer(uint64_t value);
  /// Whole numbers below 10^15 without fraction or exponent, others in the shortest form that reads back the same.
  JsonWriter& real(double value);
  JsonWriter& null();

  /// 64-bit numbers as strings, as protobuf's JSON mapping wants them: readers with doubles keep all digits.
  JsonWriter& integer_string(int64_t value);
  JsonWriter& unsigned_string(uint64_t value);
  /// Lower-case hexadecimal in quotes.
  JsonWriter& hex(std::string_view bytes);
  /// Base64 with padding, in quotes.
  JsonWriter& base64(std::string_view bytes);
  /// A JSON text made elsewhere, as it is. Requires: valid JSON.
  JsonWriter& raw(std::string_view json);

  std::string_view text() const { return text_; }
  /// The text; the writer is empty afterwards.
  std::string take();
  void reserve(size_t bytes) { text_.reserve(bytes); }
  void clear();

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void separate();
  std::string text_;
  bool comma_ = false;  // a value stands before: the next one needs a comma
};

}  // namespace sextant
