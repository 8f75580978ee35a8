#include "persist/text/split.h"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace sextant::persist {
namespace {

/// One line in eight is marked by the bytes that follow it.
constexpr int kLinesPerCutBits = 3;
constexpr uint64_t kMixer = 0x9E3779B97F4A7C15;

bool is_bracket(char c) {
  return c == '[' || c == ']' || c == '{';
}

/// Bit i is set when text[i] is an opening bracket or a closing square one. Sixty-four bytes at once.
uint64_t bracket_mask(const char* text) {
#if defined(__SSE2__)
  uint64_t mask = 0;
  for (int part = 0; part < 4; ++part) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + part * 16));
    const __m128i opening = _mm_cmpeq_epi8(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), _mm_set1_epi8('{'));
    const __m128i closing = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(']'));
    const auto bits = static_cast<uint32_t>(_mm_movemask_epi8(_mm_or_si128(opening, closing)));
    mask |= static_cast<uint64_t>(bits) << (part * 16);
  }
  return mask;
#else
  uint64_t mask = 0;
  for (int i = 0; i < 64; ++i) {
    mask |= static_cast<uint64_t>((text[i] | 0x20) == '{' || text[i] == ']') << i;
  }
  return mask;
#endif
}

/// The place before the blanks that end at `at`, where blanks are also escaped line ends and tabs.
size_t before_gap(std::string_view text, size_t at) {
  const size_t stop = at > kElementGapBytesMax ? at - kElementGapBytesMax : 0;
  while (at > stop) {
    const char c = text[at - 1];
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
      --at;
    } else if (at > stop + 1 && (c == 'n' || c == 't' || c == 'r') && text[at - 2] == '\\') {
      at -= 2;
      while (at > stop && text[at - 1] == '\\') --at;
    } else {
      break;
    }
  }
  return at;
}

bool closes(char c) {
  return c == '}' || c == ']';
}

/// Where to cut because of the bracket at `at`, or 0: before an element and its comma, or behind an array's last one.
size_t cut_at(std::string_view text, size_t at) {
  const size_t gap = before_gap(text, at);
  if (gap == 0) return 0;
  const char before = text[gap - 1];
  if (text[at] == ']') return closes(before) ? gap : 0;
  if (before == '[') return at;
  if (before != ',') return 0;
  const size_t comma = gap - 1;
  const size_t element = before_gap(text, comma);
  return element > 0 && closes(text[element - 1]) ? comma : 0;
}

/// Collects ends; cuts what is too long. Thread-confined value.
class Cutter {
 public:
  Cutter(std::string_view text, SplitPlace from, std::vector<uint32_t>& ends)
      : text_(text), before_(from.pieces), ends_(ends), last_(from.at) {}

  /// A cut because of the bracket at `bracket`.
  void offer(size_t cut, size_t bracket) {
    if (cut < last_ + least_) return;
    end_piece(cut);
    fixed_before_ = fixed_;
    fixed_ = {{static_cast<uint32_t>(cut), before_ + static_cast<uint32_t>(ends_.size())},
              static_cast<uint32_t>(bracket + 1)};
  }
  void finish() {
    if (last_ < text_.size()) end_piece(text_.size());
  }
  FixedCut fixed() const { return fixed_before_; }

 private:
  void end_piece(size_t cut) {
    while (cut - last_ > most_) push(line_end(last_ + long_least_, last_ + most_));
    push(cut);
  }
  void push(size_t cut) {
    ends_.push_back(static_cast<uint32_t>(cut));
    last_ = cut;
    if ((before_ + ends_.size()) % kPiecesPerDoubling != 0) return;
    least_ *= 2;
    long_least_ = std::max<size_t>(long_least_, least_);
    most_ = std::max<size_t>(most_, 4 * least_);
  }
  /// The first line end in [from, to) that its neighbourhood marks, or the last one, or `to`.
  size_t line_end(size_t from, size_t to) const;

  const std::string_view text_;
  const uint32_t before_;  // pieces
  std::vector<uint32_t>& ends_;
  size_t last_;
  FixedCut fixed_;
  FixedCut fixed_before_;
  size_t least_ = kPieceBytesMin;
  size_t long_least_ = kLongPieceBytesMin;
  size_t most_ = kPieceBytesMax;
};

size_t Cutter::line_end(size_t from, size_t to) const {
  size_t last = to;
  for (size_t at = from; at + sizeof(uint64_t) <= to; ++at) {
    const char c = text_[at - 1];
    if (c != '\n' && (c != 'n' || text_[at - 2] != '\\')) continue;
    last = at;
    uint64_t behind = 0;
    std::memcpy(&behind, text_.data() + at, sizeof behind);
    if ((behind * kMixer) >> (64 - kLinesPerCutBits) == 0) break;
  }
  return last;
}

}  // namespace

FixedCut split_text(std::string_view text, SplitPlace from, std::vector<uint32_t>& ends) {
  ends.clear();
  Cutter cutter(text, from, ends);
  const auto offer = [&](size_t bracket) { cutter.offer(cut_at(text, bracket), bracket); };
  size_t block = from.at;
  for (; block + 64 <= text.size(); block += 64) {
    for (uint64_t mask = bracket_mask(text.data() + block); mask != 0; mask &= mask - 1) {
      offer(block + static_cast<size_t>(std::countr_zero(mask)));
    }
  }
  for (; block < text.size(); ++block) {
    if (is_bracket(text[block])) offer(block);
  }
  cutter.finish();
  return cutter.fixed();
}

}  // namespace sextant::persist
