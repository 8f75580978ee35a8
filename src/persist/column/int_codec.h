// What an encoding of numbers consists of: one row of the table in int_column.cc, one file int_*.cc. A new encoding
// adds its file, its tag and its row.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "persist/column/bit_pack.h"

namespace sextant::persist {

/// First byte of encoded numbers. Format: docs/formats/column.md.
enum class IntTag : uint8_t {
  kConstant = 0,
  kPacked = 1,
  kFramed = 2,
  kDelta = 3,
  kDeltaOfDelta = 4,
  kDictionary = 5,
  kZstd = 6
};
inline constexpr uint8_t kIntTagLast = 6;

/// Distinct numbers of a dictionary: a place takes eight bits at most, and the table stays in the nearest cache.
inline constexpr size_t kIntDistinctMax = 256;

/// Values of one frame: own base, own width. A frame is what at() of a delta encoding has to read.
inline constexpr uint32_t kFrameValues = 128;

struct IntCodec;

/// What open() found in the bytes; the codec's functions read from it. Immutable after construction. Lifetime: that of
/// the bytes. Invariant: every value that comes out lies in [min, max], whatever the bytes are.
struct IntView {
  const IntCodec* codec = nullptr;
  uint32_t count = 0;
  uint64_t min = 0;
  uint64_t max = 0;
  PackedBits bits;                              // packed: the values; dictionary: their places in the table
  PackedBits table;                             // dictionary
  uint8_t last_place = 0;                       // dictionary: last one of the table
  std::string_view entries;                     // framed: one entry a frame
  std::string_view payload;                     // framed: what the entries point into
  uint8_t base_bytes = 0;                       // framed: bytes of a base in an entry
  uint8_t offset_bytes = 0;                     // framed: bytes of an offset in an entry
  bool zigzag = false;                          // delta: differences have signs
  uint32_t value_bytes = 0;                     // zstd: bytes of a value
  std::vector<IntView> parts;                   // delta: anchors, differences
  std::shared_ptr<const std::string> unfolded;  // zstd
};

/// What one pass over all values, and a closer look at some frames, tell about the sizes that encodings will have.
struct IntStats {
  uint64_t min = 0;
  uint64_t max = 0;
  bool ascending = true;  // no value is less than the one before
  /// Estimated bits of all values.
  uint64_t packed_bits = 0;
  uint64_t framed_bits = 0;
  uint64_t delta_bits = 0;
  uint64_t delta_of_delta_bits = 0;
  /// Bits of one value to a compressor that sees each alone; 64 when values do not come again.
  double sampled_entropy_bits = 64;
  /// All values there are, ascending, when these are few and a dictionary may be smallest; else empty.
  std::vector<uint64_t> distinct;
};

enum class Look : uint8_t { kFlat, kAll };

/// With kFlat: only what choosing between constant, packed and framed takes.
IntStats int_stats(std::span<const uint64_t> values, Look look);

/// The functions of one encoding. The bytes behind the tag are the codec's own.
struct IntCodec {
  void (*encode)(std::span<const uint64_t> values, const IntStats& stats, std::string& out);
  /// Reads what stands behind the tag into the view, whose count is set. kDataLoss when the format is not followed.
  Result<void> (*open)(std::string_view bytes, IntView& view);
  uint64_t (*at)(const IntView& view, uint32_t i);
  void (*read_u64)(const IntView& view, uint32_t begin, std::span<uint64_t> out);
  void (*read_u32)(const IntView& view, uint32_t begin, std::span<uint32_t> out);
};

extern const IntCodec kIntConstant;
extern const IntCodec kIntPacked;
extern const IntCodec kIntFramed;
extern const IntCodec kIntDelta;
extern const IntCodec kIntDeltaOfDelta;
extern const IntCodec kIntDictionary;
extern const IntCodec kIntZstd;

/// Encodings that are made of no other ones: constant, packed, framed. Delta encodings keep their parts so.
void encode_flat_ints(std::span<const uint64_t> values, std::string& out);
/// kDataLoss also for the tags of other encodings, which bounds the depth.
Result<IntView> open_flat_ints(std::string_view bytes, uint32_t count);

/// Least value and range, with which all but the constant begin.
void put_int_bounds(const IntStats& stats, std::string& out);
/// The bytes behind them; sets min and max. kDataLoss when least and range are no bounds.
Result<std::string_view> open_int_bounds(std::string_view bytes, IntView& view);

}  // namespace sextant::persist
