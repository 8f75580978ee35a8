// A slice of a column of small codes (of a dictionary's values, of kinds, of statuses), all of one bit width, so that
// they can be searched while they are packed. Format: docs/formats/column.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "persist/column/bit_pack.h"

namespace sextant::persist {

/// Appends the codes: one for all, runs where these are long, or packed at the width of the greatest.
/// Requires: at most kColumnValuesMax codes.
void encode_codes(std::span<const uint32_t> codes, std::string& out);

/// Immutable after construction; a value that may be copied. Lifetime: that of the bytes.
class CodeColumn {
 public:
  /// An empty column.
  CodeColumn() = default;

  /// `bytes`: exactly what encode_codes() appended for `count` codes. kDataLoss when they cannot be that. Whatever the
  /// bytes are, no code is greater than max(): compare that with the dictionary's size, not every code.
  static Result<CodeColumn> open(std::string_view bytes, uint32_t count);

  /// Requires: i < size().
  uint32_t at(uint32_t i) const;
  /// The codes from `begin` on. Requires: begin + out.size() <= size().
  void read(uint32_t begin, std::span<uint32_t> out) const;

  uint32_t max() const { return max_; }
  uint32_t size() const { return count_; }

  /// Appends the positions at which `code` stands, ascending.
  void find(uint32_t code, std::vector<uint32_t>& positions) const;
  /// Appends the positions of codes whose bit is set (code c: bit c % 64 of word c / 64), ascending. Codes beyond the
  /// last word are not wanted.
  void find_any(std::span<const uint64_t> wanted_bits, std::vector<uint32_t>& positions) const;
  /// Adds to by_code[c] how often c occurs. Requires: by_code.size() > max(), unless the column is empty.
  void count(std::span<uint64_t> by_code) const;

 private:
  enum class Kind : uint8_t { kConstant = 0, kPacked = 1, kRuns = 2 };

  Result<void> open_runs(std::string_view bytes);
  uint32_t run_of(uint32_t i) const;
  /// Calls f(begin, end, code) for each run, in order.
  template <typename F>
  void for_each_run(F&& f) const;

  Kind kind_ = Kind::kConstant;
  uint32_t count_ = 0;
  uint32_t max_ = 0;
  PackedBits bits_;      // packed: the codes; runs: their codes
  PackedBits run_ends_;  // runs: the position behind each, less one
  uint32_t runs_ = 0;
};

}  // namespace sextant::persist
