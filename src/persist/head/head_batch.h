// A batch in memory, ready to be logged and read: with its encoded form until it is logged, and with its rows grouped
// by trace.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/core/ledger.h"
#include "base/sys/clock.h"
#include "data/model/batch.h"

namespace sextant::persist {

/// Rows of one trace in a batch.
struct TraceGroup {
  data::TraceId trace_id;
  uint32_t rows_begin = 0;  // into HeadBatch::rows
  uint32_t rows_end = 0;
  UnixNanos start_min = 0;
  UnixNanos end_max = 0;
};

/// Immutable once it is in a head; shared by the head and the readers that hold a snapshot.
struct HeadBatch {
  uint64_t sequence = 0;
  UnixNanos arrival = 0;
  data::Batch batch;
  std::vector<TraceGroup> groups;  // by trace id
  std::vector<uint32_t> rows;      // grouped by trace
  UnixNanos start_min = UINT64_MAX;
  UnixNanos end_max = 0;
  LedgerHold hold;

  std::span<const uint32_t> rows_of(const TraceGroup& group) const {
    return std::span(rows).subspan(group.rows_begin, group.rows_end - group.rows_begin);
  }
  /// The trace's group, or nullptr.
  const TraceGroup* find(const data::TraceId& id) const;
};

/// Groups the rows. The hold may be empty; charge() follows.
std::shared_ptr<HeadBatch> make_head_batch(data::Batch&& batch, LedgerHold&& hold);
/// Makes the hold as large as what the batch takes in memory, and `extra_bytes`. False when the ledger has not that
/// much; the hold is then as it was.
[[nodiscard]] bool charge(HeadBatch& head, MemoryLedger& ledger, uint64_t extra_bytes);

}  // namespace sextant::persist
