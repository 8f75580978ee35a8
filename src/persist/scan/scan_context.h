// What one scan holds on to while it runs: limits, blocks it has read, damage it met.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "persist/format/row_order.h"
#include "persist/scan/scan.h"
#include "persist/scan/shared_rows.h"

namespace sextant::persist {

/// Rows of a segment in memory, accounted for while anyone holds them.
struct LoadedBlock {
  data::Batch batch;
  LedgerHold hold;
};
using BlockPtr = std::shared_ptr<LoadedBlock>;

/// Rows of one trace from everywhere, with what keeps them in memory.
struct GatheredRows {
  std::vector<RowRef> rows;
  std::vector<HeadBatchPtr> batches;
  std::vector<BlockPtr> blocks;
  uint64_t bytes = 0;  // of the rows when copied, about

  bool has_cut_values() const;
  /// True when the rows are those of one block, all and in order: its batch is then what copying them would make.
  bool is_one_block() const;
};

/// Thread-confined. Lifetime: not longer than snapshot and services.
class ScanContext {
 public:
  ScanContext(const Snapshot& snapshot, const ScanServices& services, uint64_t deadline_steady_nanos,
              std::stop_token cancel);

  enum Helper { kHelper };
  /// For a second thread that works on the same scan. What it finds goes to the first one's take().
  ScanContext(const ScanContext& first, Helper)
      : ScanContext(first.snapshot_, first.services_, first.deadline_, first.cancel_) {
    tells_ = false;
  }

  /// Takes over what a helper met and read. Requires: the helper's thread has ended.
  void take(const data::ScanEnd& helper);

  const Snapshot& snapshot() const { return snapshot_; }
  bool may_use_second_thread() const { return services_.may_use_second_thread; }
  uint32_t segment_count() const { return static_cast<uint32_t>(snapshot_.segments.size()); }
  Segment& segment(uint32_t number) const { return *snapshot_.segments[number]; }

  /// kDeadlineExceeded, kCancelled when the scan must end. Cheap: looks at the clock once in a while.
  Result<void> check();
  /// Accounts for memory besides blocks: the scan's total. kResourceExhausted when there is not that much.
  Result<void> use_memory(uint64_t bytes);
  /// Reports what could not be read; the scan goes on. Errors that are no damage (no memory, cancelled) come back.
  Result<void> note_damage(const Error& error);
  void note_damage(const std::string& reason);

  /// The segment's index and tables; nullptr, and reported, when they cannot be read.
  std::shared_ptr<SegmentContents> contents(uint32_t segment);
  /// The same for those who ask whether to go on at all: the segment does not count as opened.
  std::shared_ptr<SegmentContents> tables(uint32_t segment);
  /// Reads them anew after a part of the segment turned out to be damaged.
  std::shared_ptr<SegmentContents> reload(uint32_t segment);
  /// A stripe for looking at single columns; nothing, and reported, when it cannot be read.
  Result<std::optional<StripeReader>> stripe(uint32_t segment, uint32_t block);
  /// The runs of a chunk; nullptr when they cannot be read: reload_index() then has them.
  std::shared_ptr<const std::vector<RunPart>> runs(uint32_t segment, uint32_t chunk);

  /// True when what the segment has of the trace was deleted.
  bool is_deleted(uint32_t segment, const data::TraceId& id) const;
  /// Batches of the trace up to this sequence are deleted; 0: none.
  uint64_t deleted_up_to(const data::TraceId& id) const {
    return snapshot_.deleted ? snapshot_.deleted->deleted_up_to(id) : 0;
  }
  /// The segment's rows that were deleted.
  Result<RowRanges> deleted_rows(uint32_t segment);

  /// The part of a run in a segment.
  std::optional<RunPart> part_in_segment(uint32_t segment, const data::TraceId& id);
  /// All parts of a run, one for each head or segment that has spans of it.
  Result<std::vector<RunPart>> parts(const data::TraceId& id);
  /// All rows of a trace, sorted, equal copies collapsed. `value_bytes_max`: see ScanSpec; whether copies are equal is
  /// decided by all of their values.
  Result<GatheredRows> gather(const data::TraceId& id, uint64_t value_bytes_max = UINT64_MAX);
  /// Rows of a trace in one segment, as they lie there.
  Result<void> gather_from_segment(uint32_t segment, const data::TraceId& id, GatheredRows& out,
                                   uint64_t value_bytes_max = UINT64_MAX);

  data::ScanEnd end;

 private:
  /// Where the trace is listed in the segment; nothing, and reported, when that cannot be read.
  struct Listed {
    TraceEntry entry;
    RunPart part;
  };
  std::optional<Listed> listed(uint32_t segment, const data::TraceId& id);
  Result<GatheredRows> gather_from_all(const data::TraceId& id, uint64_t value_bytes_max);
  Result<void> gather_rows(uint32_t segment, const BlockEntry& block, uint32_t begin, uint32_t stop,
                           const data::TraceId& id, GatheredRows& out, uint64_t value_bytes_max);
  struct SegmentState {
    std::shared_ptr<SegmentContents> contents;
    bool asked = false;
    bool opened = false;
    uint32_t chunk = UINT32_MAX;
    std::shared_ptr<const std::vector<RunPart>> runs;  // of that chunk
  };

  const Snapshot& snapshot_;
  const ScanServices& services_;
  const uint64_t deadline_;
  const std::stop_token cancel_;
  bool tells_ = true;  // of damage, at once
  uint32_t checks_ = 0;
  LedgerHold hold_;
  std::vector<SegmentState> states_;
};

/// Sums up the rows of one run.
data::RunSummary summarize_rows(const GatheredRows& gathered);

Result<void> scan_runs(ScanContext& context, const data::ScanSpec& spec, data::ScanSink& sink);
Result<void> scan_spans(ScanContext& context, const data::ScanSpec& spec, data::ScanSink& sink);

}  // namespace sextant::persist
