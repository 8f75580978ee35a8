#include "base/codec/protobuf_writer.h"

#include <bit>

namespace sextant {
namespace {

static_assert(std::endian::native == std::endian::little, "the wire format is little-endian and copied as it is");

constexpr uint32_t kVarint = 0;
constexpr uint32_t kFixed64 = 1;
constexpr uint32_t kBytes = 2;
constexpr uint32_t kFixed32 = 5;

size_t varint_size(uint64_t value) {
  return (static_cast<size_t>(std::bit_width(value | 1)) + 6) / 7;
}

char* put_varint(char* out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) *out++ = static_cast<char>(value | 0x80);
  *out++ = static_cast<char>(value);
  return out;
}

}  // namespace

void ProtobufWriter::raw_varint(uint64_t value) {
  char buffer[10];
  text_.append(buffer, put_varint(buffer, value));
}

void ProtobufWriter::varint(uint32_t field, uint64_t value) {
  tag(field, kVarint);
  raw_varint(value);
}

void ProtobufWriter::fixed32(uint32_t field, uint32_t value) {
  tag(field, kFixed32);
  char raw[4];
  std::memcpy(raw, &value, sizeof raw);
  text_.append(raw, sizeof raw);
}

void ProtobufWriter::fixed64(uint32_t field, uint64_t value) {
  tag(field, kFixed64);
  char raw[8];
  std::memcpy(raw, &value, sizeof raw);
  text_.append(raw, sizeof raw);
}

void ProtobufWriter::real(uint32_t field, double value) {
  fixed64(field, std::bit_cast<uint64_t>(value));
}

void ProtobufWriter::bytes(uint32_t field, std::string_view value) {
  tag(field, kBytes);
  raw_varint(value.size());
  text_.append(value);
}

ProtobufWriter::Mark ProtobufWriter::begin_message(uint32_t field, size_t size_hint) {
  tag(field, kBytes);
  const Mark mark{text_.size(), varint_size(size_hint)};
  text_.append(mark.length_size, '\0');
  return mark;
}

void ProtobufWriter::end_message(const Mark& mark) {
  const size_t length = text_.size() - mark.length_at - mark.length_size;
  const size_t needed = varint_size(length);
  if (needed > mark.length_size) {
    text_.insert(mark.length_at, needed - mark.length_size, '\0');
  } else if (needed < mark.length_size) {
    text_.erase(mark.length_at, mark.length_size - needed);
  }
  put_varint(text_.data() + mark.length_at, length);
}

}  // namespace sextant
