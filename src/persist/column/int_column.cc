// The table of encodings of numbers, and the choice between them.
#include "persist/column/int_column.h"

#include <array>
#include <bit>
#include <limits>
#include <utility>

#include "base/core/check.h"
#include "persist/column/limits.h"
#include "persist/format/bytes.h"

namespace sextant::persist {
namespace {

const std::array<const IntCodec*, kIntTagLast + 1> kCodecs = {
    &kIntConstant, &kIntPacked, &kIntFramed, &kIntDelta, &kIntDeltaOfDelta, &kIntDictionary, &kIntZstd};

void encode_with(IntTag tag, std::span<const uint64_t> values, const IntStats& stats, std::string& out) {
  put_u8(out, static_cast<uint8_t>(tag));
  kCodecs[static_cast<size_t>(tag)]->encode(values, stats, out);
}

IntTag choose_flat(const IntStats& stats) {
  if (stats.min == stats.max) return IntTag::kConstant;
  // Packed values are found and read faster: frames must save 3 % to be worth it.
  return stats.framed_bits + stats.packed_bits / 32 < stats.packed_bits ? IntTag::kFramed : IntTag::kPacked;
}

struct Choice {
  IntTag tag;
  uint64_t bits;
};

Choice choose(const IntStats& stats, size_t count) {
  Choice best{choose_flat(stats), stats.packed_bits};
  if (best.tag == IntTag::kFramed) best.bits = stats.framed_bits;
  if (best.tag == IntTag::kConstant) return best;
  // One value of a delta encoding costs a frame: 5 % must be saved, and as much again for the second order.
  if (stats.delta_bits + best.bits / 20 < best.bits) best = {IntTag::kDelta, stats.delta_bits};
  if (stats.delta_of_delta_bits + best.bits / 20 < best.bits) best = {IntTag::kDeltaOfDelta, stats.delta_of_delta_bits};
  if (stats.distinct.size() > 1) {
    const uint64_t bits = stats.distinct.size() * static_cast<uint64_t>(std::bit_width(stats.max - stats.min)) +
                          count * static_cast<uint64_t>(std::bit_width(stats.distinct.size() - 1));
    if (bits < best.bits) best = {IntTag::kDictionary, bits};
  }
  return best;
}

/// Below this many bytes compression has nothing to work with.
constexpr uint64_t kZstdBytesMin = 64;

/// Unless values come in patterns, compression stays a bit or more above their entropy.
bool zstd_may_win(size_t count, const IntStats& stats, size_t bytes) {
  return (stats.sampled_entropy_bits + 1) * static_cast<double>(count) < 0.9 * 8 * static_cast<double>(bytes);
}

Result<IntView> open_view(std::string_view bytes, uint32_t count, IntTag last) {
  if (count > kColumnValuesMax) return fail(ErrorCode::kDataLoss, "column of {} numbers", count);
  ByteReader in(bytes);
  const uint8_t tag = in.u8();
  if (in.failed() || tag > static_cast<uint8_t>(last)) return fail(ErrorCode::kDataLoss, "no encoding {}", tag);
  IntView view;
  view.count = count;
  view.codec = kCodecs[tag];
  if (count == 0 && view.codec != &kIntConstant) return fail(ErrorCode::kDataLoss, "column of no numbers has bytes");
  TRY(view.codec->open(in.bytes(in.left()), view));
  return view;
}

}  // namespace

void put_int_bounds(const IntStats& stats, std::string& out) {
  put_varint(out, stats.min);
  put_varint(out, stats.max - stats.min);
}

Result<std::string_view> open_int_bounds(std::string_view bytes, IntView& view) {
  ByteReader in(bytes);
  view.min = in.varint();
  view.max = view.min + in.varint_max(std::numeric_limits<uint64_t>::max() - view.min);
  if (in.failed() || view.min == view.max) return fail(ErrorCode::kDataLoss, "column without bounds");
  return in.bytes(in.left());
}

void encode_flat_ints(std::span<const uint64_t> values, std::string& out) {
  const IntStats stats = int_stats(values, Look::kFlat);
  encode_with(choose_flat(stats), values, stats, out);
}

Result<IntView> open_flat_ints(std::string_view bytes, uint32_t count) {
  return open_view(bytes, count, IntTag::kFramed);
}

void encode_ints(std::span<const uint64_t> values, std::string& out) {
  CHECK(values.size() <= kColumnValuesMax);
  const IntStats stats = int_stats(values, Look::kAll);
  const Choice best = choose(stats, values.size());
  const size_t begin = out.size();
  encode_with(best.tag, values, stats, out);
  const size_t bytes = out.size() - begin;
  if (best.tag == IntTag::kConstant || bytes < kZstdBytesMin || !zstd_may_win(values.size(), stats, bytes)) return;
  std::string compressed;
  encode_with(IntTag::kZstd, values, stats, compressed);
  if (compressed.size() + bytes / 10 > bytes) return;
  out.resize(begin);
  out += compressed;
}

Result<IntColumn> IntColumn::open(std::string_view bytes, uint32_t count) {
  return IntColumn(TRY(open_view(bytes, count, IntTag::kZstd)));
}

uint64_t IntColumn::at(uint32_t i) const {
  CHECK(i < view_.count);
  return view_.codec->at(view_, i);
}

void IntColumn::read(uint32_t begin, std::span<uint64_t> out) const {
  CHECK(begin <= view_.count && out.size() <= view_.count - begin);
  if (!out.empty()) view_.codec->read_u64(view_, begin, out);
}

void IntColumn::read(uint32_t begin, std::span<uint32_t> out) const {
  CHECK(begin <= view_.count && out.size() <= view_.count - begin);
  if (out.empty()) return;
  CHECK(view_.max <= std::numeric_limits<uint32_t>::max());
  view_.codec->read_u32(view_, begin, out);
}

}  // namespace sextant::persist
