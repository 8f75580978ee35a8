// Prefix codes (Huffman) over large alphabets, and the bits they are written in. Codes are canonical: lengths say all.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"

namespace sextant::persist {

/// Longest code, bits. Alphabets have at most a million symbols; what is rarer than one in a million costs the same.
inline constexpr uint32_t kCodeBitsMax = 20;

/// Lengths (1 to kCodeBitsMax) for symbols of these counts, 0 for a count of 0. A single symbol gets one bit.
std::vector<uint8_t> code_lengths(std::span<const uint32_t> counts);

/// Appends bits, highest first; they are with their owner after finish(). Thread-confined.
class BitWriter {
 public:
  explicit BitWriter(std::string& out) : out_(out) {}

  /// Requires: bits <= 32, value < 2^bits. Where a byte ends follows no pattern, so all there is is written each time.
  void put(uint32_t value, uint32_t bits) {
    pending_ |= uint64_t{value} << 1 << (63 - count_ - bits);
    count_ += bits;
    const uint64_t word = __builtin_bswap64(pending_);
    std::memcpy(buffer_ + used_, &word, sizeof word);
    used_ += count_ / 8;
    pending_ <<= count_ / 8 * 8;
    count_ %= 8;
    if (used_ > sizeof buffer_ - 2 * sizeof word) [[unlikely]]
      spill();
  }
  /// Fills the last byte with zeros.
  void finish() {
    spill();
    if (count_ > 0) out_.push_back(static_cast<char>(pending_ >> 56));
    count_ = 0;
    pending_ = 0;
  }

 private:
  void spill() {
    out_.append(buffer_, used_);
    used_ = 0;
  }
  std::string& out_;
  uint64_t pending_ = 0;  // from the highest bit on
  uint32_t count_ = 0;    // of them; less than eight
  uint32_t used_ = 0;
  char buffer_[512];
};

/// Reads bits from bytes that may be anything; behind the end there are zeros, and overrun() says so.
/// Thread-confined value.
class BitReader {
 public:
  explicit BitReader(std::string_view bytes) : bytes_(bytes) {}

  /// The next `bits` without moving on. Requires: 1 <= bits <= 32.
  uint32_t peek(uint32_t bits) {
    if (count_ < bits) refill();
    return static_cast<uint32_t>(pending_ >> (64 - bits));
  }
  void skip(uint32_t bits) {
    pending_ <<= bits;
    count_ -= bits;
  }
  uint32_t take(uint32_t bits) {
    if (bits == 0) return 0;
    const uint32_t value = peek(bits);
    skip(bits);
    return value;
  }
  /// True when bits were taken that are not there.
  bool overrun() const { return padding_ > count_; }

 private:
  void refill() {
    if (bytes_.size() - at_ >= 8) {
      uint64_t next = 0;
      std::memcpy(&next, bytes_.data() + at_, 8);
      // Whole bytes only: what does not fit is read again.
      pending_ |= __builtin_bswap64(next) >> count_;
      const uint32_t taken = (64 - count_) / 8;
      at_ += taken;
      count_ += taken * 8;
      pending_ &= count_ == 64 ? ~uint64_t{0} : ~(~uint64_t{0} >> count_);
      return;
    }
    while (count_ <= 56) {
      uint64_t byte = 0;
      if (at_ < bytes_.size()) {
        byte = static_cast<uint8_t>(bytes_[at_++]);
      } else {
        padding_ += 8;
      }
      pending_ |= byte << (56 - count_);
      count_ += 8;
    }
  }
  const std::string_view bytes_;
  size_t at_ = 0;
  uint64_t pending_ = 0;
  uint32_t count_ = 0;
  uint64_t padding_ = 0;
};

/// A code for writing and reading. Immutable after construction.
class PrefixCode {
 public:
  PrefixCode() = default;
  /// kDataLoss when no prefix code has these lengths.
  static Result<PrefixCode> make(std::vector<uint8_t> lengths);

  bool has(uint32_t symbol) const { return codes_[symbol] != 0; }
  /// Bits of a symbol's code, 0 when it has none. Requires, here and below: symbol < the number of lengths.
  uint32_t bits(uint32_t symbol) const { return codes_[symbol] % kLengthEnd; }
  /// Requires: has(symbol).
  void put(uint32_t symbol, BitWriter& out) const { out.put(codes_[symbol] / kLengthEnd, codes_[symbol] % kLengthEnd); }

  static constexpr uint32_t kNone = UINT32_MAX;
  /// kNone when the bits are no code.
  uint32_t take(BitReader& in) const {
    const uint32_t window = in.peek(kCodeBitsMax);
    const uint32_t fast = fast_[window >> fast_shift_];
    if (fast != 0) [[likely]] {
      in.skip(fast % 32);
      return fast / 32;
    }
    return take_long(window, in);
  }
  std::span<const uint8_t> lengths() const { return lengths_; }
  uint64_t byte_size() const;

 private:
  /// Of the window a short code is looked up by; a small alphabet has few long ones and takes less memory.
  static constexpr uint32_t kFastBits = 12;
  static constexpr uint32_t kSmallFastBits = 9;
  static constexpr size_t kSmallAlphabet = 512;
  static constexpr uint32_t kLengthEnd = 32;
  static_assert(kCodeBitsMax < kLengthEnd && (1ULL << kCodeBitsMax) * kLengthEnd <= 1ULL << 32);
  uint32_t take_long(uint32_t window, BitReader& in) const;
  std::vector<uint8_t> lengths_;
  std::vector<uint32_t> codes_;    // code * kLengthEnd + bits: one look for both; 0: the symbol has none
  std::vector<uint32_t> by_code_;  // symbols in the order of their codes
  uint32_t fast_shift_ = kCodeBitsMax;
  std::vector<uint32_t> fast_ = std::vector<uint32_t>(1);  // symbol * 32 + bits of short codes
  uint32_t first_code_[kCodeBitsMax + 2] = {};             // of each length
  uint32_t first_place_[kCodeBitsMax + 2] = {};            // in by_code_
};

}  // namespace sextant::persist
