#include "base/base64.h"

#include <cstdint>

namespace sextant {
namespace {
constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
}

char* write_base64(char* out, std::string_view bytes) noexcept {
  const auto at = [&](std::size_t i) {
    return i < bytes.size() ? std::uint32_t{static_cast<unsigned char>(bytes[i])} : 0u;
  };
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::uint32_t three = at(i) << 16 | at(i + 1) << 8 | at(i + 2);
    *out++ = kDigits[three >> 18];
    *out++ = kDigits[three >> 12 & 63];
    *out++ = i + 1 < bytes.size() ? kDigits[three >> 6 & 63] : '=';
    *out++ = i + 2 < bytes.size() ? kDigits[three & 63] : '=';
  }
  return out;
}

void append_base64(std::string& out, std::string_view bytes) {
  const std::size_t begin = out.size();
  out.resize(begin + base64_bytes(bytes.size()));
  write_base64(out.data() + begin, bytes);
}

std::string base64(std::string_view bytes) {
  std::string out;
  append_base64(out, bytes);
  return out;
}

void append_hex(std::string& out, std::string_view bytes) {
  constexpr char kHex[] = "0123456789abcdef";
  for (const char c : bytes) {
    out += kHex[static_cast<unsigned char>(c) >> 4];
    out += kHex[static_cast<unsigned char>(c) & 15];
  }
}

}  // namespace sextant
