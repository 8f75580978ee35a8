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
    using namespace otlp;
    char* out = write_varint(room(content.size()), tag(field, WireType::kBytes));
    return add(write_raw(write_varint(out, content.size()), content));
  }
  Message& bytes(std::uint32_t field, const Message& content) { return bytes(field, content.out_); }
  Message& number(std::uint32_t field, std::uint64_t value) {
    using namespace otlp;
    return add(write_varint(write_varint(room(0), tag(field, WireType::kVarint)), value));
  }
  Message& fixed64(std::uint32_t field, std::uint64_t value) {
    using namespace otlp;
    return add(write_fixed64(write_varint(room(0), tag(field, WireType::kFixed64)), value));
  }
  Message& fixed32(std::uint32_t field, std::uint32_t value) {
    using namespace otlp;
    return add(write_fixed32(write_varint(room(0), tag(field, WireType::kFixed32)), value));
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
