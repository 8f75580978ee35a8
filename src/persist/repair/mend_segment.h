// A damaged segment, written again with the rows of it that can be read.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/core/ledger.h"
#include "base/core/result.h"
#include "base/sys/files.h"
#include "persist/segment/segment.h"

namespace sextant::persist {

/// A segment that is looked at, with what its reading needs. Thread-confined.
class SegmentState {
 public:
  /// Reads everything. kUnsupported for another version.
  static Result<std::unique_ptr<SegmentState>> look(Files& files, const std::string& path, const std::string& name);

  const SegmentInfo& info() const { return segment_->info(); }
  /// What is wrong, in words; empty: nothing is.
  const std::vector<std::string>& damages() const { return damages_; }
  uint64_t rows_readable() const { return rows_readable_; }
  /// Rows that the segment once had; 0: nothing says.
  uint64_t rows_before() const { return segment_->info().rows; }

  /// Writes the readable rows to the file `path`, whole and synced. Requires: there are some.
  Result<void> write_readable(Files& files, const std::string& path);

 private:
  /// Rows of a stripe that can be read, ascending.
  struct Stripe {
    BlockEntry block;
    std::vector<uint32_t> rows;
  };
  /// Its rows by stripe and place among the stripe's readable ones.
  struct Trace {
    data::TraceId id;
    UnixNanos start = UINT64_MAX;
    std::vector<std::pair<uint32_t, uint32_t>> rows;
  };
  struct Decoded;
  class Rewrite;

  SegmentState(uint64_t memory_bytes, uint64_t cache_bytes) : ledger_(memory_bytes), cache_(cache_bytes, ledger_) {}
  Result<void> read_everything();
  void read_stripe(SegmentContents& contents, const BlockEntry& block);
  void note(const Error& error) { damages_.push_back(error.message()); }
  Result<std::vector<Trace>> readable_traces();
  RunHistory history_of(const Trace& trace);

  MemoryLedger ledger_;
  SliceCache cache_;  // before the segment that uses it
  std::shared_ptr<Segment> segment_;
  std::vector<std::string> damages_;
  std::vector<Stripe> stripes_;
  uint64_t rows_readable_ = 0;
};

}  // namespace sextant::persist
