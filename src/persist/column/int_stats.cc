// What encodings would cost, without trying them: one pass over the values for bounds and order, then eight frames of
// them, spread evenly, as frames of values, differences and differences of differences.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "base/core/check.h"
#include "persist/column/frame_plan.h"
#include "persist/column/int_bounds.h"
#include "persist/column/int_codec.h"
#include "persist/format/bytes.h"

namespace sextant::persist {
namespace {

constexpr uint32_t kSampledFrames = 8;
constexpr uint32_t kFramesBeforeGivingUp = 2;
constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max() / 2;
/// Bits of a frame's entry (a base, an offset, two bytes), and of a frame's anchor, roughly.
constexpr uint64_t kEntryBits = 44;
constexpr uint64_t kAnchorBits = 32;

struct SampledBytes {
  uint64_t values = 0;  // how many were looked at
  uint64_t framed = 0;
  uint64_t delta = 0;
  uint64_t delta_of_delta = 0;

  /// After the first frames: differences are larger than the values, so that they need not be looked at further.
  bool differences_lose() const { return framed < delta && framed < delta_of_delta; }
};

void sample_frame(std::span<const uint64_t> all, size_t begin, bool ascending, bool with_differences,
                  SampledBytes& sampled) {
  const std::span<const uint64_t> frame = all.subspan(begin, std::min<size_t>(kFrameValues, all.size() - begin));
  sampled.values += frame.size();
  sampled.framed += plan_frame(frame).bytes;
  if (frame.size() < 3 || !with_differences) return;
  std::array<uint64_t, kFrameValues> differences;
  std::array<uint64_t, kFrameValues> second;
  for (size_t i = 1; i < frame.size(); ++i) {
    const uint64_t difference = frame[i] - frame[i - 1];
    differences[i] = ascending ? difference : zigzag(static_cast<int64_t>(difference));
  }
  for (size_t i = 2; i < frame.size(); ++i) {
    second[i] = zigzag(static_cast<int64_t>(frame[i] - frame[i - 1] - (frame[i - 1] - frame[i - 2])));
  }
  sampled.delta += plan_frame(std::span(differences).subspan(1, frame.size() - 1)).bytes;
  sampled.delta_of_delta += plan_frame(std::span(second).subspan(2, frame.size() - 2)).bytes;
}

/// Entropy of some 256 values, spread evenly, as far as they were seen among each other; 64 when at most half were.
double sampled_entropy_bits(std::span<const uint64_t> values) {
  constexpr size_t kLooked = 256;
  struct Slot {
    uint64_t value = 0;
    uint32_t count = 0;
  };
  std::array<Slot, 4 * kLooked> slots{};  // of two values that meet in a slot the second one counts as unseen
  const size_t step = std::max<size_t>(1, values.size() / kLooked);
  size_t looked = 0;
  size_t seen = 0;
  for (size_t i = 0; i < values.size() && looked < kLooked; i += step, ++looked) {
    Slot& slot = slots[(values[i] * 0x9E3779B97F4A7C15ULL) >> 54];
    if (slot.count == 0) slot.value = values[i];
    if (slot.value != values[i]) continue;
    seen += slot.count > 0 ? 1 : 0;
    ++slot.count;
  }
  if (seen * 2 < looked) return 64;
  const auto total = static_cast<double>(looked);
  double bits = 0;
  for (const Slot& slot : slots) {
    if (slot.count > 0) bits += slot.count * std::log2(total / slot.count);
  }
  return bits / total;
}

/// All distinct values, ascending; nothing when there are more than a dictionary may have.
std::vector<uint64_t> few_distinct(std::span<const uint64_t> values) {
  constexpr size_t kSlots = 4 * kIntDistinctMax;
  std::array<uint64_t, kSlots> slots;
  std::array<bool, kSlots> taken{};
  std::vector<uint64_t> out;
  for (const uint64_t value : values) {
    size_t slot = (value * 0x9E3779B97F4A7C15ULL) >> 54;
    while (taken[slot] && slots[slot] != value) slot = (slot + 1) % kSlots;
    if (taken[slot]) continue;
    if (out.size() == kIntDistinctMax) return {};
    taken[slot] = true;
    slots[slot] = value;
    out.push_back(value);
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace

IntStats int_stats(std::span<const uint64_t> values, Look look) {
  IntStats stats;
  if (values.empty()) return stats;
  const auto [least, greatest] = bounds_of(values);
  stats.min = least;
  stats.max = greatest;
  const auto width = static_cast<uint64_t>(std::bit_width(stats.max - stats.min));
  stats.packed_bits = values.size() * width;
  if (width == 0) return stats;
  if (look == Look::kAll) stats.ascending = std::ranges::is_sorted(values);

  const size_t frames = (values.size() + kFrameValues - 1) / kFrameValues;
  const size_t step = (frames + kSampledFrames - 1) / kSampledFrames;
  SampledBytes sampled;
  bool with_differences = look == Look::kAll;
  size_t looked = 0;
  for (size_t frame = 0; frame < frames; frame += step) {
    sample_frame(values, frame * kFrameValues, stats.ascending, with_differences, sampled);
    if (++looked == kFramesBeforeGivingUp && sampled.differences_lose()) with_differences = false;
  }
  CHECK(sampled.values > 0);
  const auto estimate = [&](uint64_t bytes, uint64_t bits_a_frame) {
    return bytes * 8 * values.size() / sampled.values + frames * bits_a_frame;
  };
  stats.framed_bits = estimate(sampled.framed, kEntryBits);
  stats.delta_bits = with_differences ? estimate(sampled.delta, kEntryBits + kAnchorBits) : kNever;
  stats.delta_of_delta_bits =
      with_differences ? estimate(sampled.delta_of_delta, kEntryBits + 2 * kAnchorBits) : kNever;
  if (look == Look::kFlat) return stats;
  stats.sampled_entropy_bits = sampled_entropy_bits(values);
  if (stats.sampled_entropy_bits < 8 && width > 8) stats.distinct = few_distinct(values);
  return stats;
}

}  // namespace sextant::persist
