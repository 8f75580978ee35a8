#include "persist/format/bloom.h"

#include <algorithm>
#include <cstring>

namespace sextant::persist {
namespace {

constexpr uint64_t kWordBytes = 4;
constexpr uint64_t kWordBits = 32;
/// Bits of a member, each in a word of its own; fewer where a filter has fewer words.
constexpr uint64_t kBitsEach = 8;
constexpr int kPlaceBits = 5;  // of a bit in a word
static_assert(1 << kPlaceBits == kWordBits);

uint64_t word_count(uint64_t members) {
  return members == 0 ? 0 : std::max<uint64_t>(1, members * kBloomBitsEach / kWordBits);
}

/// Where a member's words begin, of which the first one follows the last, and its bits in them: from two nearly
/// independent parts of the hash.
struct Place {
  Place(uint64_t word_count, uint64_t hash)
      : all_words(word_count),
        first(((hash >> 32) * word_count) >> 32),
        bits(((hash ^ hash >> 29) * 0x9E3779B97F4A7C15) >> (64 - kBitsEach * kPlaceBits)) {}

  uint64_t words() const { return std::min(all_words, kBitsEach); }
  uint64_t offset(uint64_t i) const {
    const uint64_t word = first + i < all_words ? first + i : first + i - all_words;
    return word * kWordBytes;
  }
  uint32_t mask(uint64_t i) const { return uint32_t{1} << (bits >> (i * kPlaceBits) & (kWordBits - 1)); }

  uint64_t all_words;
  uint64_t first;
  uint64_t bits;
};

}  // namespace

uint64_t bloom_bytes(uint64_t members) {
  return word_count(members) * kWordBytes;
}

void put_bloom(std::span<const uint64_t> hashes, std::string& out) {
  const uint64_t count = word_count(hashes.size());
  const size_t begin = out.size();
  out.resize(begin + count * kWordBytes);
  for (const uint64_t hash : hashes) {
    const Place place(count, hash);
    for (uint64_t i = 0; i < place.words(); ++i) {
      char* at = out.data() + begin + place.offset(i);
      uint32_t word;
      std::memcpy(&word, at, kWordBytes);
      word |= place.mask(i);
      std::memcpy(at, &word, kWordBytes);
    }
  }
}

bool bloom_may_have(std::string_view filter, uint64_t hash) {
  if (filter.size() < kWordBytes) return false;
  const Place place(filter.size() / kWordBytes, hash);
  for (uint64_t i = 0; i < place.words(); ++i) {
    uint32_t word;
    std::memcpy(&word, filter.data() + place.offset(i), kWordBytes);
    if ((word & place.mask(i)) == 0) return false;
  }
  return true;
}

}  // namespace sextant::persist
