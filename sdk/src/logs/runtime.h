// What logging needs to know, and where records go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "logs/output.h"
#include "queue/record_queue.h"
#include "sextant/log.h"
#include "sextant/log_processor.h"

namespace sextant::logs {

/// A share of all 64-bit numbers: those below `below`; all where that is UINT64_MAX.
struct Share {
  std::uint64_t below = UINT64_MAX;
};
/// Requires: 0 <= rate <= 1.
Share share_of(double rate) noexcept;

/// Immutable after construction, but for what the outputs lock themselves. Lifetime: never destroyed once installed,
/// since other threads may be logging; there is one for each start of an SDK.
struct Runtime {
  Severity least = Severity::kInfo;
  bool sampled_only = false;
  std::vector<LoggerRule> rules;
  Share kept[3];  // of trace, debug, info
  std::uint32_t attributes_max = 128;
  std::size_t value_length_max = SIZE_MAX;
  std::vector<std::shared_ptr<LogProcessor>> processors;
  std::vector<std::unique_ptr<Output>> outputs;
  queue::RecordQueue* queue = nullptr;  // null: nothing is exported
};

/// From now on this is what is logged, and how; null: nothing. Outputs of the one before are closed.
void install(std::unique_ptr<const Runtime> runtime);
const Runtime* installed() noexcept;

/// Counts since the process began, but for lines: of the runtime that was installed last.
struct LogCounts {
  std::uint64_t refused = 0;  // no memory, or logged by what handles logs
  std::uint64_t sampled_out = 0;
  std::uint64_t discarded = 0;
  LineCounts lines;
};
LogCounts log_counts() noexcept;

/// To be called before fork(), so that no other thread holds a lock of this module meanwhile, and after it; in the
/// child together with RecordQueue::forget_all().
void hold_for_fork() noexcept;
void release_in_parent() noexcept;
void release_in_child() noexcept;

}  // namespace sextant::logs
