#include "query/traces/cursor.h"

#include <algorithm>

#include "base/core/hash.h"
#include "base/core/text.h"

namespace sextant::query {
namespace {

// Format: version byte, sequence (8 bytes, big-endian), start (8, big-endian), trace id (16), CRC32C of all before (4,
// big-endian); base64 with the URL alphabet, without padding.
constexpr char kVersion = 1;
constexpr size_t kBytes = 1 + 8 + 8 + 16 + 4;
constexpr size_t kTextLength = (kBytes * 4 + 2) / 3;

void put(std::string& out, uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i));
}

uint64_t get(std::string_view bytes) {
  uint64_t value = 0;
  for (char c : bytes) value = value << 8 | static_cast<uint8_t>(c);
  return value;
}

std::unexpected<TextError> wrong(size_t offset) {
  return std::unexpected(
      TextError{"this is not a cursor of this server; pass next_cursor of an earlier answer as it was", offset});
}

}  // namespace

std::string encode_cursor(const data::RunCursor& cursor) {
  std::string bytes(1, kVersion);
  put(bytes, cursor.sequence, 8);
  put(bytes, cursor.start, 8);
  bytes += cursor.trace_id.view();
  put(bytes, crc32c(bytes), 4);
  std::string text = to_base64(bytes);
  while (text.ends_with('=')) text.pop_back();
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

Parsed<data::RunCursor> decode_cursor(std::string_view text) {
  const auto foreign = std::ranges::find_if(text, [](char c) {
    return !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '-' && c != '_';
  });
  if (foreign != text.end()) return wrong(static_cast<size_t>(foreign - text.begin()));
  if (text.size() != kTextLength) return wrong(std::min(text.size(), kTextLength));
  const auto bytes = from_base64(text);
  if (!bytes || bytes->size() != kBytes) return wrong(0);
  const std::string_view all = *bytes;
  if (all[0] != kVersion || crc32c(all.substr(0, kBytes - 4)) != get(all.substr(kBytes - 4))) return wrong(0);
  data::RunCursor cursor;
  cursor.sequence = get(all.substr(1, 8));
  cursor.start = get(all.substr(9, 8));
  cursor.trace_id = *data::TraceId::from_bytes(all.substr(17, 16));
  return cursor;
}

}  // namespace sextant::query
