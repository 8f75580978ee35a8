// Few distinct numbers of whatever size: a table of them, ascending, and for each value its place in the table.
#include <algorithm>
#include <array>
#include <bit>

#include "base/core/check.h"
#include "persist/column/int_codec.h"
#include "persist/format/bytes.h"

namespace sextant::persist {
namespace {

/// Places that are decoded together.
constexpr size_t kStretch = 256;

uint32_t width_of(uint64_t value) {
  return static_cast<uint32_t>(std::bit_width(value));
}

/// Places of the distinct values by hash: a binary search would guess wrong at each step. Immutable.
class Places {
 public:
  explicit Places(std::span<const uint64_t> distinct) : distinct_(distinct) {
    for (size_t place = 0; place < distinct.size(); ++place) {
      size_t slot = first_slot(distinct[place]);
      while (slots_[slot] != 0) slot = (slot + 1) % kSlots;
      slots_[slot] = static_cast<uint16_t>(place + 1);
    }
  }
  /// Requires: one of the distinct values.
  uint64_t of(uint64_t value) const {
    size_t slot = first_slot(value);
    while (distinct_[slots_[slot] - 1U] != value) slot = (slot + 1) % kSlots;
    return slots_[slot] - 1U;
  }

 private:
  static constexpr size_t kSlots = 1024;
  static_assert(kSlots >= 4 * kIntDistinctMax);
  static size_t first_slot(uint64_t value) { return (value * 0x9E3779B97F4A7C15ULL) >> 54; }

  std::span<const uint64_t> distinct_;
  std::array<uint16_t, kSlots> slots_{};  // a place plus one; 0 when free
};

void encode(std::span<const uint64_t> values, const IntStats& stats, std::string& out) {
  CHECK(stats.distinct.size() > 1 && stats.distinct.size() <= kIntDistinctMax);
  const Places table(stats.distinct);
  std::vector<uint64_t> places(values.size());
  for (size_t i = 0; i < values.size(); ++i) places[i] = table.of(values[i]);
  put_int_bounds(stats, out);
  put_u8(out, static_cast<uint8_t>(stats.distinct.size() - 1));
  pack_bits(stats.distinct, stats.min, width_of(stats.max - stats.min), out);
  pack_bits(places, 0, width_of(stats.distinct.size() - 1), out);
}

Result<void> open(std::string_view bytes, IntView& view) {
  ByteReader in(TRY(open_int_bounds(bytes, view)));
  view.last_place = in.u8();
  const uint32_t table_width = width_of(view.max - view.min);
  view.table = PackedBits(in.bytes(packed_bytes(view.last_place + 1U, table_width)), table_width);
  const uint32_t width = width_of(view.last_place);
  view.bits = PackedBits(in.bytes(packed_bytes(view.count, width)), width);
  if (in.failed() || !in.at_end()) return fail(ErrorCode::kDataLoss, "dictionary column: wrong size");
  return {};
}

uint64_t at(const IntView& view, uint32_t i) {
  const uint64_t place = std::min<uint64_t>(view.bits.at(i), view.last_place);
  return view.min + std::min(view.table.at(static_cast<uint32_t>(place)), view.max - view.min);
}

template <typename T>
void read(const IntView& view, uint32_t begin, std::span<T> out) {
  std::array<T, kIntDistinctMax> table;
  view.table.read(0, std::span(table).first(view.last_place + 1U), view.min, view.max - view.min);
  std::array<uint32_t, kStretch> places;
  while (!out.empty()) {
    const std::span<uint32_t> some = std::span(places).first(std::min(kStretch, out.size()));
    view.bits.read(begin, some, 0, view.last_place);
    for (size_t i = 0; i < some.size(); ++i) out[i] = table[some[i]];
    begin += static_cast<uint32_t>(some.size());
    out = out.subspan(some.size());
  }
}

}  // namespace

const IntCodec kIntDictionary{encode, open, at, read<uint64_t>, read<uint32_t>};

}  // namespace sextant::persist
