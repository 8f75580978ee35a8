// Bloom filters: whether a set may have a member, told from about a byte and a half for each. They never deny one that
// is there. A member's bits lie within 32 bytes, one in each of eight words, so that a look-up touches one place.
// Format: docs/formats/segment.md, "Filters".
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sextant::persist {

/// Bits for each member: 0.45 % of those that are not in the set are taken for members.
inline constexpr uint64_t kBloomBitsEach = 12;

/// Bytes of the filter of so many members: at most 1.5 for each, but of one or two.
uint64_t bloom_bytes(uint64_t members);

/// Appends the filter of a set, given by well mixed hashes, of which some may be equal.
void put_bloom(std::span<const uint64_t> hashes, std::string& out);

/// False when the set has not the member; of the empty filter always.
bool bloom_may_have(std::string_view filter, uint64_t hash);

}  // namespace sextant::persist
