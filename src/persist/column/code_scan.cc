// The vector loop needs no unpacking: a byte shuffle brings each code into a lane of 32 bits at some shift, and masks
// and the wanted code are shifted likewise. Width up to 25 fits a lane at any shift; wider codes are rare, and take the
// plain way.
#include "persist/column/code_scan.h"

#include <algorithm>
#include <array>
#include <bit>

#if defined(__x86_64__)
#include <immintrin.h>
#define SEXTANT_AVX2 __attribute__((target("avx2")))
#endif

namespace sextant::persist {
namespace {

constexpr uint32_t kStretch = 512;

void append_matches(uint32_t begin, uint32_t mask, std::vector<uint32_t>& positions) {
  for (; mask != 0; mask &= mask - 1) positions.push_back(begin + static_cast<uint32_t>(std::countr_zero(mask)));
}

#if defined(__x86_64__)
constexpr uint32_t kVectorWidthMax = 25;
constexpr uint32_t kLanes = 8;
constexpr uint32_t kStep = 32;  // codes that are looked at before asking whether any matched

/// How eight codes of one width lie in two loads of 16 bytes, four in each. Value.
struct Lanes {
  alignas(32) std::array<uint8_t, 32> shuffle;
  alignas(32) std::array<uint32_t, kLanes> shift;
  uint32_t upper_offset;  // bytes from the first load to the second

  explicit Lanes(uint32_t width) : upper_offset(4 * width / 8) {
    for (uint32_t lane = 0; lane < kLanes; ++lane) {
      const uint32_t bit = lane * width - (lane < 4 ? 0 : upper_offset * 8);
      shift[lane] = bit % 8;
      for (uint32_t byte = 0; byte < 4; ++byte) shuffle[lane * 4 + byte] = static_cast<uint8_t>(bit / 8 + byte);
    }
  }
};

SEXTANT_AVX2 inline __m256i load_lanes(const uint8_t* data, uint32_t upper_offset, __m256i shuffle) {
  const __m128i lower = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data));
  const __m128i upper = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + upper_offset));
  return _mm256_shuffle_epi8(_mm256_inserti128_si256(_mm256_castsi128_si256(lower), upper, 1), shuffle);
}

/// Codes that can be searched in steps without a load beyond the bytes.
uint32_t vector_count(const PackedBits& bits, uint32_t count) {
  const uint64_t reach = uint64_t{bits.width()} / 2 + 16;  // of the last eight, from their first byte
  const uint64_t step_bytes = uint64_t{kStep / 8} * bits.width();
  const uint64_t last = step_bytes - bits.width() + reach;  // bytes that one step touches
  if (bits.size() < last) return 0;
  const uint64_t steps = (bits.size() - last) / step_bytes + 1;
  return static_cast<uint32_t>(std::min<uint64_t>(steps, count / kStep) * kStep);
}

/// Searches the first vector_count() codes; returns how many these were.
SEXTANT_AVX2 uint32_t find_packed_avx2(const PackedBits& bits, uint32_t count, uint32_t wanted,
                                       std::vector<uint32_t>& positions) {
  const Lanes lanes(bits.width());
  const __m256i shuffle = _mm256_load_si256(reinterpret_cast<const __m256i*>(lanes.shuffle.data()));
  const __m256i shift = _mm256_load_si256(reinterpret_cast<const __m256i*>(lanes.shift.data()));
  const __m256i mask = _mm256_sllv_epi32(_mm256_set1_epi32(static_cast<int>(low_mask(bits.width()))), shift);
  const __m256i code = _mm256_sllv_epi32(_mm256_set1_epi32(static_cast<int>(wanted)), shift);
  const uint32_t end = vector_count(bits, count);
  const uint8_t* data = bits.data();
  const uint32_t width = bits.width();
  for (uint32_t begin = 0; begin < end; begin += kStep, data += size_t{4} * width) {
    __m256i equal[4];
    for (uint32_t i = 0; i < 4; ++i) {
      const __m256i lane = load_lanes(data + size_t{i} * width, lanes.upper_offset, shuffle);
      equal[i] = _mm256_cmpeq_epi32(_mm256_and_si256(lane, mask), code);
    }
    const __m256i any = _mm256_or_si256(_mm256_or_si256(equal[0], equal[1]), _mm256_or_si256(equal[2], equal[3]));
    if (_mm256_testz_si256(any, any) != 0) [[likely]]
      continue;
    // 32 bytes, one for each code, in the order of the two halves of each pack: put right by the permutation.
    const __m256i low = _mm256_packs_epi32(equal[0], equal[1]);
    const __m256i high = _mm256_packs_epi32(equal[2], equal[3]);
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    const __m256i bytes = _mm256_permutevar8x32_epi32(_mm256_packs_epi16(low, high), order);
    append_matches(begin, static_cast<uint32_t>(_mm256_movemask_epi8(bytes)), positions);
  }
  return end;
}

/// Which of eight codes have their bit set among `limit` bits: the first 256 of them from a register, others from
/// memory.
template <bool kFew>
SEXTANT_AVX2 inline uint32_t wanted_lanes(__m256i codes, __m256i limit, __m256i few, const int* words) {
  const __m256i within = _mm256_cmpgt_epi32(limit, codes);
  const __m256i index = _mm256_srli_epi32(codes, 5);
  const __m256i word = kFew ? _mm256_and_si256(_mm256_permutevar8x32_epi32(few, index), within)
                            : _mm256_mask_i32gather_epi32(_mm256_setzero_si256(), words, index, within, 4);
  const __m256i bit = _mm256_srlv_epi32(word, _mm256_and_si256(codes, _mm256_set1_epi32(31)));
  return static_cast<uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_slli_epi32(bit, 31))));
}

/// Searches the first vector_count() codes; returns how many these were.
template <bool kFew>
SEXTANT_AVX2 uint32_t find_any_avx2(const PackedBits& bits, uint32_t count, uint32_t cap,
                                    std::span<const uint64_t> wanted_bits, std::vector<uint32_t>& positions) {
  const Lanes lanes(bits.width());
  const __m256i shuffle = _mm256_load_si256(reinterpret_cast<const __m256i*>(lanes.shuffle.data()));
  const __m256i shift = _mm256_load_si256(reinterpret_cast<const __m256i*>(lanes.shift.data()));
  const __m256i mask = _mm256_set1_epi32(static_cast<int>(low_mask(bits.width())));
  const __m256i most = _mm256_set1_epi32(static_cast<int>(cap));
  const __m256i limit = _mm256_set1_epi32(static_cast<int>(std::min<uint64_t>(wanted_bits.size() * 64, 1 << 30)));
  std::array<uint64_t, 4> first{};
  std::copy_n(wanted_bits.begin(), std::min<size_t>(4, wanted_bits.size()), first.begin());
  const __m256i few = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(first.data()));
  const int* words = reinterpret_cast<const int*>(wanted_bits.data());
  const uint32_t end = vector_count(bits, count);
  const uint8_t* data = bits.data();
  for (uint32_t begin = 0; begin < end; begin += kStep) {
    uint32_t found = 0;
    for (uint32_t i = 0; i < 4; ++i, data += bits.width()) {
      const __m256i packed = load_lanes(data, lanes.upper_offset, shuffle);
      const __m256i codes = _mm256_min_epu32(_mm256_and_si256(_mm256_srlv_epi32(packed, shift), mask), most);
      found |= wanted_lanes<kFew>(codes, limit, few, words) << (8 * i);
    }
    append_matches(begin, found, positions);
  }
  return end;
}

bool has_avx2() {
  static const bool has = __builtin_cpu_supports("avx2") != 0;
  return has;
}
#endif

}  // namespace

void detail::find_packed_plain(const PackedBits& bits, uint32_t begin, uint32_t count, uint32_t wanted,
                               std::vector<uint32_t>& positions) {
  std::array<uint32_t, kStretch> codes;
  while (begin < count) {
    const std::span<uint32_t> some = std::span(codes).first(std::min(kStretch, count - begin));
    bits.read(begin, some, 0, ~uint32_t{0});
    for (uint32_t i = 0; i < some.size(); i += 32) {
      const uint32_t end = std::min<uint32_t>(32, static_cast<uint32_t>(some.size()) - i);
      uint32_t mask = 0;
      for (uint32_t k = 0; k < end; ++k) mask |= static_cast<uint32_t>(some[i + k] == wanted) << k;
      append_matches(begin + i, mask, positions);
    }
    begin += static_cast<uint32_t>(some.size());
  }
}

void find_packed(const PackedBits& bits, uint32_t count, uint32_t wanted, std::vector<uint32_t>& positions) {
  if (wanted > low_mask(bits.width())) return;
  uint32_t begin = 0;
#if defined(__x86_64__)
  if (bits.width() > 0 && bits.width() <= kVectorWidthMax && has_avx2()) {
    begin = find_packed_avx2(bits, count, wanted, positions);
  }
#endif
  detail::find_packed_plain(bits, begin, count, wanted, positions);
}

void find_any_packed(const PackedBits& bits, uint32_t count, uint32_t cap, std::span<const uint64_t> wanted_bits,
                     std::vector<uint32_t>& positions) {
  uint32_t begin = 0;
#if defined(__x86_64__)
  if (bits.width() > 0 && bits.width() <= kVectorWidthMax && has_avx2()) {
    begin = wanted_bits.size() <= 4 ? find_any_avx2<true>(bits, count, cap, wanted_bits, positions)
                                    : find_any_avx2<false>(bits, count, cap, wanted_bits, positions);
  }
#endif
  detail::find_any_plain(bits, begin, count, cap, wanted_bits, positions);
}

void detail::find_any_plain(const PackedBits& bits, uint32_t begin, uint32_t count, uint32_t cap,
                            std::span<const uint64_t> wanted_bits, std::vector<uint32_t>& positions) {
  std::array<uint32_t, kStretch> codes;
  const uint64_t codes_wanted = wanted_bits.size() * 64;
  while (begin < count) {
    const std::span<uint32_t> some = std::span(codes).first(std::min(kStretch, count - begin));
    bits.read(begin, some, 0, cap);
    for (uint32_t i = 0; i < some.size(); i += 32) {
      const uint32_t end = std::min<uint32_t>(32, static_cast<uint32_t>(some.size()) - i);
      uint32_t mask = 0;
      for (uint32_t k = 0; k < end; ++k) {
        const uint32_t code = some[i + k];
        const uint64_t bit = code < codes_wanted ? wanted_bits[code / 64] >> (code % 64) & 1 : 0;
        mask |= static_cast<uint32_t>(bit) << k;
      }
      append_matches(begin + i, mask, positions);
    }
    begin += static_cast<uint32_t>(some.size());
  }
}

}  // namespace sextant::persist
