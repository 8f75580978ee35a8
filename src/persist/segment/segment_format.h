// The bytes of a segment file, shared by the one that writes and the one that reads. Drawn in docs/formats/segment.md.
//
// A segment is a header, frames and a footer. Frames say themselves what they are and where they belong, so that a
// segment whose index is damaged can be walked from its start and the index made again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/sys/clock.h"
#include "data/model/ids.h"
#include "persist/format/effort.h"

namespace sextant::persist {

inline constexpr uint64_t kSegmentMagic = 0x304D474553545853;  // "SXTSEGM0"
inline constexpr uint64_t kFooterMagic = 0x30544F4F46545853;   // "SXTFOOT0"
inline constexpr uint32_t kFrameMagic = 0x4D415246;            // "FRAM"
inline constexpr uint64_t kSegmentHeaderBytes = 64;
inline constexpr uint64_t kSegmentFooterBytes = 128;
inline constexpr uint64_t kFrameHeaderBytes = 40;
/// Frames begin at multiples of this; a search for the next one looks only there.
inline constexpr uint64_t kFrameAlignment = 8;

/// What a segment says of itself, at its start and at its end, and in part in its name. Value.
struct SegmentInfo {
  uint32_t version = 0;
  uint32_t level = 0;           // how often its rows were merged
  uint64_t file_id = 0;         // random: checksums cover it
  uint64_t first_sequence = 0;  // batches whose spans lie here: the log need not replay up to the last
  uint64_t last_sequence = 0;
  UnixNanos first_arrival = 0;
  UnixNanos last_arrival = 0;
  // Known at the end only:
  UnixNanos start_min = 0;  // of the spans' own times
  UnixNanos end_max = 0;
  uint64_t rows = 0;
  uint64_t runs = 0;
  uint64_t index_offset = 0;  // of the frame
  uint64_t names_offset = 0;
};

enum class FrameKind : uint32_t {
  kStripe = 1,  // spans, column by column
  kRuns = 2,
  kIndex = 3,
  kNames = 4,
  kGlobals = 5,       // keys, shapes, resources, scopes
  kDictionaries = 6,  // of some columns
  kTextBlock = 7,     // pieces of long values
  kTextTable = 8,     // how long values consist of pieces
  kVocabulary = 9,    // words of the text blocks
  kFilters = 10,      // what columns do not have
  kWordFilter = 11,   // what words texts do not have
};
inline constexpr uint32_t kFrameKindLast = 11;

/// What many rows depend on is there twice, so that one damaged place costs none of them. No row depends on a filter.
inline constexpr bool is_mirrored(FrameKind kind) {
  return kind == FrameKind::kGlobals || kind == FrameKind::kDictionaries || kind == FrameKind::kTextTable ||
         kind == FrameKind::kVocabulary;
}

/// A piece of a segment, checked on its own. Value.
struct FrameHeader {
  FrameKind kind = FrameKind::kStripe;
  uint64_t file_id = 0;
  uint32_t rows = 0;          // spans or runs in it; of others: their number among those of their kind
  uint64_t raw_bytes = 0;     // unfolded
  uint64_t stored_bytes = 0;  // after this header
  uint32_t checksum = 0;

  uint64_t total_bytes() const;
};

/// Bytes that a frame takes with header and padding.
inline constexpr uint64_t frame_bytes_of(uint64_t stored_bytes) {
  return kFrameHeaderBytes + (stored_bytes + kFrameAlignment - 1) / kFrameAlignment * kFrameAlignment;
}
inline uint64_t FrameHeader::total_bytes() const {
  return frame_bytes_of(stored_bytes);
}

void encode_segment_header(const SegmentInfo& info, std::string& out);
std::optional<SegmentInfo> decode_segment_header(std::string_view bytes);
void encode_segment_footer(const SegmentInfo& info, std::string& out);
std::optional<SegmentInfo> decode_segment_footer(std::string_view bytes);

/// Appends the frame that is to stand at `offset`: `raw`, with some effort compressed where the kind is, padded to the
/// alignment.
Result<void> encode_frame(FrameKind kind, uint64_t file_id, uint64_t offset, uint32_t rows, std::string_view raw,
                          Effort effort, std::string& out);
/// Nothing when the bytes are no frame header or claim more than a frame may hold. The checksum is not looked at.
std::optional<FrameHeader> decode_frame_header(std::string_view bytes);
/// The content, unfolded where it is compressed. `bytes` begins with the frame's header. kDataLoss when anything
/// does not match.
Result<std::string> decode_frame(std::string_view bytes, FrameKind kind, uint64_t file_id, uint64_t offset);
/// The content where it lies, of kinds that are not compressed. Otherwise as decode_frame().
Result<std::string_view> frame_content(std::string_view bytes, FrameKind kind, uint64_t file_id, uint64_t offset);

/// "<first sequence>-<last sequence>-<first arrival>-<last arrival>.segment": sequences in hexadecimal, times as
/// 20261121T104500.
std::string segment_file_name(const SegmentInfo& info);
/// What a name says (times to the second), or nothing for a name that is none.
std::optional<SegmentInfo> parse_segment_file_name(std::string_view name);
/// The partition of a moment: its day, "20261121".
std::string partition_name(UnixNanos arrival);

}  // namespace sextant::persist
