// What encodings would cost, without trying them: one pass over the values for bounds and order, then eight frames of
// them, spread evenly, as frames of values, differences and differences of differences.
#include <algorithm>
#include <array>
#include <bit>

#include "persist/column/frame_plan.h"
#include "persist/column/int_codec.h"
#include "persist/format/bytes.h"

namespace sextant::persist {
namespace {

constexpr uint32_t kSampledFrames = 8;
/// Bits of a frame's entry (a base, an offset, two bytes), and of a frame's anchor, roughly.
constexpr uint64_t kEntryBits = 44;
constexpr uint64_t kAnchorBits = 32;

struct SampledBytes {
  uint64_t values = 0;  // how many were looked at
  uint64_t framed = 0;
  uint64_t delta = 0;
  uint64_t delta_of_delta = 0;
};

void sample_frame(std::span<const uint64_t> all, size_t begin, bool ascending, SampledBytes& sampled) {
  const std::span<const uint64_t> frame = all.subspan(begin, std::min<size_t>(kFrameValues, all.size() - begin));
  sampled.values += frame.size();
  sampled.framed += plan_frame(frame).bytes;
  if (frame.size() < 3) return;
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

/// True when at least half of some 256 values, spread evenly, were seen among them before.
bool looks_repetitive(std::span<const uint64_t> values) {
  constexpr size_t kLooked = 256;
  std::array<uint64_t, 4 * kLooked> slots{};  // a value's slot holds it plus one; a collision counts as not seen
  const size_t step = std::max<size_t>(1, values.size() / kLooked);
  size_t looked = 0;
  size_t seen = 0;
  for (size_t i = 0; i < values.size() && looked < kLooked; i += step, ++looked) {
    uint64_t& slot = slots[(values[i] * 0x9E3779B97F4A7C15ULL) >> 54];
    seen += slot == values[i] + 1 ? 1 : 0;
    slot = values[i] + 1;
  }
  return seen * 2 >= looked;
}

}  // namespace

IntStats int_stats(std::span<const uint64_t> values) {
  IntStats stats;
  if (values.empty()) return stats;
  stats.min = stats.max = values[0];
  uint64_t descents = 0;
  for (size_t i = 1; i < values.size(); ++i) {
    stats.min = std::min(stats.min, values[i]);
    stats.max = std::max(stats.max, values[i]);
    descents += values[i] < values[i - 1] ? 1 : 0;
  }
  stats.ascending = descents == 0;
  const auto width = static_cast<uint64_t>(std::bit_width(stats.max - stats.min));
  stats.packed_bits = values.size() * width;
  if (width == 0) return stats;

  const size_t frames = (values.size() + kFrameValues - 1) / kFrameValues;
  const size_t step = (frames + kSampledFrames - 1) / kSampledFrames;
  SampledBytes sampled;
  for (size_t frame = 0; frame < frames; frame += step) {
    sample_frame(values, frame * kFrameValues, stats.ascending, sampled);
  }
  const auto estimate = [&](uint64_t bytes, uint64_t bits_a_frame) {
    return bytes * 8 * values.size() / sampled.values + frames * bits_a_frame;
  };
  stats.framed_bits = estimate(sampled.framed, kEntryBits);
  stats.delta_bits = estimate(sampled.delta, kEntryBits + kAnchorBits);
  stats.delta_of_delta_bits = estimate(sampled.delta_of_delta, kEntryBits + 2 * kAnchorBits);
  stats.repetitive = looks_repetitive(values);
  return stats;
}

}  // namespace sextant::persist
