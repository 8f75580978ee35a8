// Hashes and checksums. xxh3 for tables and fingerprints in memory and on disk; CRC32C for stored blocks.
#pragma once

#include <cstdint>
#include <string_view>

namespace sextant {

/// XXH3 64 bit (xxHash specification). Stable: it may be written to disk.
uint64_t hash64(std::string_view bytes, uint64_t seed = 0);

/// A random number of this process, the same while it runs: what hash tables of outside data are keyed with. Not to be
/// used by static initialisers of other files.
extern const uint64_t hash_secret;

/// CRC32C (Castagnoli polynomial 0x1EDC6F41, RFC 3720 appendix B.4). `previous` continues an earlier checksum.
uint32_t crc32c(std::string_view bytes, uint32_t previous = 0);

}  // namespace sextant
