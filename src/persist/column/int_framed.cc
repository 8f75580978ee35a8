// Frames of 128 values, each with a base and a width of its own. The few values that would widen a frame keep their
// lowest bits in place; what they have above is stored behind, with their positions.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>

#include "base/core/check.h"
#include "persist/column/frame_plan.h"
#include "persist/column/int_codec.h"
#include "persist/format/bytes.h"

namespace sextant::persist {
namespace {

uint64_t load_bytes(std::string_view bytes, size_t offset, uint32_t size) {
  uint64_t value = 0;
  if (offset + 8 <= bytes.size()) [[likely]] {
    std::memcpy(&value, bytes.data() + offset, 8);
    return value & low_mask(8 * size);
  }
  std::memcpy(&value, bytes.data() + offset, size);
  return value;
}

void put_bytes(std::string& out, uint64_t value, uint32_t size) {
  char raw[8];
  std::memcpy(raw, &value, 8);
  out.append(raw, size);
}

uint32_t bytes_for(uint64_t value) {
  return (static_cast<uint32_t>(std::bit_width(value)) + 7) / 8;
}

/// A frame where it lies. `data` and `end` are set by frame_at() alone, which is for frames that open() has checked.
struct Frame {
  uint64_t base = 0;  // less the column's least value
  uint64_t offset = 0;
  uint32_t count = 0;
  uint32_t width = 0;
  uint32_t exceptions = 0;
  const char* data = nullptr;
  const char* end = nullptr;  // of the payload: what may be read, so that bulk reading need not stop early

  uint64_t packed_size() const { return packed_bytes(count, width); }
  PackedBits bits() const { return {std::string_view(data, end), width}; }
  uint32_t high_width() const { return static_cast<uint8_t>(data[packed_size()]); }
  const char* positions() const { return data + packed_size() + 1; }
  PackedBits high() const { return {std::string_view(positions() + exceptions, end), high_width()}; }
};

uint32_t frames_of(uint32_t count) {
  return (count + kFrameValues - 1) / kFrameValues;
}

Frame read_entry(const IntView& view, uint32_t index) {
  const uint32_t entry_bytes = view.base_bytes + view.offset_bytes + 2U;
  size_t entry = size_t{index} * entry_bytes;
  Frame frame;
  frame.base = load_bytes(view.entries, entry, view.base_bytes);
  frame.offset = load_bytes(view.entries, entry += view.base_bytes, view.offset_bytes);
  frame.width = static_cast<uint8_t>(view.entries[entry += view.offset_bytes]);
  frame.exceptions = static_cast<uint8_t>(view.entries[entry + 1]);
  frame.count = std::min(kFrameValues, view.count - index * kFrameValues);
  return frame;
}

Frame frame_at(const IntView& view, uint32_t index) {
  Frame frame = read_entry(view, index);
  frame.data = view.payload.data() + frame.offset;
  frame.end = view.payload.data() + view.payload.size();
  return frame;
}

bool positions_ascend(const Frame& frame) {
  for (uint32_t i = 0; i < frame.exceptions; ++i) {
    const auto position = static_cast<uint8_t>(frame.positions()[i]);
    if (position >= frame.count) return false;
    if (i > 0 && position <= static_cast<uint8_t>(frame.positions()[i - 1])) return false;
  }
  return true;
}

/// The bytes of a frame, which must begin at `offset` of the payload and end within it; nothing when it does not.
std::optional<uint64_t> checked_bytes(const IntView& view, uint32_t index, uint64_t offset) {
  Frame frame = read_entry(view, index);
  if (frame.offset != offset || frame.width > 64 || frame.base > view.max - view.min) return std::nullopt;
  const uint64_t left = view.payload.size() - offset;
  if (frame.packed_size() > left) return std::nullopt;
  if (frame.exceptions == 0) return frame.packed_size();
  if (frame.exceptions > kFrameExceptionsMax || frame.packed_size() + 1 + frame.exceptions > left) return std::nullopt;
  frame.data = view.payload.data() + offset;
  const uint32_t high_width = frame.high_width();
  if (high_width == 0 || high_width + frame.width > 64 || !positions_ascend(frame)) return std::nullopt;
  const uint64_t bytes = frame_bytes(frame.count, frame.width, frame.exceptions, high_width);
  if (bytes > left) return std::nullopt;
  return bytes;
}

void encode_frame(std::span<const uint64_t> values, const FramePlan& plan, std::string& out) {
  pack_bits(values, plan.base, plan.width, out);
  if (plan.exceptions == 0) return;
  put_u8(out, static_cast<uint8_t>(plan.high_width));
  // Written for every value and kept for the exceptions: their places cannot be predicted.
  std::array<uint64_t, kFrameExceptionsMax + 1> high;
  std::array<char, kFrameExceptionsMax + 1> positions;
  uint32_t exceptions = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const uint64_t above = (values[i] - plan.base) >> plan.width;
    positions[exceptions] = static_cast<char>(i);
    high[exceptions] = above;
    exceptions += above != 0 ? 1 : 0;
  }
  CHECK(exceptions == plan.exceptions);
  out.append(positions.data(), exceptions);
  pack_bits(std::span(high).first(exceptions), 0, plan.high_width, out);
}

void encode(std::span<const uint64_t> values, const IntStats& stats, std::string& out) {
  std::vector<FramePlan> plans;
  plans.reserve(frames_of(static_cast<uint32_t>(values.size())));
  uint64_t base_max = 0;
  uint64_t payload_bytes = 0;
  for (size_t begin = 0; begin < values.size(); begin += kFrameValues) {
    plans.push_back(plan_frame(values.subspan(begin, std::min<size_t>(kFrameValues, values.size() - begin))));
    base_max = std::max(base_max, plans.back().base - stats.min);
    payload_bytes += plans.back().bytes;
  }
  const uint32_t base_bytes = bytes_for(base_max);
  const uint32_t offset_bytes = bytes_for(payload_bytes);
  put_int_bounds(stats, out);
  put_u8(out, static_cast<uint8_t>(base_bytes << 4 | offset_bytes));
  uint64_t offset = 0;
  for (const FramePlan& plan : plans) {
    put_bytes(out, plan.base - stats.min, base_bytes);
    put_bytes(out, offset, offset_bytes);
    put_u8(out, static_cast<uint8_t>(plan.width));
    put_u8(out, static_cast<uint8_t>(plan.exceptions));
    offset += plan.bytes;
  }
  for (size_t i = 0; i < plans.size(); ++i) {
    const size_t begin = i * kFrameValues;
    encode_frame(values.subspan(begin, std::min<size_t>(kFrameValues, values.size() - begin)), plans[i], out);
  }
}

Result<void> open(std::string_view bytes, IntView& view) {
  ByteReader in(TRY(open_int_bounds(bytes, view)));
  const uint8_t sizes = in.u8();
  view.base_bytes = sizes >> 4;
  view.offset_bytes = sizes & 15;
  if (view.base_bytes > 8 || view.offset_bytes > 8) return fail(ErrorCode::kDataLoss, "framed column: no such sizes");
  const uint32_t frames = frames_of(view.count);
  view.entries = in.bytes(uint64_t{frames} * (view.base_bytes + view.offset_bytes + 2U));
  view.payload = in.bytes(in.left());
  if (in.failed()) return fail(ErrorCode::kDataLoss, "framed column: too short for {} frames", frames);
  uint64_t offset = 0;
  for (uint32_t i = 0; i < frames; ++i) {
    const auto bytes_of_frame = checked_bytes(view, i, offset);
    if (!bytes_of_frame) return fail(ErrorCode::kDataLoss, "framed column: frame {} is none", i);
    offset += *bytes_of_frame;
  }
  if (offset != view.payload.size()) return fail(ErrorCode::kDataLoss, "framed column: more bytes than frames");
  return {};
}

uint64_t at(const IntView& view, uint32_t i) {
  const Frame frame = frame_at(view, i / kFrameValues);
  const uint32_t inside = i % kFrameValues;
  uint64_t value = frame.bits().at(inside);
  if (frame.exceptions > 0) {
    const void* found = std::memchr(frame.positions(), static_cast<int>(inside), frame.exceptions);
    if (found != nullptr) {
      const auto index = static_cast<uint32_t>(static_cast<const char*>(found) - frame.positions());
      value |= frame.high().at(index) << frame.width;
    }
  }
  return view.min + frame.base + std::min(value, view.max - view.min - frame.base);
}

/// Puts the high bits of exceptions in [begin, begin + out.size()) where they belong.
template <typename T>
void patch(const Frame& frame, uint32_t begin, std::span<T> out, uint64_t base, uint64_t cap) {
  std::array<uint64_t, kFrameExceptionsMax> high;
  frame.high().read(0, std::span(high).first(frame.exceptions), 0, ~uint64_t{0});
  for (uint32_t i = 0; i < frame.exceptions; ++i) {
    const uint32_t position = static_cast<uint8_t>(frame.positions()[i]) - begin;
    if (position >= out.size()) continue;  // also those before `begin`, which wrap around
    const uint64_t low = static_cast<uint64_t>(out[position]) - static_cast<T>(base);
    const uint64_t value = static_cast<T>(low) | high[i] << frame.width;
    out[position] = static_cast<T>(base + std::min(value, cap));
  }
}

template <typename T>
void read(const IntView& view, uint32_t begin, std::span<T> out) {
  while (!out.empty()) {
    const Frame frame = frame_at(view, begin / kFrameValues);
    const uint32_t inside = begin % kFrameValues;
    const auto part = out.first(std::min<size_t>(out.size(), frame.count - inside));
    const uint64_t base = view.min + frame.base;
    const uint64_t cap = view.max - base;
    frame.bits().read(inside, part, base, cap);
    if (frame.exceptions > 0) patch(frame, inside, part, base, cap);
    begin += static_cast<uint32_t>(part.size());
    out = out.subspan(part.size());
  }
}

}  // namespace

const IntCodec kIntFramed{encode, open, at, read<uint64_t>, read<uint32_t>};

}  // namespace sextant::persist
