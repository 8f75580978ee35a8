// A reader of MessagePack for tests, written from the format's specification and sharing nothing with the SDK's writer.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sextant::test {

struct MsgpackValue {
  enum class Kind { kNull, kBool, kInteger, kReal, kText, kList, kMap } kind = Kind::kNull;
  std::uint64_t number = 0;  // two's complement where it is negative
  double real = 0;
  std::string text;
  std::vector<MsgpackValue> list;
  std::map<std::string, MsgpackValue> map;

  bool has(const std::string& key) const { return map.count(key) != 0; }
  /// An empty value where there is no such key.
  const MsgpackValue& operator[](const std::string& key) const {
    static const MsgpackValue none;
    const auto found = map.find(key);
    return found == map.end() ? none : found->second;
  }
  /// Nothing where the bytes are not exactly one value whose keys are different texts.
  static std::optional<MsgpackValue> decode(std::string_view bytes) {
    MsgpackValue value;
    if (!value.read(bytes) || !bytes.empty()) return std::nullopt;
    return value;
  }

 private:
  static bool take(std::string_view& bytes, std::size_t size, std::uint64_t& out) {
    if (bytes.size() < size) return false;
    out = 0;
    for (std::size_t i = 0; i < size; ++i) out = out << 8 | static_cast<unsigned char>(bytes[i]);
    bytes.remove_prefix(size);
    return true;
  }
  bool integer(std::string_view& bytes, std::size_t size, bool negative) {
    kind = Kind::kInteger;
    if (!take(bytes, size, number)) return false;
    if (negative && size < 8 && (number >> (8 * size - 1)) != 0) number |= ~std::uint64_t{0} << (8 * size);
    return true;
  }
  bool read_text(std::string_view& bytes, std::uint64_t size) {
    kind = Kind::kText;
    if (bytes.size() < size) return false;
    text = std::string(bytes.substr(0, size));
    bytes.remove_prefix(size);
    return true;
  }
  bool read_list(std::string_view& bytes, std::uint64_t size) {
    kind = Kind::kList;
    for (; size > 0; --size) {
      if (bytes.empty() || !list.emplace_back().read(bytes)) return false;
    }
    return true;
  }
  bool read_map(std::string_view& bytes, std::uint64_t size) {
    kind = Kind::kMap;
    for (; size > 0; --size) {
      MsgpackValue key;
      MsgpackValue value;
      if (!key.read(bytes) || key.kind != Kind::kText || !value.read(bytes)) return false;
      if (!map.emplace(key.text, std::move(value)).second) return false;
    }
    return true;
  }

  bool read(std::string_view& bytes) {
    std::uint64_t type = 0;
    std::uint64_t size = 0;
    if (!take(bytes, 1, type)) return false;
    if (type < 0x80 || type >= 0xe0) {
      kind = Kind::kInteger;
      number = type < 0x80 ? type : type | ~std::uint64_t{0xff};
      return true;
    }
    if (type < 0x90) return read_map(bytes, type & 15);
    if (type < 0xa0) return read_list(bytes, type & 15);
    if (type < 0xc0) return read_text(bytes, type & 31);
    if (type == 0xc0) return true;
    if (type == 0xc2 || type == 0xc3) {
      kind = Kind::kBool;
      number = type & 1;
      return true;
    }
    if (type == 0xcb) {
      kind = Kind::kReal;
      if (!take(bytes, 8, number)) return false;
      std::memcpy(&real, &number, sizeof(real));
      return true;
    }
    if (type >= 0xcc && type <= 0xcf) return integer(bytes, std::size_t{1} << (type - 0xcc), false);
    if (type >= 0xd0 && type <= 0xd3) return integer(bytes, std::size_t{1} << (type - 0xd0), true);
    if (type >= 0xd9 && type <= 0xdb)
      return take(bytes, std::size_t{1} << (type - 0xd9), size) && read_text(bytes, size);
    if (type == 0xdc || type == 0xdd) return take(bytes, type == 0xdc ? 2 : 4, size) && read_list(bytes, size);
    if (type == 0xde || type == 0xdf) return take(bytes, type == 0xde ? 2 : 4, size) && read_map(bytes, size);
    return false;
  }
};

}  // namespace sextant::test
