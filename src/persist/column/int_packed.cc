// Frame of reference: every value as its difference to the least, all of one width.
#include <bit>

#include "persist/column/int_codec.h"

namespace sextant::persist {
namespace {

uint32_t width_of(uint64_t range) {
  return static_cast<uint32_t>(std::bit_width(range));
}

void encode(std::span<const uint64_t> values, const IntStats& stats, std::string& out) {
  put_int_bounds(stats, out);
  pack_bits(values, stats.min, width_of(stats.max - stats.min), out);
}

Result<void> open(std::string_view bytes, IntView& view) {
  const std::string_view packed = TRY(open_int_bounds(bytes, view));
  const uint32_t width = width_of(view.max - view.min);
  if (packed.size() != packed_bytes(view.count, width)) {
    return fail(ErrorCode::kDataLoss, "packed column: {} bytes for {} numbers of {} bits", packed.size(), view.count,
                width);
  }
  view.bits = PackedBits(packed, width);
  return {};
}

uint64_t at(const IntView& view, uint32_t i) {
  return view.min + std::min(view.bits.at(i), view.max - view.min);
}

template <typename T>
void read(const IntView& view, uint32_t begin, std::span<T> out) {
  view.bits.read(begin, out, view.min, view.max - view.min);
}

}  // namespace

const IntCodec kIntPacked{encode, open, at, read<uint64_t>, read<uint32_t>};

}  // namespace sextant::persist
