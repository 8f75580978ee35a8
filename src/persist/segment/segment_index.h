// What a segment knows of its blocks, traces and runs without reading them. Made while a segment is written, kept in
// it, and made again from the blocks when it is damaged.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "data/model/batch.h"
#include "data/model/scan.h"
#include "persist/format/names_table.h"
#include "persist/format/run_codec.h"
#include "persist/segment/segment_format.h"
#include "persist/stripe/column_id.h"

namespace sextant::persist {

/// Longest service or name that zones list.
inline constexpr size_t kZoneTextBytesMax = 256;

/// What may be in a block: bounds, never exact. Value.
struct BlockZone {
  UnixNanos start_min = UINT64_MAX;
  UnixNanos start_max = 0;
  UnixNanos end_max = 0;
  uint64_t duration_min = UINT64_MAX;
  uint64_t duration_max = 0;
  uint32_t kinds = 0;     // bit of each kind; the last bit for all beyond
  uint32_t statuses = 0;  // likewise
  bool any_service = false;
  bool any_name = false;
  std::vector<uint32_t> services;  // indices into SegmentIndex::services, ascending
  std::vector<uint32_t> names;
};

/// The bit of a kind or status in BlockZone.
uint32_t zone_bit(int64_t number);

/// A stripe.
struct BlockEntry {
  uint64_t offset = 0;
  uint64_t frame_bytes = 0;      // header and padding included
  uint64_t stripe_bytes = 0;     // of the stripe itself
  uint64_t directory_bytes = 0;  // its beginning, which says where the rest lies
  uint32_t first_row = 0;
  uint32_t rows = 0;
  BlockZone zone;
};

/// A trace's rows in the segment. Traces are found by the hash of their id; two may share it.
struct TraceEntry {
  uint32_t fingerprint = 0;
  uint32_t first_row = 0;
  uint32_t rows = 0;
  uint32_t run = 0;  // place in the list of runs, newest first
};

/// A frame by its place.
struct FrameEntry {
  uint64_t offset = 0;
  uint64_t frame_bytes = 0;
};

/// A section that is there twice. An offset of 0: that copy was not found.
struct SectionEntry {
  FrameKind kind = FrameKind::kGlobals;
  uint32_t number = 0;  // among those of its kind
  FrameEntry copies[2];
};

/// In which section of dictionaries, or of filters, a column's stand.
struct ColumnSection {
  ColumnId id;
  uint32_t section = 0;
};

struct RunChunkEntry {
  uint64_t offset = 0;
  uint64_t frame_bytes = 0;
  uint32_t first_run = 0;
  uint32_t runs = 0;
  UnixNanos start_max = 0;  // of its first run
};

/// Immutable after construction.
struct SegmentIndex {
  std::vector<BlockEntry> blocks;
  std::vector<TraceEntry> traces;  // by fingerprint
  std::vector<RunChunkEntry> chunks;
  std::vector<std::string> services;
  std::vector<std::string> names;
  std::vector<SectionEntry> sections;
  std::vector<ColumnSection> dictionaries;  // by column
  std::vector<ColumnSection> filters;       // likewise; of a segment whose index was made again: none
  std::vector<FrameEntry> text_blocks;

  // Of a segment whose own are damaged: made from the blocks, in memory.
  bool rebuilt = false;
  std::vector<RunPart> rebuilt_runs;
  NamesTable rebuilt_names;
  std::vector<std::string> damages;

  uint64_t run_count() const;
  /// The block that holds a row.
  uint32_t block_of(uint32_t row) const;
  const SectionEntry* section(FrameKind kind, uint32_t number) const;
  uint64_t byte_size() const;

  void encode(std::string& out) const;
  /// kDataLoss when the bytes do not follow the format or point outside the segment.
  static Result<SegmentIndex> decode(std::string_view bytes, uint64_t file_bytes);
};

/// What a zone says of some spans is taken from; texts by their codes. Value; lifetime: that of what it points to.
struct ZoneInput {
  std::span<const uint64_t> starts;
  std::span<const uint64_t> ends;
  std::vector<int32_t> kinds;
  std::vector<int32_t> statuses;
  std::vector<uint32_t> resources;  // of each row
  std::vector<uint32_t> names;      // of each row
  std::function<std::string(uint32_t)> service_of;
  std::function<std::string(uint32_t)> name_of;
};

/// What the spans do not tell of a run: when its batches came.
struct RunHistory {
  std::vector<data::StartChange> starts;  // never empty
  uint64_t last_sequence = 0;
  UnixNanos last_arrival = 0;
};
/// Collects an index while a segment is written or read anew. Thread-confined.
class SegmentIndexBuilder {
 public:
  /// Rows of a trace, in the order of rows; those that follow a trace's own are added to it.
  void add_rows(const data::TraceId& id, uint32_t rows);
  /// The run of the last trace, when all its rows were added.
  void add_run(const RunPart& part);
  void add_run(const RunLine& line);
  /// A stripe; its zone is made of `input`.
  void add_block(BlockEntry block, const ZoneInput& input);
  SegmentIndex& index() { return index_; }
  const SegmentIndex& index() const { return index_; }

  struct RunKey {
    UnixNanos start;
    data::TraceId trace_id;
    uint32_t trace;   // index into the traces as they were added
    uint64_t offset;  // of the encoded run
    uint32_t size;
  };
  /// Runs newest first, with their bytes.
  const std::vector<RunKey>& sorted_runs();
  std::string_view run_bytes(const RunKey& run) const { return std::string_view(runs_).substr(run.offset, run.size); }

  /// Ends the index. Requires: sorted_runs().
  SegmentIndex take_index();
  uint32_t rows() const { return rows_; }
  UnixNanos start_min() const { return start_min_; }
  UnixNanos end_max() const { return end_max_; }
  uint64_t byte_size() const { return runs_.capacity() + run_keys_.capacity() * sizeof(RunKey) + index_.byte_size(); }

 private:
  void add_run_key(const data::TraceId& id, UnixNanos start, uint64_t offset);
  BlockZone zone_of(const ZoneInput& input);
  uint32_t text_index(std::vector<std::string>& texts, std::map<std::string, uint32_t, std::less<>>& known,
                      std::string_view text, bool& any);

  SegmentIndex index_;
  std::map<std::string, uint32_t, std::less<>> known_services_;
  std::map<std::string, uint32_t, std::less<>> known_names_;
  std::optional<data::TraceId> trace_;
  std::vector<RunKey> run_keys_;
  std::string runs_;
  uint32_t rows_ = 0;
  uint32_t blocks_rows_ = 0;
  UnixNanos start_min_ = UINT64_MAX;
  UnixNanos end_max_ = 0;
};

uint32_t trace_fingerprint(const data::TraceId& id);

}  // namespace sextant::persist
