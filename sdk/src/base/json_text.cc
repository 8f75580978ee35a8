#include "base/json_text.h"

#include <charconv>

#include "base/utf8.h"

namespace sextant {
namespace {

void append_escaped(std::string& out, char c) {
  constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '"':
    case '\\':
      out.append(1, '\\').append(1, c);
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[static_cast<unsigned char>(c) & 15];
  }
}

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  const std::size_t begin = out.size();
  std::size_t plain_from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) >= ' ' && text[i] != '"' && text[i] != '\\') continue;
    out.append(text.substr(plain_from, i - plain_from));
    append_escaped(out, text[i]);
    plain_from = i + 1;
  }
  out.append(text.substr(plain_from));
  repair_utf8(out.data() + begin, out.size() - begin);
  out += '"';
}

void append_number(std::string& out, double value) {
  char digits[32];
  out.append(digits, std::to_chars(digits, digits + sizeof(digits), value).ptr);
}

}  // namespace sextant
