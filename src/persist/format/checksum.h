// Checksums that know where the bytes belong: a block copied to another file or another offset (a misdirected write, an
// old version of a page) does not match.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/core/hash.h"

namespace sextant::persist {

/// CRC32C over file id, offset (both little-endian, 8 bytes) and the bytes.
inline uint32_t checksum_at(uint64_t file_id, uint64_t offset, std::string_view bytes) {
  char place[16];
  std::memcpy(place, &file_id, 8);
  std::memcpy(place + 8, &offset, 8);
  return crc32c(bytes, crc32c(std::string_view(place, sizeof place)));
}

}  // namespace sextant::persist
