// Codes of one width, or in runs. A run is found by binary search over packed ends, so that nothing is made on opening.
#include "persist/column/code_column.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/core/check.h"
#include "persist/column/code_scan.h"
#include "persist/column/limits.h"
#include "persist/format/bytes.h"

namespace sextant::persist {
namespace {

constexpr uint32_t kStretch = 512;
/// Runs shorter than this on average are read slower than packed codes.
constexpr uint64_t kRunLengthMin = 8;

uint32_t width_of(uint64_t value) {
  return static_cast<uint32_t>(std::bit_width(value));
}

/// Packs numbers of 32 bits without a copy of them all.
template <typename Next>
void pack_codes(uint32_t count, uint32_t width, Next&& next, std::string& out) {
  std::array<uint64_t, kStretch> some;  // a multiple of 8, so that each stretch ends with a whole byte
  for (uint32_t begin = 0; begin < count; begin += kStretch) {
    const uint32_t size = std::min(kStretch, count - begin);
    for (uint32_t i = 0; i < size; ++i) some[i] = next(begin + i);
    pack_bits(std::span(some).first(size), 0, width, out);
  }
}

struct CodeStats {
  uint32_t max = 0;
  uint32_t runs = 0;
};

CodeStats code_stats(std::span<const uint32_t> codes) {
  CodeStats stats{codes[0], 1};
  for (size_t i = 1; i < codes.size(); ++i) {
    stats.max = std::max(stats.max, codes[i]);
    stats.runs += codes[i] != codes[i - 1] ? 1 : 0;
  }
  return stats;
}

void encode_runs(std::span<const uint32_t> codes, const CodeStats& stats, std::string& out) {
  std::vector<uint32_t> values;
  std::vector<uint32_t> lasts;
  for (uint32_t i = 0; i < codes.size(); ++i) {
    if (i + 1 < codes.size() && codes[i] == codes[i + 1]) continue;
    values.push_back(codes[i]);
    lasts.push_back(i);
  }
  CHECK(values.size() == stats.runs);
  put_varint(out, stats.runs);
  pack_codes(stats.runs, width_of(stats.max), [&](uint32_t i) { return values[i]; }, out);
  pack_codes(stats.runs, width_of(codes.size() - 1), [&](uint32_t i) { return lasts[i]; }, out);
}

}  // namespace

void encode_codes(std::span<const uint32_t> codes, std::string& out) {
  CHECK(codes.size() <= kColumnValuesMax);
  const auto count = static_cast<uint32_t>(codes.size());
  const CodeStats stats = codes.empty() ? CodeStats{0, 1} : code_stats(codes);
  const auto begin = [&](uint8_t kind) {
    put_u8(out, kind);
    put_varint(out, stats.max);
  };
  if (stats.runs == 1) return begin(0);
  const uint32_t width = width_of(stats.max);
  const uint64_t packed_bits = uint64_t{count} * width;
  const uint64_t run_bits = uint64_t{stats.runs} * (width + width_of(count - 1)) + 16;
  if (stats.runs * kRunLengthMin <= count && run_bits + packed_bits / 4 < packed_bits) {
    begin(2);
    encode_runs(codes, stats, out);
  } else {
    begin(1);
    pack_codes(count, width, [&](uint32_t i) { return codes[i]; }, out);
  }
}

Result<CodeColumn> CodeColumn::open(std::string_view bytes, uint32_t count) {
  if (count > kColumnValuesMax) return fail(ErrorCode::kDataLoss, "column of {} codes", count);
  ByteReader in(bytes);
  CodeColumn column;
  const uint8_t kind = in.u8();
  column.count_ = count;
  column.max_ = static_cast<uint32_t>(in.varint_max(~uint32_t{0}));
  if (in.failed() || kind > static_cast<uint8_t>(Kind::kRuns)) return fail(ErrorCode::kDataLoss, "no column of codes");
  column.kind_ = static_cast<Kind>(kind);
  if (column.kind_ == Kind::kRuns) {
    TRY(column.open_runs(in.bytes(in.left())));
    return column;
  }
  const uint32_t width = column.kind_ == Kind::kPacked ? width_of(column.max_) : 0;
  if (in.left() != packed_bytes(count, width)) {
    return fail(ErrorCode::kDataLoss, "column of codes: {} bytes for {} of {} bits", in.left(), count, width);
  }
  column.bits_ = PackedBits(in.bytes(in.left()), width);
  return column;
}

Result<void> CodeColumn::open_runs(std::string_view bytes) {
  ByteReader in(bytes);
  runs_ = static_cast<uint32_t>(in.varint_max(count_));
  const uint32_t width = width_of(max_);
  bits_ = PackedBits(in.bytes(packed_bytes(runs_, width)), width);
  const uint32_t end_width = count_ == 0 ? 0 : width_of(count_ - 1);
  run_ends_ = PackedBits(in.bytes(packed_bytes(runs_, end_width)), end_width);
  if (in.failed() || !in.at_end() || runs_ == 0) return fail(ErrorCode::kDataLoss, "column of codes: no such runs");
  uint64_t begin = 0;
  for (uint32_t run = 0; run < runs_; ++run) {
    const uint64_t last = run_ends_.at(run);
    if (last < begin || last >= count_) return fail(ErrorCode::kDataLoss, "column of codes: run {} ends wrong", run);
    begin = last + 1;
  }
  if (begin != count_) return fail(ErrorCode::kDataLoss, "column of codes: runs of {} for {}", begin, count_);
  return {};
}

uint32_t CodeColumn::run_of(uint32_t i) const {
  uint32_t low = 0;
  uint32_t high = runs_ - 1;
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (run_ends_.at(middle) < i) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

uint32_t CodeColumn::at(uint32_t i) const {
  CHECK(i < count_);
  if (kind_ == Kind::kConstant) return max_;
  const uint64_t code = bits_.at(kind_ == Kind::kRuns ? run_of(i) : i);
  return static_cast<uint32_t>(std::min<uint64_t>(code, max_));
}

void CodeColumn::read(uint32_t begin, std::span<uint32_t> out) const {
  CHECK(begin <= count_ && out.size() <= count_ - begin);
  if (out.empty()) return;
  if (kind_ == Kind::kConstant) {
    std::ranges::fill(out, max_);
    return;
  }
  if (kind_ == Kind::kPacked) return bits_.read(begin, out, 0, max_);
  const auto end = static_cast<uint32_t>(begin + out.size());
  for (uint32_t run = run_of(begin), at = begin; at < end; ++run) {
    const auto run_end = static_cast<uint32_t>(std::min<uint64_t>(end, run_ends_.at(run) + 1));
    const auto code = static_cast<uint32_t>(std::min<uint64_t>(bits_.at(run), max_));
    std::fill(out.begin() + (at - begin), out.begin() + (run_end - begin), code);
    at = run_end;
  }
}

template <typename F>
void CodeColumn::for_each_run(F&& f) const {
  if (kind_ == Kind::kConstant) {
    if (count_ > 0) f(0U, count_, max_);
    return;
  }
  uint32_t begin = 0;
  for (uint32_t run = 0; run < runs_; ++run) {
    const auto end = static_cast<uint32_t>(run_ends_.at(run) + 1);
    f(begin, end, static_cast<uint32_t>(std::min<uint64_t>(bits_.at(run), max_)));
    begin = end;
  }
}

namespace {

void append_range(uint32_t begin, uint32_t end, std::vector<uint32_t>& positions) {
  const size_t before = positions.size();
  positions.resize(before + (end - begin));
  for (uint32_t i = begin; i < end; ++i) positions[before + (i - begin)] = i;
}

}  // namespace

void CodeColumn::find(uint32_t code, std::vector<uint32_t>& positions) const {
  if (code > max_) return;
  if (kind_ == Kind::kPacked) return find_packed(bits_, count_, code, positions);
  for_each_run([&](uint32_t begin, uint32_t end, uint32_t of_run) {
    if (of_run == code) append_range(begin, end, positions);
  });
}

void CodeColumn::find_any(std::span<const uint64_t> wanted_bits, std::vector<uint32_t>& positions) const {
  if (kind_ == Kind::kPacked) return find_any_packed(bits_, count_, max_, wanted_bits, positions);
  for_each_run([&](uint32_t begin, uint32_t end, uint32_t code) {
    const bool wanted = code / 64 < wanted_bits.size() && (wanted_bits[code / 64] >> (code % 64) & 1) != 0;
    if (wanted) append_range(begin, end, positions);
  });
}

void CodeColumn::count(std::span<uint64_t> by_code) const {
  if (count_ == 0) return;
  CHECK(by_code.size() > max_);
  if (kind_ != Kind::kPacked) {
    return for_each_run([&](uint32_t begin, uint32_t end, uint32_t code) { by_code[code] += end - begin; });
  }
  std::array<uint32_t, kStretch> codes;
  for (uint32_t begin = 0; begin < count_; begin += kStretch) {
    const std::span<uint32_t> some = std::span(codes).first(std::min(kStretch, count_ - begin));
    read(begin, some);
    for (const uint32_t code : some) ++by_code[code];
  }
}

}  // namespace sextant::persist
