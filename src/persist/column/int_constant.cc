// One value for all; also the form of a slice without values.
#include <algorithm>

#include "persist/column/int_codec.h"
#include "persist/format/bytes.h"

namespace sextant::persist {
namespace {

void encode(std::span<const uint64_t>, const IntStats& stats, std::string& out) {
  put_varint(out, stats.min);
}

Result<void> open(std::string_view bytes, IntView& view) {
  ByteReader in(bytes);
  view.min = view.max = in.varint();
  if (in.failed() || !in.at_end()) return fail(ErrorCode::kDataLoss, "column of one number: not one number");
  return {};
}

uint64_t at(const IntView& view, uint32_t) {
  return view.min;
}

template <typename T>
void read(const IntView& view, uint32_t, std::span<T> out) {
  std::ranges::fill(out, static_cast<T>(view.min));
}

}  // namespace

const IntCodec kIntConstant{encode, open, at, read<uint64_t>, read<uint32_t>};

}  // namespace sextant::persist
