// Answers questions from what a store holds at one moment: heads and segments. docs/adr/013-scans.md says how pages of
// runs stay stable while data arrives.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/core/ledger.h"
#include "base/core/result.h"
#include "base/sys/clock.h"
#include "data/model/aggregate.h"
#include "data/model/scan.h"
#include "persist/format/tombstones.h"
#include "persist/head/head_table.h"
#include "persist/segment/segment.h"

namespace sextant::persist {

/// What there is at one moment. Value; keeps alive what it names.
struct Snapshot {
  std::vector<std::shared_ptr<HeadTable>> heads;   // oldest first; the last one may still grow
  std::vector<std::shared_ptr<Segment>> segments;  // oldest first
  uint64_t sequence = 0;
  std::shared_ptr<const Tombstones> deleted;  // null: nothing is
};

/// What a scan is handed. Lifetime: longer than the scan.
struct ScanServices {
  const Clock& clock;
  MemoryLedger& ledger;
  std::function<void(const std::string& reason)> on_damage;  // called from the scanning thread
  bool may_use_second_thread = false;                        // for the time of a sum over a large segment
};

Result<data::ScanEnd> scan(const Snapshot& snapshot, const data::ScanSpec& spec, data::ScanSink& sink,
                           const ScanServices& services);
Result<data::NamesEnd> scan_names(const Snapshot& snapshot, const data::NamesSpec& spec, const ScanServices& services);
/// Errors besides those of a scan: kInvalidArgument, kTooLarge (AggregateSpec::cells_max).
Result<data::AggregateEnd> scan_aggregate(const Snapshot& snapshot, const data::AggregateSpec& spec,
                                          const ScanServices& services);

}  // namespace sextant::persist
