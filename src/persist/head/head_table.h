// The newest spans, in memory: batches indexed by trace from the moment they are acknowledged, until they are a
// segment.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/core/guarded.h"
#include "base/sys/clock.h"
#include "data/genai/summarize.h"
#include "data/model/ids.h"
#include "persist/format/names_table.h"
#include "persist/format/run_codec.h"
#include "persist/format/tombstones.h"
#include "persist/head/head_batch.h"

namespace sextant::persist {

using HeadBatchPtr = std::shared_ptr<const HeadBatch>;

/// A trace's rows in one batch.
struct HeadPlace {
  HeadBatchPtr batch;
  const TraceGroup* group = nullptr;  // of that batch
};

/// Where a run stands in the list of runs.
struct RunKey {
  UnixNanos start = 0;
  data::TraceId trace_id;
  auto operator<=>(const RunKey&) const = default;
};

/// Internally locked: one lock for the index, which every commit takes for a moment, one for what questions compute.
/// Grows until it is frozen by the store, which then only reads it. Readers keep it alive.
class HeadTable {
 public:
  struct Totals {
    uint64_t batches = 0;
    uint64_t spans = 0;
    uint64_t bytes = 0;  // of the ledger
    uint64_t first_sequence = 0;
    uint64_t last_sequence = 0;
    UnixNanos first_arrival = UINT64_MAX;
    UnixNanos last_arrival = 0;
    UnixNanos start_min = UINT64_MAX;
    UnixNanos end_max = 0;
  };

  /// Sequences ascend from call to call.
  void append(HeadBatchPtr batch);
  Totals totals() const;
  std::vector<HeadBatchPtr> batches() const;

  /// The trace's rows, oldest batch first; those of batches up to `deleted_up_to` are left out.
  std::vector<HeadPlace> find(const data::TraceId& id, uint64_t deleted_up_to = 0) const;
  bool contains(const data::TraceId& id) const;
  /// Places of all runs as things stood at `sequence`, in no order: where a run has batches, and for a run of several
  /// batches places below its own too. `deleted` may be null.
  std::vector<RunKey> run_keys(uint64_t sequence, const Tombstones* deleted = nullptr) const;
  /// The part of the run that is here, summed up from its spans; nothing when it is not. Batches up to `deleted_up_to`
  /// are left out.
  std::optional<RunPart> run(const data::TraceId& id, uint64_t deleted_up_to = 0) const;
  /// Names of everything here, of what was deleted too.
  NamesTable names();

  /// When the trace's batches came; for the segment that the table becomes.
  static std::vector<data::StartChange> history_of(const std::vector<HeadPlace>& places);

 private:
  static constexpr uint32_t kNoPlace = UINT32_MAX;
  /// One group of a trace's rows; those of one trace are a list, oldest first.
  struct Place {
    const TraceGroup* group;
    uint32_t batch;  // index into batches
    uint32_t next = kNoPlace;
  };
  struct Trace {
    uint32_t first_place;
    uint32_t last_place;
  };
  /// One table and two flat lists instead of a map of lists: an append, which holds up every commit, then asks for no
  /// memory most of the time.
  struct Index {
    std::vector<HeadBatchPtr> batches;
    std::vector<Place> places;
    std::vector<Trace> traces;
    data::CodeTable trace_of;  // by trace id, indices into traces
    Totals totals;

    /// kNone when the trace is not here.
    uint32_t find(const data::TraceId& id) const {
      return trace_of.find(data::IdHash()(id), [&](uint32_t trace) { return id_of(trace) == id; });
    }
    const data::TraceId& id_of(uint32_t trace) const { return places[traces[trace].first_place].group->trace_id; }
  };
  /// What questions need, computed when the first one asks and brought up to date by every later one.
  struct Derived {
    NamesTable names;
    size_t batches_named = 0;
  };

  Guarded<Index> index_;
  Guarded<Derived> derived_;
};

}  // namespace sextant::persist
