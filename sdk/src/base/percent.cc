#include "base/percent.h"

#include "base/characters.h"

namespace sextant {

std::string percent_encoded(std::string_view text) {
  constexpr CharacterSet kUnreserved =
      CharacterSet().with_range('0', '9').with_range('a', 'z').with_range('A', 'Z').with("-._~");
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (kUnreserved.has(c)) {
      out += c;
    } else {
      out.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
  }
  return out;
}

}  // namespace sextant
