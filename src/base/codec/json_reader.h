// Reading JSON (RFC 8259) as a stream, in place: no tree, no copy of the text, no recursion, exact positions of errors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/core/result.h"

namespace sextant {

enum class JsonType : uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };

/// "null bool number string array object", for messages.
std::string_view to_string(JsonType type);

/// A number as it stands in the text, so that 64-bit integers keep all digits. Lifetime: that of the text.
struct JsonNumber {
  std::string_view token;

  /// Exact conversions: false when there is a fraction or the value is out of range. "1e3" and "2.0" are integers.
  bool to_int64(int64_t& value) const;
  bool to_uint64(uint64_t& value) const;
  /// The nearest double; beyond the range of doubles an infinity or zero.
  double to_double() const;
};

/// Walks one JSON text. Every method that reads returns false when the text is not JSON or not what was asked for; the
/// first such fault is kept and everything after it returns false too, so that it may be checked once at the end.
/// A byte order mark in front is skipped. Bytes that are not UTF-8 are a fault; a lone surrogate escape, which
/// JavaScript's JSON.stringify writes for half an emoji, is read as U+FFFD. Thread-confined.
/// Lifetime: not longer than the text. A string is valid until the next string is read.
///
///   JsonReader json(text, 64);
///   std::string_view name;
///   for (json.begin_object(); json.next_member(name);) { if (name == "a") json.string(a); else json.skip(); }
///   if (!json.finish()) return std::unexpected(json.error());
class JsonReader {
 public:
  JsonReader(std::string_view text, int depth_max);

  /// What comes next. False at a fault, also when no value stands there.
  bool peek(JsonType& type);

  bool begin_object();
  /// Reads the next name and its colon. False after the last member ('}' is read) and at a fault.
  bool next_member(std::string_view& name);
  bool begin_array();
  /// False after the last element (']' is read) and at a fault.
  bool next_element();

  bool null();
  bool boolean(bool& value);
  bool number(JsonNumber& value);
  bool string(std::string_view& value);
  /// Reads over one value of any type, checking it, without recursion.
  bool skip();
  /// True when the text was faultless and nothing but white space is left.
  bool finish();

  bool ok() const { return what_.empty(); }
  /// Reports a fault of the caller's own at the start of the value read last, e.g. "trace id expected".
  bool fault(std::string what) { return fault(std::move(what), value_at_); }
  /// The same at a place noted before with last_read().
  bool fault(std::string what, const char* at) { return fault_at(at, std::move(what)); }
  /// Where the value or name read last begins.
  const char* last_read() const { return value_at_; }
  /// kInvalidArgument, "line 1, column 17: …". Requires: !ok().
  Error error() const;

 private:
  bool fault_at(const char* position, std::string what);
  bool open(char bracket, std::string_view expected);
  void skip_space();
  bool literal(std::string_view word);
  bool quoted(std::string_view& value, std::string& scratch);
  bool escape(std::string& scratch);
  bool unicode_escape(std::string& scratch);
  bool hex4(uint32_t& unit);
  bool skip_scalar(JsonType type);
  const char* begin_;
  const char* at_;
  const char* end_;
  const char* value_at_;  // start of the value read last
  const char* fault_at_ = nullptr;
  std::string what_;
  int depth_ = 0;
  int depth_max_;
  bool comma_due_ = false;  // an element or member stands before
  std::string value_scratch_;
  std::string name_scratch_;
};

}  // namespace sextant
