// Which form texts take, and writing it.
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/core/check.h"
#include "persist/column/limits.h"
#include "persist/column/text_column.h"
#include "persist/column/text_format.h"
#include "persist/column/zstd_bytes.h"
#include "persist/format/bytes.h"

namespace sextant::persist {
namespace {

using Texts = std::span<const std::string_view>;

/// A longer prefix saves little more, and would not be compressed.
constexpr size_t kPrefixBytesMax = 256;

/// Collects chunks: a directory, and the bytes behind it.
class ChunkWriter {
 public:
  explicit ChunkWriter(Effort effort) : effort_(effort) {}

  void add(std::string_view text) { raw_ += text; }
  std::string& raw() { return raw_; }
  /// Ends the text that was added.
  void end_text() {
    ++texts_;
    if (raw_.size() >= kTextChunkBytesTarget) end_chunk();
  }
  void finish(std::string& out) {
    if (texts_ > 0) end_chunk();
    put_varint(out, chunks_);
    out += directory_;
    out += data_;
  }

 private:
  void end_chunk() {
    const size_t begin = data_.size();
    // Where two chunks saved nothing the next ones hardly will: most are not tried.
    const bool tried = effort_ != Effort::kNone && (raw_in_a_row_ < 2 || chunks_ % kTriedEach == 0);
    if (tried) zstd_compress(raw_, data_);
    const size_t stored = tried ? data_.size() - begin : raw_.size();
    ++raw_in_a_row_;
    if (stored + raw_.size() * kChunkSavesPercentMin / 100 >= raw_.size()) {
      data_.resize(begin);
      data_ += raw_;
    } else {
      raw_in_a_row_ = 0;
    }
    put_varint(directory_, texts_);
    put_varint(directory_, raw_.size());
    put_varint(directory_, data_.size() - begin);
    ++chunks_;
    texts_ = 0;
    raw_.clear();
  }

  static constexpr size_t kChunkSavesPercentMin = 6;  // less is not worth the unfolding
  static constexpr uint32_t kTriedEach = 8;
  const Effort effort_;
  std::string raw_;
  std::string directory_;
  std::string data_;
  uint32_t texts_ = 0;
  uint32_t chunks_ = 0;
  uint32_t raw_in_a_row_ = 0;
};

std::string_view common_prefix(Texts texts) {
  std::string_view prefix = texts[0].substr(0, kPrefixBytesMax);
  for (const std::string_view text : texts) {
    const auto differ = std::ranges::mismatch(prefix, text).in1;
    prefix = prefix.substr(0, static_cast<size_t>(differ - prefix.begin()));
  }
  return prefix;
}

bool is_decimal(char c) {
  return c >= '0' && c <= '9';
}

struct Numbers {
  std::string_view prefix;
  uint32_t digits_min = 1;
  std::vector<uint64_t> values;
};

/// Texts that are a prefix and a number that can be told back from its value, with zeros in front or without.
std::optional<Numbers> as_numbers(Texts texts, std::string_view prefix) {
  while (!prefix.empty() && is_decimal(prefix.back())) prefix.remove_suffix(1);
  Numbers numbers{prefix, 1, {}};
  bool same_length = true;
  bool zero_in_front = false;
  for (const std::string_view whole : texts) {
    const std::string_view text = whole.substr(prefix.size());
    if (text.empty() || text.size() > kNumberDigitsMax) return std::nullopt;
    uint64_t value = 0;
    for (const char c : text) {
      if (!is_decimal(c)) return std::nullopt;
      value = value * 10 + static_cast<uint64_t>(c - '0');
    }
    same_length = same_length && whole.size() == texts[0].size();
    zero_in_front = zero_in_front || (text.size() > 1 && text[0] == '0');
    numbers.values.push_back(value);
  }
  if (zero_in_front && !same_length) return std::nullopt;
  if (zero_in_front) numbers.digits_min = static_cast<uint32_t>(texts[0].size() - prefix.size());
  return numbers;
}

/// The bytes in which texts of one length differ, when all of them hold lower-case hexadecimal digits there.
std::optional<std::vector<uint8_t>> as_digits(Texts texts) {
  const std::string_view first = texts[0];
  if (first.empty() || first.size() > kDigitsTextBytesMax) return std::nullopt;
  std::array<uint8_t, kDigitsTextBytesMax> differs{};
  std::array<uint8_t, kDigitsTextBytesMax> other{};
  for (size_t n = 0; n < texts.size(); ++n) {
    const std::string_view text = texts[n];
    if (text.size() != first.size()) return std::nullopt;
    for (size_t i = 0; i < text.size(); ++i) {
      const auto c = static_cast<uint8_t>(text[i]);
      differs[i] |= static_cast<uint8_t>(c ^ static_cast<uint8_t>(first[i]));
      const bool hex = static_cast<uint8_t>(c - '0') < 10 || static_cast<uint8_t>(c - 'a') < 6;
      other[i] |= static_cast<uint8_t>(!hex);
    }
    if (n % 64 != 63 && n + 1 != texts.size()) continue;
    for (size_t i = 0; i < first.size(); ++i) {
      if (differs[i] != 0 && other[i] != 0) return std::nullopt;
    }
  }
  std::vector<uint8_t> positions;
  for (size_t i = 0; i < first.size(); ++i) {
    if (differs[i] != 0) positions.push_back(static_cast<uint8_t>(i));
  }
  return positions;
}

void put_numbers(const Numbers& numbers, std::string& out) {
  put_text(out, numbers.prefix);
  put_u8(out, static_cast<uint8_t>(numbers.digits_min));
  encode_ints(numbers.values, out);
}

uint32_t digit_value(char c) {
  return static_cast<uint32_t>(c <= '9' ? c - '0' : c - 'a' + 10);
}

void put_digits(Texts texts, const std::vector<uint8_t>& positions, Effort effort, std::string& out) {
  put_text(out, texts[0]);
  std::string mask((texts[0].size() + 7) / 8, '\0');
  for (const uint8_t position : positions) {
    mask[position / 8] = static_cast<char>(static_cast<uint8_t>(mask[position / 8]) | 1U << position % 8);
  }
  out += mask;
  ChunkWriter chunks(effort);
  for (const std::string_view text : texts) {
    for (size_t i = 0; i < positions.size(); i += 2) {
      const uint32_t high = digit_value(text[positions[i]]);
      const uint32_t low = i + 1 < positions.size() ? digit_value(text[positions[i + 1]]) : 0;
      chunks.raw().push_back(static_cast<char>(high << 4 | low));
    }
    chunks.end_text();
  }
  chunks.finish(out);
}

void put_bytes(Texts texts, std::string_view prefix, Effort effort, std::string& out) {
  std::vector<uint64_t> lengths;
  lengths.reserve(texts.size());
  ChunkWriter chunks(effort);
  for (const std::string_view text : texts) {
    lengths.push_back(text.size() - prefix.size());
    chunks.add(text.substr(prefix.size()));
    chunks.end_text();
  }
  std::string encoded;
  encode_ints(lengths, encoded);
  put_text(out, prefix);
  put_text(out, encoded);
  chunks.finish(out);
}

}  // namespace

void encode_texts(Texts texts, Effort effort, std::string& out) {
  CHECK(texts.size() <= kColumnValuesMax);
  uint64_t raw_bytes = 0;
  for (const std::string_view text : texts) {
    CHECK(text.size() <= kColumnTextBytesMax);
    raw_bytes += text.size();
  }
  const auto begin = [&](TextKind kind) {
    put_u8(out, static_cast<uint8_t>(kind));
    put_varint(out, raw_bytes);
  };
  const std::string_view prefix = texts.size() > 1 ? common_prefix(texts) : std::string_view();
  if (texts.size() > 1) {
    if (const auto numbers = as_numbers(texts, prefix)) {
      begin(TextKind::kNumbers);
      return put_numbers(*numbers, out);
    }
    if (const auto positions = as_digits(texts)) {
      begin(TextKind::kDigits);
      return put_digits(texts, *positions, effort, out);
    }
  }
  begin(TextKind::kBytes);
  put_bytes(texts, prefix, effort, out);
}

}  // namespace sextant::persist
