// What a segment knows of its blocks, traces and runs without reading them. Made while a segment is written, kept in
// it, and made again from the blocks when it is damaged.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "data/genai/summarize.h"
#include "data/model/batch.h"
#include "data/model/scan.h"
#include "persist/format/names_table.h"
#include "persist/format/run_codec.h"

namespace sextant::persist {

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

struct BlockEntry {
  uint64_t offset = 0;
  uint64_t frame_bytes = 0;  // header and padding included
  uint32_t first_row = 0;
  uint32_t rows = 0;
  BlockZone zone;
};

/// A trace's rows in the segment. Traces are found by the hash of their id; two may share it.
struct TraceEntry {
  uint64_t fingerprint = 0;
  uint32_t first_row = 0;
  uint32_t rows = 0;
  uint32_t run = 0;  // place in the list of runs, newest first
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

  // Of a segment whose own are damaged: made from the blocks, in memory.
  bool rebuilt = false;
  std::vector<RunPart> rebuilt_runs;
  NamesTable rebuilt_names;
  std::vector<std::string> damages;

  uint64_t run_count() const;
  /// The block that holds a row.
  uint32_t block_of(uint32_t row) const;
  uint64_t byte_size() const;

  void encode(std::string& out) const;
  /// kDataLoss when the bytes do not follow the format or point outside the segment.
  static Result<SegmentIndex> decode(std::string_view bytes, uint64_t file_bytes);
};

/// What the spans do not tell of a run: when its batches came.
struct RunHistory {
  std::vector<data::StartChange> starts;  // never empty
  uint64_t last_sequence = 0;
  UnixNanos last_arrival = 0;
};
using RunHistoryLookup = std::function<RunHistory(const data::TraceId&, UnixNanos start)>;

/// Collects an index from blocks in the order of their rows: traces one after the other. Thread-confined.
class SegmentIndexBuilder {
 public:
  explicit SegmentIndexBuilder(RunHistoryLookup history) : history_(std::move(history)) {}

  /// Requires: rows of one trace stand together, also over the borders of blocks.
  void add_block(uint64_t offset, uint64_t frame_bytes, const data::Batch& batch);
  /// Ends the last run.
  void finish_rows();

  struct RunKey {
    UnixNanos start;
    data::TraceId trace_id;
    uint32_t trace;   // index into the traces as they were added
    uint64_t offset;  // of the encoded run
    uint32_t size;
  };
  /// Runs newest first, with their bytes. Requires: finish_rows().
  const std::vector<RunKey>& sorted_runs();
  std::string_view run_bytes(const RunKey& run) const { return std::string_view(runs_).substr(run.offset, run.size); }

  /// The index without chunks. Requires: sorted_runs().
  SegmentIndex take_index();
  NamesTable& names() { return names_table_; }
  uint32_t rows() const { return rows_; }
  UnixNanos start_min() const { return start_min_; }
  UnixNanos end_max() const { return end_max_; }

 private:
  BlockZone zone_of(const data::Batch& batch);
  uint32_t text_index(std::vector<std::string>& texts, std::map<std::string, uint32_t, std::less<>>& known,
                      std::string_view text, bool& any);

  RunHistoryLookup history_;
  SegmentIndex index_;
  NamesTable names_table_;
  std::map<std::string, uint32_t, std::less<>> known_services_;
  std::map<std::string, uint32_t, std::less<>> known_names_;
  std::optional<data::TraceId> trace_;
  data::RunSummarizer summarizer_;
  std::vector<RunKey> run_keys_;
  std::string runs_;
  uint32_t rows_ = 0;
  UnixNanos start_min_ = UINT64_MAX;
  UnixNanos end_max_ = 0;
};

uint64_t trace_fingerprint(const data::TraceId& id);

}  // namespace sextant::persist
