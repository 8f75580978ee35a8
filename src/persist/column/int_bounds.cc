// Eight numbers a step where the processor has AVX2: encoders ask twice for each value.
#include "persist/column/int_bounds.h"

#include <algorithm>

#if defined(__x86_64__)
#include <immintrin.h>
#define SEXTANT_AVX2 __attribute__((target("avx2")))
#endif

namespace sextant::persist {
namespace {

IntBounds bounds_plain(std::span<const uint64_t> values, IntBounds bounds) {
  for (const uint64_t value : values) {
    bounds.least = std::min(bounds.least, value);
    bounds.greatest = std::max(bounds.greatest, value);
  }
  return bounds;
}

#if defined(__x86_64__)
constexpr size_t kStep = 8;

/// Numbers whose top bit is flipped compare as signed ones do.
SEXTANT_AVX2 inline void widen(__m256i values, __m256i& least, __m256i& greatest) {
  least = _mm256_blendv_epi8(least, values, _mm256_cmpgt_epi64(least, values));
  greatest = _mm256_blendv_epi8(greatest, values, _mm256_cmpgt_epi64(values, greatest));
}

SEXTANT_AVX2 IntBounds bounds_avx2(std::span<const uint64_t> values) {
  const __m256i top = _mm256_set1_epi64x(static_cast<int64_t>(uint64_t{1} << 63));
  __m256i least[2];
  __m256i greatest[2];
  for (size_t k = 0; k < 2; ++k) {
    least[k] = greatest[k] = _mm256_xor_si256(_mm256_set1_epi64x(static_cast<int64_t>(values[0])), top);
  }
  const size_t steps = values.size() / kStep;
  for (size_t i = 0; i < steps; ++i) {
    const auto* from = reinterpret_cast<const __m256i*>(values.data() + i * kStep);
    widen(_mm256_xor_si256(_mm256_loadu_si256(from), top), least[0], greatest[0]);
    widen(_mm256_xor_si256(_mm256_loadu_si256(from + 1), top), least[1], greatest[1]);
  }
  alignas(32) uint64_t ends[16];
  for (size_t k = 0; k < 2; ++k) {
    _mm256_store_si256(reinterpret_cast<__m256i*>(ends + 4 * k), _mm256_xor_si256(least[k], top));
    _mm256_store_si256(reinterpret_cast<__m256i*>(ends + 8 + 4 * k), _mm256_xor_si256(greatest[k], top));
  }
  const IntBounds bounds = bounds_plain(ends, {values[0], values[0]});
  return bounds_plain(values.subspan(steps * kStep), bounds);
}
#endif

}  // namespace

IntBounds bounds_of(std::span<const uint64_t> values) {
#if defined(__x86_64__)
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  if (has_avx2) return bounds_avx2(values);
#endif
  return bounds_plain(values, {values[0], values[0]});
}

}  // namespace sextant::persist
