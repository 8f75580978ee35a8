// Searching codes while they are packed: eight at a time where the processor has AVX2.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "persist/column/bit_pack.h"

namespace sextant::persist {

/// Appends the positions of `wanted` among the first `count` values, ascending.
void find_packed(const PackedBits& bits, uint32_t count, uint32_t wanted, std::vector<uint32_t>& positions);

/// Appends the positions whose value min(value, cap) has its bit set, ascending; bits beyond the words are not set.
void find_any_packed(const PackedBits& bits, uint32_t count, uint32_t cap, std::span<const uint64_t> wanted_bits,
                     std::vector<uint32_t>& positions);

namespace detail {
/// The same in plain C++, for processors without AVX2; tests compare both.
void find_packed_plain(const PackedBits& bits, uint32_t begin, uint32_t count, uint32_t wanted,
                       std::vector<uint32_t>& positions);
void find_any_plain(const PackedBits& bits, uint32_t begin, uint32_t count, uint32_t cap,
                    std::span<const uint64_t> wanted_bits, std::vector<uint32_t>& positions);
}  // namespace detail

}  // namespace sextant::persist
