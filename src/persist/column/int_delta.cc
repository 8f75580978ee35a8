// Differences to the value before, and differences of those: for times that ascend, and for values taken at regular
// intervals. Each frame of 128 begins with its value (and its step) among the anchors, so that one value costs one
// frame.
#include <algorithm>
#include <array>

#include "persist/column/int_codec.h"
#include "persist/format/bytes.h"

namespace sextant::persist {
namespace {

/// Up to these, a frame's values cannot wrap around: they ascend, and the first and last one bound them all.
constexpr uint64_t kStepMax = uint64_t{1} << 55;
constexpr uint64_t kAscendingMax = uint64_t{1} << 63;

enum class Order : uint8_t { kFirst, kSecond };

size_t last_before(std::span<const uint64_t> values, size_t i) {
  return i == 0 ? std::min<size_t>(1, values.size() - 1) : i;
}

/// values[i] - values[i - 1]; for the first one the same as for the second, which costs nothing.
uint64_t step_at(std::span<const uint64_t> values, size_t i) {
  const size_t at = last_before(values, i);
  return at == 0 ? 0 : values[at] - values[at - 1];
}

void put_part(std::span<const uint64_t> values, std::string& out) {
  std::string part;
  encode_flat_ints(values, part);
  put_text(out, part);
}

template <Order kOrder>
void encode(std::span<const uint64_t> values, const IntStats& stats, std::string& out) {
  std::vector<uint64_t> anchors;
  std::vector<uint64_t> steps;
  for (size_t i = 0; i < values.size(); i += kFrameValues) {
    anchors.push_back(values[i]);
    steps.push_back(step_at(values, i));
  }
  const bool with_sign = kOrder == Order::kSecond || !stats.ascending;
  std::vector<uint64_t> residuals(values.size());
  uint64_t step = step_at(values, 0);
  for (size_t i = 0; i < values.size(); ++i) {
    const uint64_t next = i == 0 ? step : values[i] - values[i - 1];
    const uint64_t residual = kOrder == Order::kSecond ? next - step : next;
    residuals[i] = with_sign ? zigzag(static_cast<int64_t>(residual)) : residual;
    step = next;
  }
  put_int_bounds(stats, out);
  put_u8(out, with_sign ? 1 : 0);
  put_part(anchors, out);
  if constexpr (kOrder == Order::kSecond) put_part(steps, out);
  encode_flat_ints(residuals, out);
}

template <Order kOrder>
Result<void> open(std::string_view bytes, IntView& view) {
  ByteReader in(TRY(open_int_bounds(bytes, view)));
  const uint8_t with_sign = in.u8();
  if (with_sign > 1) return fail(ErrorCode::kDataLoss, "delta column: unknown flag {}", with_sign);
  view.zigzag = with_sign == 1;
  const uint32_t frames = (view.count + kFrameValues - 1) / kFrameValues;
  view.parts.reserve(3);
  view.parts.push_back(TRY_CONTEXT(open_flat_ints(in.text(bytes.size()), frames), "anchors"));
  if constexpr (kOrder == Order::kSecond) {
    view.parts.push_back(TRY_CONTEXT(open_flat_ints(in.text(bytes.size()), frames), "steps"));
  }
  view.parts.push_back(TRY_CONTEXT(open_flat_ints(in.bytes(in.left()), view.count), "differences"));
  return {};
}

/// Turns the residuals of a frame into its values, in place.
template <Order kOrder>
void add_up(const IntView& view, uint32_t frame, std::span<uint64_t> values) {
  uint64_t value = view.parts[0].codec->at(view.parts[0], frame);
  uint64_t step = kOrder == Order::kSecond ? view.parts[1].codec->at(view.parts[1], frame) : 0;
  if (kOrder == Order::kFirst && !view.zigzag && view.parts.back().max <= kStepMax && value <= kAscendingMax) {
    values[0] = value;
    for (size_t i = 1; i < values.size(); ++i) values[i] = value += values[i];
    if (values[0] >= view.min && value <= view.max) return;
    for (uint64_t& one : values) one = std::clamp(one, view.min, view.max);
    return;
  }
  const auto run = [&]<bool kZigzag>() {
    values[0] = std::clamp(value, view.min, view.max);
    for (size_t i = 1; i < values.size(); ++i) {
      const uint64_t residual = kZigzag ? static_cast<uint64_t>(unzigzag(values[i])) : values[i];
      step = kOrder == Order::kSecond ? step + residual : residual;
      value += step;
      values[i] = std::clamp(value, view.min, view.max);
    }
  };
  view.zigzag ? run.template operator()<true>() : run.template operator()<false>();
}

/// Values of `frame` up to and without `end` of it.
template <Order kOrder>
std::span<const uint64_t> read_frame(const IntView& view, uint32_t frame, uint32_t end,
                                     std::array<uint64_t, kFrameValues>& buffer) {
  const std::span<uint64_t> values = std::span(buffer).first(end);
  const IntView& residuals = view.parts.back();
  residuals.codec->read_u64(residuals, frame * kFrameValues, values);
  add_up<kOrder>(view, frame, values);
  return values;
}

template <Order kOrder>
uint64_t at(const IntView& view, uint32_t i) {
  std::array<uint64_t, kFrameValues> buffer;
  return read_frame<kOrder>(view, i / kFrameValues, i % kFrameValues + 1, buffer).back();
}

template <Order kOrder, typename T>
void read(const IntView& view, uint32_t begin, std::span<T> out) {
  std::array<uint64_t, kFrameValues> buffer;
  while (!out.empty()) {
    const uint32_t inside = begin % kFrameValues;
    const auto part = static_cast<uint32_t>(std::min<size_t>(out.size(), kFrameValues - inside));
    const auto values = read_frame<kOrder>(view, begin / kFrameValues, inside + part, buffer).subspan(inside);
    std::ranges::transform(values, out.begin(), [](uint64_t value) { return static_cast<T>(value); });
    begin += part;
    out = out.subspan(part);
  }
}

}  // namespace

const IntCodec kIntDelta{encode<Order::kFirst>, open<Order::kFirst>, at<Order::kFirst>, read<Order::kFirst, uint64_t>,
                         read<Order::kFirst, uint32_t>};
const IntCodec kIntDeltaOfDelta{encode<Order::kSecond>, open<Order::kSecond>, at<Order::kSecond>,
                                read<Order::kSecond, uint64_t>, read<Order::kSecond, uint32_t>};

}  // namespace sextant::persist
