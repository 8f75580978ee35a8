// Protobuf messages put together field by field, for tests of what reads them.
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "otlp/wire.h"

namespace sextant::test {

/// A value.
class Message {
 public:
  Message& bytes(std::uint32_t field, std::string_view content) {
    char* out = otlp::write_varint(room(content.size()), otlp::tag(field, otlp::WireType::kBytes));
    return add(otlp::write_raw(otlp::write_varint(out, content.size()), content));
  }
  Message& bytes(std::uint32_t field, const Message& content) { return bytes(field, content.out_); }
  Message& number(std::uint32_t field, std::uint64_t value) {
    char* out = otlp::write_varint(room(0), otlp::tag(field, otlp::WireType::kVarint));
    return add(otlp::write_varint(out, value));
  }
  Message& fixed64(std::uint32_t field, std::uint64_t value) {
    char* out = otlp::write_varint(room(0), otlp::tag(field, otlp::WireType::kFixed64));
    return add(otlp::write_fixed64(out, value));
  }
  Message& fixed32(std::uint32_t field, std::uint32_t value) {
    char* out = otlp::write_varint(room(0), otlp::tag(field, otlp::WireType::kFixed32));
    return add(otlp::write_fixed32(out, value));
  }
  Message& real(std::uint32_t field, double value) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof(bits));
    return fixed64(field, bits);
  }
  const std::string& out() const { return out_; }

 private:
  char* room(std::size_t content) {
    const std::size_t size = out_.size();
    out_.resize(size + content + 32);
    return out_.data() + size;
  }
  Message& add(const char* end) {
    out_.resize(static_cast<std::size_t>(end - out_.data()));
    return *this;
  }
  std::string out_;
};

inline Message text_value(std::string_view text) {
  return Message().bytes(1, text);
}
inline Message pair(std::string_view key, const Message& value) {
  return Message().bytes(1, key).bytes(2, value);
}
/// A request of any signal with these items in one scope of one resource.
inline std::string request_of(const std::vector<Message>& items) {
  Message scope;
  for (const Message& item : items) scope.bytes(2, item);
  return Message().bytes(1, Message().bytes(2, scope)).out();
}

}  // namespace sextant::test
