// What a server asks of its process: how to be stopped, how many files it may open, what it has used.
#pragma once

#include <cstdint>

#include "base/core/result.h"

namespace sextant {

/// Blocks SIGINT and SIGTERM for this thread and every thread started from it, and ignores SIGPIPE. Call it first in
/// main, so that wait_for_stop_signal is the only place where they arrive.
void block_stop_signals();

/// Returns when SIGINT or SIGTERM came: its number.
int wait_for_stop_signal();

/// Raises the soft limit of open files to the hard one. Returns the limit in force.
uint64_t raise_file_limit();

struct ProcessUse {
  uint64_t cpu_nanos = 0;            // user and system, all threads
  uint64_t resident_bytes = 0;       // now
  uint64_t resident_peak_bytes = 0;  // since the start
};
Result<ProcessUse> process_use();

}  // namespace sextant
