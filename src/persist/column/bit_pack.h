// Values of one bit width, one after the other without gaps, lowest bits first: the form that all encodings of numbers
// end in. Value i stands at bit i × width, so that each can be read alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace sextant::persist {

/// Bytes of `count` values of `width` bits.
inline constexpr uint64_t packed_bytes(uint64_t count, uint32_t width) {
  return (count * width + 7) / 8;
}

/// Ones in the lowest `width` bits, 0 to 64.
inline constexpr uint64_t low_mask(uint32_t width) {
  return width == 0 ? 0 : ~uint64_t{0} >> (64 - width);
}

/// Appends the lowest `width` bits (0 to 64) of each value - base (modulo 2^64).
void pack_bits(std::span<const uint64_t> values, uint64_t base, uint32_t width, std::string& out);

/// Packed values where they lie. Immutable value. Lifetime: that of the bytes.
class PackedBits {
 public:
  PackedBits() = default;
  /// Requires: as many bytes as packed_bytes() says for the values that will be asked for; width 0 to 64.
  PackedBits(std::string_view bytes, uint32_t width)
      : data_(reinterpret_cast<const uint8_t*>(bytes.data())), size_(bytes.size()), width_(width) {}

  uint64_t at(uint32_t i) const {
    const uint64_t bit = uint64_t{i} * width_;
    const uint64_t byte = bit >> 3;
    if (byte + 9 > size_) [[unlikely]]
      return at_end(bit);
    uint64_t word;
    std::memcpy(&word, data_ + byte, 8);
    const uint32_t shift = bit & 7;
    word >>= shift;
    if (shift + width_ > 64) word |= uint64_t{data_[byte + 8]} << (64 - shift);
    return word & low_mask(width_);
  }

  /// For each value from `begin` on: base + min(value, cap), so that what comes out lies in [base, base + cap] whatever
  /// the bytes are.
  void read(uint32_t begin, std::span<uint64_t> out, uint64_t base, uint64_t cap) const;
  void read(uint32_t begin, std::span<uint32_t> out, uint64_t base, uint64_t cap) const;

  const uint8_t* data() const { return data_; }
  size_t size() const { return size_; }
  uint32_t width() const { return width_; }

 private:
  uint64_t at_end(uint64_t bit) const;
  template <typename T>
  void read_any(uint32_t begin, std::span<T> out, uint64_t base, uint64_t cap) const;

  const uint8_t* data_ = nullptr;
  size_t size_ = 0;
  uint32_t width_ = 0;
};

}  // namespace sextant::persist
