// The embedded store: what is consumed is in the log before it is acknowledged, in the head at once, and in segments
// soon after; what is stored is found again through Reader. docs/ARCHITECTURE.md walks the way of a span through it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/core/ledger.h"
#include "base/core/result.h"
#include "base/self/log.h"
#include "base/self/metrics.h"
#include "base/sys/clock.h"
#include "base/sys/files.h"
#include "data/model/aggregate.h"
#include "data/model/consumer.h"
#include "data/model/eraser.h"
#include "data/model/scan.h"
#include "persist/store/settings.h"

namespace sextant::persist {

/// How the store is, for /healthz, /readyz and the page. Value.
struct StoreStatus {
  uint64_t sequence = 0;    // last batch stored
  uint64_t head_spans = 0;  // in memory, not yet in a segment
  uint64_t head_bytes = 0;  // of the ledger
  uint64_t segments = 0;
  uint64_t segment_bytes = 0;  // on disk
  uint64_t segment_spans = 0;
  uint64_t log_files = 0;       // in use or kept for use
  uint64_t log_bytes = 0;       // on disk, reserved space included
  uint64_t quota_bytes = 0;     // above it the oldest segments go
  uint64_t damages = 0;         // found since the start
  uint64_t oldest_arrival = 0;  // Unix nanoseconds of the oldest segment's first batch; 0: no segment
  bool writable = true;         // false: batches are refused until `problem` is gone; reads go on
  std::string problem;          // why not writable, or why sealing fails; empty: all is well
};

/// The accounts that a store draws on. They may be one: then what is kept may leave questions without room.
struct StoreMemory {
  StoreMemory(MemoryLedger& all) : kept(all), questions(all) {}  // NOLINT(google-explicit-constructor): the usual case
  StoreMemory(MemoryLedger& keeps, MemoryLedger& asks) : kept(keeps), questions(asks) {}

  MemoryLedger& kept;       // heads, what was read and is kept, sealing and merging
  MemoryLedger& questions;  // what a question needs while it is answered
};

/// Internally locked. Threads (unless Scheduling::kCaller): one writes the log and answers, one seals, retains and
/// repairs in the background; scans run on the threads that ask.
class Store final : public data::Consumer, public data::Reader, public data::Eraser {
 public:
  /// Locks the directory, reads the footers of its segments and the unsealed tail of its log. Errors:
  /// kFailedPrecondition when another process holds the directory or another version wrote it. Lifetime: the
  /// references outlive the store.
  static Result<std::unique_ptr<Store>> open(const StoreSettings& settings, Files& files, const Clock& clock,
                                             StoreMemory memory, Metrics& metrics, Log& log);
  /// Closes, if flush_and_close() was not called.
  ~Store() override;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  void consume(data::Batch&& batch, LedgerHold&& hold, data::ConsumeDone done) override;
  Result<data::ScanEnd> scan(const data::ScanSpec& spec, data::ScanSink& sink) override;
  Result<data::NamesEnd> names(const data::NamesSpec& spec) override;
  Result<data::AggregateEnd> aggregate(const data::AggregateSpec& spec) override;
  uint64_t sequence() const override;
  /// Waits while a head is being sealed. Errors besides those of Eraser: kResourceExhausted when kTombstonesMax
  /// deletions wait to be carried out; those of the disk.
  Result<void> erase_trace(const data::TraceId& id) override;

  StoreStatus status() const;

  /// Refuses new batches, answers those taken, syncs the log and stops the threads. Scans must have ended before the
  /// store is destroyed, not before this call.
  Result<void> flush_and_close();

  /// Seals what is in the head now and returns when it is a segment. For benchmarks, tests and `sextant` commands.
  Result<void> seal();

  /// Scheduling::kCaller only: does what the threads would do now: commits what was consumed, then what of sealing,
  /// syncing and retention is due.
  void tick();

 private:
  class Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sextant::persist
