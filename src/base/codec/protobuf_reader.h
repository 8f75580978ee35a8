// Walking the protobuf wire format (protobuf.dev/programming-guides/encoding) in place, without generated code: every
// field is seen where it lies. Written by hand because a walk over a span costs a quarter less than with a library.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace sextant {

enum class WireType : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kGroupStart = 3, kGroupEnd = 4, kFixed32 = 5 };

/// Field number and wire type as they stand before a field: `case wire_tag(4, WireType::kBytes):`.
constexpr uint32_t wire_tag(uint32_t field, WireType type) {
  return field << 3 | static_cast<uint32_t>(type);
}

/// The first place where bytes were not the wire format. Shared by the readers of one message and its submessages.
struct WireFault {
  const char* at = nullptr;
  const char* what = nullptr;  // a literal; null: no fault
};

/// Walks the fields of one message. Methods return false at a fault, which they note. Thread-confined value.
/// Lifetime: not longer than the message and the fault.
///
///   for (ProtobufReader fields(message, fault); fields.next();) {
///     switch (fields.tag()) {
///       case wire_tag(1, WireType::kBytes): if (!fields.bytes(name)) return false; break;
///       default: if (!fields.skip_unknown(1, 1)) return false;
///     }
///   }
///   return fault.what == nullptr;
class ProtobufReader {
 public:
  ProtobufReader(std::string_view message, WireFault& fault)
      : at_(message.data()), end_(at_ + message.size()), fault_(fault) {}

  /// Reads the next field's tag. False at the end of the message and at a fault.
  bool next() {
    if (at_ == end_) return false;
    field_at_ = at_;
    uint64_t tag = 0;
    if (!varint(tag)) return false;
    if (tag < 8 || tag > UINT32_MAX) [[unlikely]]
      return fail("an invalid field number");
    tag_ = static_cast<uint32_t>(tag);
    return true;
  }
  uint32_t tag() const { return tag_; }

  bool varint(uint64_t& value) {
    if (at_ < end_ && static_cast<uint8_t>(*at_) < 0x80) [[likely]] {
      value = static_cast<uint8_t>(*at_++);
      return true;
    }
    return long_varint(value);
  }
  /// Enums and 32-bit integers: the low half counts, as every protobuf parser decides.
  bool varint32(uint32_t& value) {
    uint64_t wide = 0;
    if (!varint(wide)) return false;
    value = static_cast<uint32_t>(wide);
    return true;
  }
  bool fixed64(uint64_t& value) { return fixed(value); }
  bool fixed32(uint32_t& value) { return fixed(value); }
  bool bytes(std::string_view& value) {
    uint64_t size = 0;
    if (!varint(size)) return false;
    if (size > static_cast<uint64_t>(end_ - at_)) [[unlikely]]
      return fail("a length beyond the end of its message");
    value = {at_, static_cast<size_t>(size)};
    at_ += size;
    return true;
  }

  /// Reads over a field that is not known. A known number (`first` to `last`) comes here when its wire type is not
  /// the one it must have: a fault. Groups, which proto3 does not have, are a fault too.
  bool skip_unknown(uint32_t first, uint32_t last);

 private:
  template <typename Word>
  bool fixed(Word& value) {
    static_assert(std::endian::native == std::endian::little);
    if (static_cast<size_t>(end_ - at_) < sizeof value) [[unlikely]]
      return fail("a truncated number");
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    return true;
  }
  bool long_varint(uint64_t& value);
  bool fail(const char* what);
  const char* at_;
  const char* end_;
  const char* field_at_ = nullptr;
  uint32_t tag_ = 0;
  WireFault& fault_;
};

}  // namespace sextant
