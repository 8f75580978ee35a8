// Reading of text columns. Lengths, numbers and chunks may say anything: each text is cut from its chunk only where it
// lies within.
#include "persist/column/text_column.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/core/check.h"
#include "persist/column/limits.h"
#include "persist/column/zstd_bytes.h"

namespace sextant::persist {
namespace {

/// Lengths or numbers that are decoded together.
constexpr uint32_t kStretch = 256;

/// The two digits of each byte.
constexpr auto kDigitPairs = [] {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> pairs{};
  for (size_t byte = 0; byte < pairs.size(); ++byte) pairs[byte] = {kDigits[byte >> 4], kDigits[byte & 15]};
  return pairs;
}();

std::unexpected<Error> damaged(std::string_view what) {
  return fail(ErrorCode::kDataLoss, "column of texts: {}", what);
}

}  // namespace

Result<TextColumn> TextColumn::open(std::string_view bytes, uint32_t count) {
  if (count > kColumnValuesMax) return damaged("too many");
  ByteReader in(bytes);
  TextColumn column;
  const uint8_t kind = in.u8();
  column.count_ = count;
  column.raw_bytes_ = in.varint();
  if (in.failed() || kind > static_cast<uint8_t>(TextKind::kNumbers)) return damaged("no such form");
  column.kind_ = static_cast<TextKind>(kind);
  if (column.kind_ == TextKind::kDigits) {
    TRY(column.open_digits(in));
    return column;
  }
  column.prefix_ = in.text(kColumnTextBytesMax);
  if (column.kind_ == TextKind::kBytes) {
    column.lengths_ = TRY_CONTEXT(IntColumn::open(in.text(bytes.size()), count), "lengths of texts");
    TRY(column.open_chunks(in));
    return column;
  }
  column.digits_min_ = in.u8();
  column.numbers_ = TRY_CONTEXT(IntColumn::open(in.bytes(in.left()), count), "numbers of texts");
  const uint64_t bytes_max = column.prefix_.size() + 20;
  if (column.digits_min_ > kNumberDigitsMax || column.raw_bytes_ > bytes_max * count) return damaged("no such numbers");
  return column;
}

Result<void> TextColumn::open_digits(ByteReader& in) {
  template_ = in.text(kDigitsTextBytesMax);
  const std::string_view mask = in.bytes((template_.size() + 7) / 8);
  if (in.failed()) return damaged("no template");
  for (size_t i = 0; i < mask.size() * 8; ++i) {
    if ((static_cast<uint8_t>(mask[i / 8]) >> i % 8 & 1) == 0) continue;
    if (i >= template_.size()) return damaged("digits beyond the template");
    positions_.push_back(static_cast<uint8_t>(i));
  }
  TRY(open_chunks(in));
  const size_t each = (positions_.size() + 1) / 2;
  for (const Chunk& chunk : chunks_) {
    if (chunk.raw_bytes != each * (chunk.end - chunk.first)) return damaged("a chunk's digits");
  }
  return {};
}

Result<void> TextColumn::open_chunks(ByteReader& in) {
  const uint64_t chunks = in.count(3, count_);
  chunks_.reserve(chunks);
  uint32_t first = 0;
  uint64_t raw_bytes = 0;
  std::vector<uint64_t> stored_bytes;
  for (uint64_t i = 0; i < chunks && !in.failed(); ++i) {
    Chunk chunk;
    chunk.first = first;
    chunk.end = first += static_cast<uint32_t>(in.varint_max(count_ - first));
    chunk.raw_bytes = in.varint_max(kTextChunkBytesMax);
    stored_bytes.push_back(in.varint_max(chunk.raw_bytes));
    if (chunk.first == chunk.end) in.fail();
    raw_bytes += chunk.raw_bytes;
    chunks_.push_back(chunk);
  }
  for (size_t i = 0; i < chunks_.size() && !in.failed(); ++i) chunks_[i].stored = in.bytes(stored_bytes[i]);
  if (in.failed() || !in.at_end() || first != count_) return damaged("no such chunks");
  const uint64_t expected =
      kind_ == TextKind::kBytes ? raw_bytes + prefix_.size() * uint64_t{count_} : template_.size() * uint64_t{count_};
  return raw_bytes_ == expected ? Result<void>() : damaged("sizes that do not add up");
}

Result<std::string_view> TextColumn::unfold(const Chunk& chunk, Unfolded& last) const {
  if (chunk.stored.size() == chunk.raw_bytes) return chunk.stored;
  if (last.first != chunk.first) {
    last.first = Unfolded::kNone;
    TRY(zstd_decompress(chunk.stored, chunk.raw_bytes, last.bytes));
    last.first = chunk.first;
  }
  return last.bytes;
}

Result<void> TextColumn::at(uint32_t i, Unfolded& last, std::string& out) const {
  CHECK(i < count_);
  return read_any(i, i + 1, last, [&](uint32_t, std::string_view text) { out = text; });
}

Result<void> TextColumn::read(uint32_t begin, uint32_t end, const Visit& visit) const {
  CHECK(begin <= end && end <= count_);
  Unfolded last;
  return read_any(begin, end, last, visit);
}

Result<void> TextColumn::read_any(uint32_t begin, uint32_t end, Unfolded& last, const Visit& visit) const {
  if (begin == end) return {};
  if (kind_ == TextKind::kNumbers) {
    read_numbers(begin, end, visit);
    return {};
  }
  auto chunk = std::ranges::upper_bound(chunks_, begin, {}, &Chunk::end);
  for (; chunk != chunks_.end() && chunk->first < end; ++chunk) {
    const uint32_t from = std::max(begin, chunk->first);
    const uint32_t to = std::min(end, chunk->end);
    TRY(kind_ == TextKind::kDigits ? read_digits(*chunk, from, to, last, visit)
                                   : read_bytes(*chunk, from, to, last, visit));
  }
  return {};
}

Result<void> TextColumn::read_bytes(const Chunk& chunk, uint32_t begin, uint32_t end, Unfolded& last,
                                    const Visit& visit) const {
  std::string_view left = TRY(unfold(chunk, last));
  std::string whole(prefix_);
  std::array<uint64_t, kStretch> lengths;
  for (uint32_t first = chunk.first; first < end; first += kStretch) {
    const std::span<uint64_t> some = std::span(lengths).first(std::min(kStretch, end - first));
    lengths_.read(first, some);
    for (uint32_t i = 0; i < some.size(); ++i) {
      if (some[i] > left.size()) return damaged("a text that is longer than its chunk");
      if (first + i >= begin) {
        const std::string_view text = left.substr(0, some[i]);
        if (prefix_.empty()) {
          visit(first + i, text);
        } else {
          whole.resize(prefix_.size());
          visit(first + i, whole.append(text));
        }
      }
      left.remove_prefix(some[i]);
    }
  }
  if (end == chunk.end && !left.empty()) return damaged("a chunk that is longer than its texts");
  return {};
}

Result<void> TextColumn::read_digits(const Chunk& chunk, uint32_t begin, uint32_t end, Unfolded& last,
                                     const Visit& visit) const {
  const size_t each = (positions_.size() + 1) / 2;
  std::string_view left = TRY(unfold(chunk, last));
  left.remove_prefix(each * (begin - chunk.first));
  std::string text(template_);
  for (uint32_t i = begin; i < end; ++i, left.remove_prefix(each)) {
    for (size_t digit = 0; digit < positions_.size(); digit += 2) {
      const std::array<char, 2>& pair = kDigitPairs[static_cast<uint8_t>(left[digit / 2])];
      text[positions_[digit]] = pair[0];
      if (digit + 1 < positions_.size()) text[positions_[digit + 1]] = pair[1];
    }
    visit(i, text);
  }
  return {};
}

void TextColumn::read_numbers(uint32_t begin, uint32_t end, const Visit& visit) const {
  std::string text(prefix_);
  std::array<uint64_t, kStretch> numbers;
  std::array<char, 20> digits;
  for (; begin < end; begin += std::min(kStretch, end - begin)) {
    const std::span<uint64_t> some = std::span(numbers).first(std::min(kStretch, end - begin));
    numbers_.read(begin, some);
    for (uint32_t i = 0; i < some.size(); ++i) {
      const char* const behind = std::to_chars(digits.data(), digits.data() + digits.size(), some[i]).ptr;
      const auto size = static_cast<size_t>(behind - digits.data());
      text.resize(prefix_.size());
      if (size < digits_min_) text.append(digits_min_ - size, '0');
      visit(begin + i, text.append(digits.data(), size));
    }
  }
}

}  // namespace sextant::persist
