#include "base/codec/protobuf_reader.h"

namespace sextant {
namespace {

constexpr int kVarintBytesMax = 10;  // 64 bits in groups of seven

}  // namespace

bool ProtobufReader::fail(const char* what) {
  if (fault_.what == nullptr) fault_ = {field_at_ != nullptr ? field_at_ : at_, what};
  at_ = end_;
  return false;
}

bool ProtobufReader::long_varint(uint64_t& value) {
  uint64_t result = 0;
  for (int i = 0; i < kVarintBytesMax; ++i) {
    if (at_ == end_) return fail("a truncated varint");
    const auto byte = static_cast<uint8_t>(*at_++);
    result |= static_cast<uint64_t>(byte & 0x7F) << (7 * i);
    if (byte < 0x80) {
      value = result;
      return true;
    }
  }
  return fail("a varint longer than ten bytes");
}

bool ProtobufReader::skip_unknown(uint32_t first, uint32_t last) {
  const uint32_t field = tag_ >> 3;
  if (field >= first && field <= last) return fail("a known field with a wire type it cannot have");
  uint64_t number = 0;
  uint32_t half = 0;
  std::string_view content;
  switch (static_cast<WireType>(tag_ & 7)) {
    case WireType::kVarint:
      return varint(number);
    case WireType::kFixed64:
      return fixed64(number);
    case WireType::kFixed32:
      return fixed32(half);
    case WireType::kBytes:
      return bytes(content);
    case WireType::kGroupStart:
    case WireType::kGroupEnd:
      return fail("a group, which this format does not have");
  }
  return fail("an invalid wire type");
}

}  // namespace sextant
