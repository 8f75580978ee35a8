#include "base/core/hash.h"

// The hash of a short key costs little more than a call into a shared library would.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <sys/auxv.h>

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace sextant {
namespace {

constexpr uint32_t kPolynomialReflected = 0x82F63B78;

constexpr std::array<uint32_t, 256> make_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomialReflected : 0);
    table[i] = crc;
  }
  return table;
}

constexpr auto kTable = make_table();

uint32_t crc32c_portable(std::string_view bytes, uint32_t crc) {
  for (unsigned char byte : bytes) crc = (crc >> 8) ^ kTable[(crc ^ byte) & 0xFF];
  return crc;
}

#if defined(__x86_64__)
/// The instruction gives its result three steps late: three stretches of a text are summed up side by side.
constexpr size_t kLaneBytes = 512;
static_assert((kLaneBytes & (kLaneBytes - 1)) == 0);

/// What a checksum becomes when kLaneBytes zeros follow it, byte by byte of the checksum: the sum of the four parts.
constexpr auto kShiftTables = [] {
  using Operator = std::array<uint32_t, 32>;  // what each bit becomes
  const auto apply = [](const Operator& by, uint32_t crc) {
    uint32_t out = 0;
    for (size_t bit = 0; crc != 0; crc >>= 1, ++bit) out ^= (crc & 1) != 0 ? by[bit] : 0;
    return out;
  };
  Operator zeros{};  // one byte, then twice as many with each round
  for (uint32_t bit = 0; bit < 32; ++bit) zeros[bit] = ((1U << bit) >> 8) ^ kTable[(1U << bit) & 0xFF];
  for (size_t bytes = 1; bytes < kLaneBytes; bytes *= 2) {
    Operator twice{};
    for (size_t bit = 0; bit < 32; ++bit) twice[bit] = apply(zeros, zeros[bit]);
    zeros = twice;
  }
  std::array<std::array<uint32_t, 256>, 4> tables{};
  for (size_t place = 0; place < 4; ++place) {
    for (uint32_t byte = 0; byte < 256; ++byte) tables[place][byte] = apply(zeros, byte << 8 * place);
  }
  return tables;
}();

uint32_t shift_lane(uint32_t crc) {
  return kShiftTables[0][crc & 0xFF] ^ kShiftTables[1][crc >> 8 & 0xFF] ^ kShiftTables[2][crc >> 16 & 0xFF] ^
         kShiftTables[3][crc >> 24];
}

uint64_t load_word(const char* p) {
  uint64_t word;
  std::memcpy(&word, p, 8);
  return word;
}

__attribute__((target("sse4.2"))) uint32_t crc32c_sse42(std::string_view bytes, uint32_t crc) {
  const char* p = bytes.data();
  size_t left = bytes.size();
  for (; left >= 3 * kLaneBytes; left -= 3 * kLaneBytes, p += 3 * kLaneBytes) {
    uint64_t first = crc;
    uint64_t second = 0;
    uint64_t third = 0;
    for (size_t i = 0; i < kLaneBytes; i += 8) {
      first = _mm_crc32_u64(first, load_word(p + i));
      second = _mm_crc32_u64(second, load_word(p + kLaneBytes + i));
      third = _mm_crc32_u64(third, load_word(p + 2 * kLaneBytes + i));
    }
    crc = shift_lane(shift_lane(static_cast<uint32_t>(first)) ^ static_cast<uint32_t>(second));
    crc ^= static_cast<uint32_t>(third);
  }
  uint64_t wide = crc;
  for (; left >= 8; left -= 8, p += 8) wide = _mm_crc32_u64(wide, load_word(p));
  crc = static_cast<uint32_t>(wide);
  for (; left > 0; --left, ++p) crc = _mm_crc32_u8(crc, static_cast<unsigned char>(*p));
  return crc;
}
#endif

/// The kernel hands every program 16 random bytes.
uint64_t make_secret() {
  uint64_t secret = 0x9E3779B97F4A7C15;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): that is how the kernel gives it
  const auto* random = reinterpret_cast<const void*>(getauxval(AT_RANDOM));
  if (random != nullptr) std::memcpy(&secret, random, sizeof secret);
  return XXH3_64bits(&secret, sizeof secret);
}

}  // namespace

const uint64_t hash_secret = make_secret();

uint64_t hash64(std::string_view bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

uint32_t crc32c(std::string_view bytes, uint32_t previous) {
  uint32_t crc = ~previous;
#if defined(__x86_64__)
  static const bool has_sse42 = __builtin_cpu_supports("sse4.2") != 0;
  if (has_sse42) return ~crc32c_sse42(bytes, crc);
#endif
  return ~crc32c_portable(bytes, crc);
}

}  // namespace sextant
