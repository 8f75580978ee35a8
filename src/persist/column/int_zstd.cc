// The last resort for numbers that come again without order: their bytes, compressed together. Opening unfolds them
// all.
#include <algorithm>
#include <bit>
#include <cstring>

#include "persist/column/int_codec.h"
#include "persist/column/zstd_bytes.h"

namespace sextant::persist {
namespace {

/// Behind the last value, so that each can be loaded as a word.
constexpr size_t kPadding = 8;

uint32_t bytes_of(uint64_t range) {
  return (static_cast<uint32_t>(std::bit_width(range)) + 7) / 8;
}

void encode(std::span<const uint64_t> values, const IntStats& stats, std::string& out) {
  const uint32_t each = bytes_of(stats.max - stats.min);
  std::string raw(values.size() * each, '\0');
  char* to = raw.data();
  for (const uint64_t value : values) {
    const uint64_t above = value - stats.min;
    std::memcpy(to, &above, each);
    to += each;
  }
  put_int_bounds(stats, out);
  zstd_compress(raw, out);
}

Result<void> open(std::string_view bytes, IntView& view) {
  const std::string_view stored = TRY(open_int_bounds(bytes, view));
  view.value_bytes = bytes_of(view.max - view.min);
  auto raw = std::make_shared<std::string>();
  TRY(zstd_decompress(stored, uint64_t{view.count} * view.value_bytes, *raw));
  raw->append(kPadding, '\0');
  view.unfolded = std::move(raw);
  return {};
}

uint64_t at(const IntView& view, uint32_t i) {
  uint64_t value;
  std::memcpy(&value, view.unfolded->data() + size_t{i} * view.value_bytes, 8);
  return view.min + std::min(value & low_mask(8 * view.value_bytes), view.max - view.min);
}

template <typename T>
void read(const IntView& view, uint32_t begin, std::span<T> out) {
  const auto run = [&]<uint32_t kBytes>() {
    const char* from = view.unfolded->data() + size_t{begin} * kBytes;
    for (T& value : out) {
      uint64_t above;
      std::memcpy(&above, from, 8);
      from += kBytes;
      value = static_cast<T>(view.min + std::min(above & low_mask(8 * kBytes), view.max - view.min));
    }
  };
  switch (view.value_bytes) {
    case 1:
      return run.template operator()<1>();
    case 2:
      return run.template operator()<2>();
    case 3:
      return run.template operator()<3>();
    case 4:
      return run.template operator()<4>();
    case 5:
      return run.template operator()<5>();
    case 6:
      return run.template operator()<6>();
    case 7:
      return run.template operator()<7>();
    case 8:
      return run.template operator()<8>();
    default:
      std::ranges::fill(out, static_cast<T>(view.min));
  }
}

}  // namespace

const IntCodec kIntZstd{encode, open, at, read<uint64_t>, read<uint32_t>};

}  // namespace sextant::persist
