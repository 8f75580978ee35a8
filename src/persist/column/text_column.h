// A slice of a column of byte strings that no dictionary helps (ids, addresses, messages), and dictionaries themselves.
// Bytes stand in chunks of about 16 KiB, compressed where that saves; ids of digits are stored as numbers.
// Format: docs/formats/column.md.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "persist/column/int_column.h"
#include "persist/column/text_format.h"
#include "persist/format/bytes.h"
#include "persist/format/effort.h"

namespace sextant::persist {

/// Appends the texts. Requires: at most kColumnValuesMax texts, none above kColumnTextBytesMax bytes.
void encode_texts(std::span<const std::string_view> texts, Effort effort, std::string& out);

/// Immutable after construction; a value that may be copied. Lifetime: that of the bytes.
class TextColumn {
 public:
  /// An empty column.
  TextColumn() = default;

  /// `bytes`: exactly what encode_texts() appended for `count` texts. kDataLoss when they cannot be that; what a chunk
  /// holds is looked at when it is read.
  static Result<TextColumn> open(std::string_view bytes, uint32_t count);

  /// The chunk that was unfolded last, for one who asks for single texts one after the other. Value; of one column.
  struct Unfolded {
    static constexpr uint32_t kNone = UINT32_MAX;
    uint32_t first = kNone;  // text with which the chunk begins
    std::string bytes;
  };
  /// Puts one text into `out`. Unfolds at most one chunk, none when it is the last one. Requires: i < size(). kDataLoss
  /// when the chunk is damaged.
  Result<void> at(uint32_t i, Unfolded& last, std::string& out) const;

  /// Calls `visit` with the position and text of each in [begin, end), ascending; the view is valid during the call.
  /// Requires: begin <= end <= size(). kDataLoss when a chunk is damaged; earlier chunks were visited by then.
  Result<void> read(uint32_t begin, uint32_t end, const std::function<void(uint32_t, std::string_view)>& visit) const;

  uint32_t size() const { return count_; }
  /// Bytes of all texts together, as the encoder counted them.
  uint64_t raw_bytes() const { return raw_bytes_; }

 private:
  struct Chunk {
    uint32_t first = 0;  // text with which it begins
    uint32_t end = 0;    // text behind its last one
    uint64_t raw_bytes = 0;
    std::string_view stored;
  };
  using Visit = std::function<void(uint32_t, std::string_view)>;

  Result<void> open_digits(ByteReader& in);
  Result<void> open_chunks(ByteReader& in);
  Result<std::string_view> unfold(const Chunk& chunk, Unfolded& last) const;
  Result<void> read_any(uint32_t begin, uint32_t end, Unfolded& last, const Visit& visit) const;
  Result<void> read_bytes(const Chunk& chunk, uint32_t begin, uint32_t end, Unfolded& last, const Visit& visit) const;
  Result<void> read_digits(const Chunk& chunk, uint32_t begin, uint32_t end, Unfolded& last, const Visit& visit) const;
  void read_numbers(uint32_t begin, uint32_t end, const Visit& visit) const;

  TextKind kind_ = TextKind::kBytes;
  uint32_t count_ = 0;
  uint64_t raw_bytes_ = 0;
  std::string_view prefix_;         // bytes, numbers: with which all texts begin
  std::string_view template_;       // digits: one of the texts
  std::vector<uint8_t> positions_;  // digits: bytes of the template in which texts differ, ascending
  uint32_t digits_min_ = 0;         // numbers: shorter ones have zeros in front
  IntColumn lengths_;               // bytes: without prefix
  IntColumn numbers_;
  std::vector<Chunk> chunks_;
};

}  // namespace sextant::persist
