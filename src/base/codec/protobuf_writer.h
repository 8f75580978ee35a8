// Writing the protobuf wire format (protobuf.dev/programming-guides/encoding) by appending, without generated code.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace sextant {

/// Appends fields of one message to a text it owns. Scalars are written even when zero: whether a default value is
/// left out is the caller's decision. Thread-confined.
///
///   ProtobufWriter out;
///   const auto mark = out.begin_message(1, 0);
///   out.bytes(2, "name");
///   out.end_message(mark);
class ProtobufWriter {
 public:
  /// Where an open message stands; to be given back to end_message(), innermost first.
  struct Mark {
    size_t length_at = 0;    // offset of the bytes kept free for the length
    size_t length_size = 0;  // how many were kept
  };

  void varint(uint32_t field, uint64_t value);
  void sint64(uint32_t field, int64_t value) { varint(field, static_cast<uint64_t>(value)); }
  void fixed32(uint32_t field, uint32_t value);
  void fixed64(uint32_t field, uint64_t value);
  void real(uint32_t field, double value);
  void bytes(uint32_t field, std::string_view value);

  /// `size_hint`: about how many bytes the message will have. A wrong guess costs moving them once.
  Mark begin_message(uint32_t field, size_t size_hint);
  void end_message(const Mark& mark);

  std::string_view text() const { return text_; }
  std::string take() { return std::exchange(text_, {}); }
  void reserve(size_t bytes) { text_.reserve(bytes); }

 private:
  void tag(uint32_t field, uint32_t wire_type) { raw_varint(static_cast<uint64_t>(field) << 3 | wire_type); }
  void raw_varint(uint64_t value);
  std::string text_;
};

}  // namespace sextant
