// Mends the directory of a store, so that it opens afterwards without damage: `sextant repair DIR`. What can be read is
// written again, what cannot is counted, and every file that was damaged is kept under another name.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/core/result.h"
#include "base/sys/files.h"

namespace sextant::persist {

/// Receives what is found and done, line by line, without line ends.
using RepairSink = std::function<void(std::string_view line)>;

enum class RepairMode : uint8_t {
  kMend,
  kLookOnly,  // says what kMend would do
};

/// Value.
struct RepairReport {
  uint64_t files = 0;           // looked at
  uint64_t files_damaged = 0;   // mended or set aside, or to be
  uint64_t spans_kept = 0;      // of the damaged files
  uint64_t spans_lost = 0;      // of them, as far as is known
  uint64_t losses_unknown = 0;  // places of which nothing says how many spans they held
};

/// Looks at every file of the store in `data_dir`. A file is replaced in one step, by one that was read back whole; so
/// a repair that is ended in the middle leaves each file as it was or mended. Errors: kInvalidArgument for a directory
/// that is none of a store; kFailedPrecondition while another process holds it, or when another version wrote it;
/// the operating system's.
Result<RepairReport> repair_store(Files& files, const std::string& data_dir, RepairMode mode, const RepairSink& line);

}  // namespace sextant::persist
