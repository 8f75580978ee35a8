#include "persist/text/prefix_code.h"

#include <algorithm>
#include <numeric>

namespace sextant::persist {
namespace {

constexpr uint64_t kWhole = 1ULL << kCodeBitsMax;

/// Depths of the leaves of Huffman's tree, for ascending counts: the two smallest trees are joined again and again.
std::vector<uint32_t> tree_depths(const std::vector<uint64_t>& ascending) {
  const size_t leaves = ascending.size();
  std::vector<uint64_t> weights = ascending;
  weights.resize(2 * leaves - 1);
  std::vector<uint32_t> parents(2 * leaves - 1);
  size_t leaf = 0;
  size_t inner = leaves;
  for (size_t made = leaves; made < weights.size(); ++made) {
    for (int i = 0; i < 2; ++i) {
      const bool take_leaf = leaf < leaves && (inner >= made || weights[leaf] <= weights[inner]);
      const size_t taken = take_leaf ? leaf++ : inner++;
      weights[made] += weights[taken];
      parents[taken] = static_cast<uint32_t>(made);
    }
  }
  std::vector<uint32_t> depths(weights.size());
  for (size_t i = weights.size() - 1; i-- > 0;) depths[i] = depths[parents[i]] + 1;
  depths.resize(leaves);
  return depths;
}

/// Shortens codes that are too long, lengthens the rarest others until all fit again. Depths descend.
void limit_depths(std::vector<uint32_t>& depths) {
  uint64_t used = 0;
  for (uint32_t& depth : depths) {
    depth = std::min(depth, kCodeBitsMax);
    used += kWhole >> depth;
  }
  for (size_t i = 0; used > kWhole; i = (i + 1) % depths.size()) {
    if (depths[i] == kCodeBitsMax) continue;
    ++depths[i];
    used -= kWhole >> depths[i];
  }
}

}  // namespace

std::vector<uint8_t> code_lengths(std::span<const uint32_t> counts) {
  std::vector<uint32_t> symbols;
  for (uint32_t i = 0; i < counts.size(); ++i) {
    if (counts[i] != 0) symbols.push_back(i);
  }
  std::vector<uint8_t> lengths(counts.size());
  if (symbols.size() < 2) {
    for (const uint32_t symbol : symbols) lengths[symbol] = 1;
    return lengths;
  }
  std::ranges::stable_sort(symbols, {}, [&](uint32_t symbol) { return counts[symbol]; });
  std::vector<uint64_t> ascending;
  for (const uint32_t symbol : symbols) ascending.push_back(counts[symbol]);
  std::vector<uint32_t> depths = tree_depths(ascending);
  limit_depths(depths);
  for (size_t i = 0; i < symbols.size(); ++i) lengths[symbols[i]] = static_cast<uint8_t>(depths[i]);
  return lengths;
}

Result<PrefixCode> PrefixCode::make(std::vector<uint8_t> lengths) {
  PrefixCode code;
  uint32_t counts[kCodeBitsMax + 2] = {};
  uint64_t used = 0;
  for (const uint8_t length : lengths) {
    if (length > kCodeBitsMax) return fail(ErrorCode::kDataLoss, "a code of {} bits", length);
    if (length == 0) continue;
    ++counts[length];
    used += kWhole >> length;
  }
  if (used > kWhole) return fail(ErrorCode::kDataLoss, "code lengths that no code has");
  uint32_t next = 0;
  uint32_t place = 0;
  uint32_t places[kCodeBitsMax + 2] = {};
  for (uint32_t bits = 1; bits <= kCodeBitsMax + 1; ++bits) {
    next = (next + counts[bits - 1]) << 1;
    code.first_code_[bits] = next;
    code.first_place_[bits] = places[bits] = place;
    place += bits <= kCodeBitsMax ? counts[bits] : 0;
  }
  const uint32_t fast_bits = lengths.size() <= kSmallAlphabet ? kSmallFastBits : kFastBits;
  code.fast_shift_ = kCodeBitsMax - fast_bits;
  code.fast_.resize(size_t{1} << fast_bits);
  code.codes_.resize(lengths.size());
  code.by_code_.resize(place);
  for (uint32_t symbol = 0; symbol < lengths.size(); ++symbol) {
    const uint32_t bits = lengths[symbol];
    if (bits == 0) continue;
    const uint32_t at = places[bits]++;
    code.by_code_[at] = symbol;
    const uint32_t value = code.first_code_[bits] + at - code.first_place_[bits];
    code.codes_[symbol] = value * kLengthEnd + bits;
    if (bits > fast_bits) continue;
    const uint32_t spread = fast_bits - bits;
    std::fill_n(code.fast_.begin() + (value << spread), 1U << spread, symbol * 32 + bits);
  }
  code.lengths_ = std::move(lengths);
  return code;
}

uint32_t PrefixCode::take_long(uint32_t window, BitReader& in) const {
  for (uint32_t bits = kCodeBitsMax - fast_shift_ + 1; bits <= kCodeBitsMax; ++bits) {
    const uint32_t value = window >> (kCodeBitsMax - bits);
    const uint32_t count = first_place_[bits + 1] - first_place_[bits];
    if (value - first_code_[bits] >= count || value < first_code_[bits]) continue;
    in.skip(bits);
    return by_code_[first_place_[bits] + value - first_code_[bits]];
  }
  return kNone;
}

uint64_t PrefixCode::byte_size() const {
  return lengths_.capacity() + (codes_.capacity() + by_code_.capacity()) * sizeof(uint32_t) +
         fast_.capacity() * sizeof(uint32_t);
}

}  // namespace sextant::persist
