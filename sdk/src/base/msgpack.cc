#include "base/msgpack.h"

#include <cstring>

#include "base/utf8.h"

namespace sextant::msgpack {
namespace {

/// A type's byte and a big-endian number of kBytes.
template <std::size_t kBytes>
void append_big_endian(std::string& out, unsigned char type, std::uint64_t value) {
  out += static_cast<char>(type);
  for (std::size_t i = kBytes; i > 0; --i) out += static_cast<char>(value >> (8 * (i - 1)) & 0xff);
}

/// The header of a list or map: up to 15 in the type's byte.
void append_size(std::string& out, std::size_t size, unsigned char small, unsigned char two_bytes) {
  if (size < 16) {
    out += static_cast<char>(small | size);
  } else if (size <= UINT16_MAX) {
    append_big_endian<2>(out, two_bytes, size);
  } else {
    append_big_endian<4>(out, static_cast<unsigned char>(two_bytes + 1), size);
  }
}

}  // namespace

void append_list(std::string& out, std::size_t size) {
  append_size(out, size, 0x90, 0xdc);
}

void append_map(std::string& out, std::size_t size) {
  append_size(out, size, 0x80, 0xde);
}

void append_unsigned(std::string& out, std::uint64_t value) {
  if (value < 0x80) {
    out += static_cast<char>(value);
  } else if (value <= UINT8_MAX) {
    append_big_endian<1>(out, 0xcc, value);
  } else if (value <= UINT16_MAX) {
    append_big_endian<2>(out, 0xcd, value);
  } else if (value <= UINT32_MAX) {
    append_big_endian<4>(out, 0xce, value);
  } else {
    append_big_endian<8>(out, 0xcf, value);
  }
}

void append_signed(std::string& out, std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  if (value >= 0) {
    append_unsigned(out, bits);
  } else if (value >= -32) {
    out += static_cast<char>(bits & 0xff);
  } else if (value >= INT8_MIN) {
    append_big_endian<1>(out, 0xd0, bits);
  } else if (value >= INT16_MIN) {
    append_big_endian<2>(out, 0xd1, bits);
  } else if (value >= INT32_MIN) {
    append_big_endian<4>(out, 0xd2, bits);
  } else {
    append_big_endian<8>(out, 0xd3, bits);
  }
}

void append_double(std::string& out, double value) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  append_big_endian<8>(out, 0xcb, bits);
}

void append_text(std::string& out, std::string_view text) {
  text = text.substr(0, UINT32_MAX);
  if (text.size() < 32) {
    out += static_cast<char>(0xa0 | text.size());
  } else if (text.size() <= UINT8_MAX) {
    append_big_endian<1>(out, 0xd9, text.size());
  } else if (text.size() <= UINT16_MAX) {
    append_big_endian<2>(out, 0xda, text.size());
  } else {
    append_big_endian<4>(out, 0xdb, text.size());
  }
  out.append(text);
  repair_utf8(out.data() + (out.size() - text.size()), text.size());
}

}  // namespace sextant::msgpack
