// A log file that is damaged or was not finished, written again with its whole records.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "base/sys/files.h"

namespace sextant::persist {

/// What a log file holds. Value.
struct LogState {
  bool readable = true;     // false: nothing of it can be, for want of its header
  bool never_used = false;  // reserved, and nothing of it reached the disk: a start removes it
  std::vector<std::string> damages;
  std::string torn;     // why its end is not finished; empty: it is
  uint64_t spans = 0;   // of whole records that no segment has
  uint64_t losses = 0;  // stretches of lost records
  std::string content;  // the file with all whole records; empty: it is well as it is

  bool is_well() const { return readable && damages.empty() && torn.empty(); }
};

/// Reads the file. `sealed_sequence`: up to here segments have everything. kUnsupported for another version.
Result<LogState> look_at_log(Files& files, const std::string& path, uint64_t sealed_sequence);

}  // namespace sextant::persist
