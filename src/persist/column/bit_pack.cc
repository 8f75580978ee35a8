// Packing and unpacking, one loop for each width: with the width known, shifts and masks are constants. Eight values of
// w bits are w bytes, so that every loop starts at a whole byte.
#include "persist/column/bit_pack.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/core/check.h"

namespace sextant::persist {
namespace {

constexpr uint32_t kGroup = 8;
/// Bytes that a group's loads may touch beyond its first byte.
constexpr size_t kGroupReach = 64 + 16;

enum class Cap : uint8_t { kNone, kCheck };

template <uint32_t W, uint32_t I>
uint64_t one_of_group(const uint8_t* data) {
  if constexpr (W == 0) return 0;
  constexpr uint32_t kBit = W * I;
  constexpr uint32_t kShift = kBit & 7;
  uint64_t word;
  std::memcpy(&word, data + (kBit >> 3), 8);
  word >>= kShift;
  if constexpr (kShift + W > 64) word |= uint64_t{data[(kBit >> 3) + 8]} << (64 - kShift);
  return word & low_mask(W);
}

template <uint32_t W, typename T, Cap kCap>
void unpack_groups(const uint8_t* data, size_t groups, T* out, uint64_t base, uint64_t cap) {
  for (; groups > 0; --groups, data += W, out += kGroup) {
    [&]<uint32_t... I>(std::integer_sequence<uint32_t, I...>) {
      if constexpr (kCap == Cap::kCheck) {
        ((out[I] = static_cast<T>(base + std::min(one_of_group<W, I>(data), cap))), ...);
      } else {
        ((out[I] = static_cast<T>(base + one_of_group<W, I>(data))), ...);
      }
    }(std::make_integer_sequence<uint32_t, kGroup>());
  }
}

template <typename T>
using UnpackGroups = void (*)(const uint8_t* data, size_t groups, T* out, uint64_t base, uint64_t cap);

template <typename T, Cap kCap>
constexpr auto kUnpackers = []<uint32_t... W>(std::integer_sequence<uint32_t, W...>) {
  return std::array<UnpackGroups<T>, sizeof...(W)>{&unpack_groups<W, T, kCap>...};
}(std::make_integer_sequence<uint32_t, 65>());

/// 64 values of W bits as W words. Unrolled, so that every shift and every branch is a constant.
template <uint32_t W>
void pack_block(const uint64_t* values, uint64_t base, uint64_t* words) {
  uint64_t word = 0;
#pragma GCC unroll 64
  for (uint32_t i = 0; i < 64; ++i) {
    const uint32_t fill = W * i % 64;
    const uint64_t value = (values[i] - base) & low_mask(W);
    word |= value << fill;
    if (fill + W < 64) continue;
    *words++ = word;
    word = fill + W > 64 ? value >> (64 - fill) % 64 : 0;
  }
}

using PackBlock = void (*)(const uint64_t* values, uint64_t base, uint64_t* words);
constexpr auto kPackers = []<uint32_t... W>(std::integer_sequence<uint32_t, W...>) {
  return std::array<PackBlock, sizeof...(W)>{&pack_block<W + 1>...};
}(std::make_integer_sequence<uint32_t, 64>());

/// Up to so many values are packed one by one, for which a block of 64 costs more.
constexpr size_t kFew = 24;

void pack_few(std::span<const uint64_t> values, uint64_t base, uint32_t width, char* to) {
  std::array<uint64_t, kFew + 1> words{};
  uint64_t bit = 0;
  for (const uint64_t one : values) {
    const uint64_t value = (one - base) & low_mask(width);
    const uint64_t offset = bit % 64;
    words[bit / 64] |= value << offset;
    if (offset > 0 && offset + width > 64) words[bit / 64 + 1] = value >> (64 - offset);
    bit += width;
  }
  std::memcpy(to, words.data(), packed_bytes(values.size(), width));
}

void pack_all(std::span<const uint64_t> values, uint64_t base, uint32_t width, char* to) {
  const PackBlock pack = kPackers[width - 1];
  std::array<uint64_t, 64> words;
  for (; values.size() >= 64; values = values.subspan(64), to += 8 * width) {
    pack(values.data(), base, words.data());
    std::memcpy(to, words.data(), 8 * width);
  }
  if (values.empty()) return;
  if (values.size() <= kFew) return pack_few(values, base, width, to);
  std::array<uint64_t, 64> rest;
  rest.fill(base);
  std::copy(values.begin(), values.end(), rest.begin());
  pack(rest.data(), base, words.data());
  std::memcpy(to, words.data(), packed_bytes(values.size(), width));
}

}  // namespace

void pack_bits(std::span<const uint64_t> values, uint64_t base, uint32_t width, std::string& out) {
  CHECK(width <= 64);
  if (width == 0) return;
  const size_t begin = out.size();
  const size_t end = begin + packed_bytes(values.size(), width);
  // Without filling with zeros first. The callback is told a capacity, not the size that was asked for.
  out.resize_and_overwrite(end, [&](char* bytes, size_t) {
    pack_all(values, base, width, bytes + begin);
    return end;
  });
}

uint64_t PackedBits::at_end(uint64_t bit) const {
  const uint64_t byte = bit >> 3;
  std::array<uint8_t, 16> padded{};
  if (byte < size_) std::memcpy(padded.data(), data_ + byte, std::min<size_t>(9, size_ - byte));
  const uint32_t shift = bit & 7;
  uint64_t word;
  std::memcpy(&word, padded.data(), 8);
  word >>= shift;
  if (shift + width_ > 64) word |= uint64_t{padded[8]} << (64 - shift);
  return word & low_mask(width_);
}

template <typename T>
void PackedBits::read_any(uint32_t begin, std::span<T> out, uint64_t base, uint64_t cap) const {
  const auto one = [&](uint32_t i) { return static_cast<T>(base + std::min(at(i), cap)); };
  T* to = out.data();
  T* const end = to + out.size();
  for (; to < end && begin % kGroup != 0; ++begin) *to++ = one(begin);

  const UnpackGroups<T> unpack =
      low_mask(width_) <= cap ? kUnpackers<T, Cap::kNone>[width_] : kUnpackers<T, Cap::kCheck>[width_];
  const size_t offset = uint64_t{begin / kGroup} * width_;
  // A group's last load reaches beyond the group: the fast loop stops where that would leave the bytes.
  size_t groups = static_cast<size_t>(end - to) / kGroup;
  if (width_ > 0) {
    const size_t left = size_ > offset + 9 ? size_ - offset - 9 : 0;
    groups = std::min(groups, left / width_);
  }
  unpack(data_ + offset, groups, to, base, cap);
  to += groups * kGroup;
  begin += static_cast<uint32_t>(groups * kGroup);

  std::array<uint8_t, kGroupReach> padded{};
  while (to < end) {
    const size_t from = uint64_t{begin / kGroup} * width_;
    const size_t size = from < size_ ? std::min<size_t>(width_, size_ - from) : 0;
    if (size > 0) std::memcpy(padded.data(), data_ + from, size);
    std::array<T, kGroup> group;
    unpack(padded.data(), 1, group.data(), base, cap);
    const size_t values = std::min<size_t>(kGroup, static_cast<size_t>(end - to));
    to = std::copy_n(group.begin(), values, to);
    begin += static_cast<uint32_t>(values);
  }
}

void PackedBits::read(uint32_t begin, std::span<uint64_t> out, uint64_t base, uint64_t cap) const {
  read_any(begin, out, base, cap);
}

void PackedBits::read(uint32_t begin, std::span<uint32_t> out, uint64_t base, uint64_t cap) const {
  read_any(begin, out, base, cap);
}

}  // namespace sextant::persist
