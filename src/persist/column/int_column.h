// A slice of a column of numbers (times, durations, counts, sizes), in the smallest of several encodings, chosen by
// looking at the values. Format: docs/formats/column.md.
//
//   std::string bytes;
//   encode_ints(durations, bytes);
//   const IntColumn column = TRY(IntColumn::open(bytes, durations.size()));
//   column.read(0, out);
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/core/result.h"
#include "persist/column/int_codec.h"

namespace sextant::persist {

/// Appends the values in the smallest encoding. Requires: at most kColumnValuesMax values. Signed numbers: cast them;
/// where both signs occur, zigzag() of persist/format/bytes.h keeps small ones small.
void encode_ints(std::span<const uint64_t> values, std::string& out);

/// Immutable after construction; a value that may be copied. Lifetime: that of the bytes.
class IntColumn {
 public:
  /// An empty column.
  IntColumn() = default;

  /// `bytes`: exactly what encode_ints() appended for `count` values. kDataLoss when they cannot be that. Bytes that
  /// pass although they are damaged give wrong values, but within min() and max(), and are read within their bounds.
  static Result<IntColumn> open(std::string_view bytes, uint32_t count);

  /// Requires: i < size(). A delta encoding reads a frame of 128 values for it, all others the value alone.
  uint64_t at(uint32_t i) const;

  /// The values from `begin` on. Requires: begin + out.size() <= size(); for 32 bits: max() fits.
  void read(uint32_t begin, std::span<uint64_t> out) const;
  void read(uint32_t begin, std::span<uint32_t> out) const;

  /// The least and greatest value, known without reading the values; 0 for an empty column.
  uint64_t min() const { return view_.min; }
  uint64_t max() const { return view_.max; }
  uint32_t size() const { return view_.count; }

 private:
  explicit IntColumn(IntView view) : view_(std::move(view)) {}
  IntView view_;
};

}  // namespace sextant::persist
