// Reads one log file back: every whole record in order, over damage where there is some, up to where writing ended.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/sys/files.h"
#include "persist/wal/log_format.h"

namespace sextant::persist {

/// What was found in a log file. Value.
struct LogScan {
  LogFileHeader header;
  uint64_t end_offset = kLogDataOffset;  // where the next record may be written
  /// Where the records begin of which no later one says that they were synced. They may be in the system's cache only,
  /// even if a sync succeeds now: one that failed before the end of the process is not reported again.
  uint64_t unsynced_offset = kLogDataOffset;
  uint64_t records = 0;
  uint64_t last_sequence = 0;  // of the last whole record; 0: none
  uint64_t torn_bytes = 0;     // of a record that was not finished
  /// Acknowledged data that cannot be read, in words. A torn tail is none.
  std::vector<std::string> damages;
  /// The last record of the file is broken, or the end is not marked: a write that was not finished, or damage to it.
  std::string torn;
};

/// Called for each whole record in order; the payload lives for the call. An error ends the reading.
using LogVisitor =
    std::function<Result<void>(const LogRecordHeader& record, uint64_t offset, std::string_view payload)>;

/// Reads the header. kDataLoss when neither copy of it is whole; `damages` says when one is not.
Result<LogFileHeader> read_log_header(const File& file, std::vector<std::string>& damages);

/// Reads the file. What is missing up to the sequence `needed_after` is no damage: it is in segments, and a later use
/// of the file that never became durable may have been written over it. Errors: kDataLoss without a header,
/// kUnsupported for another version, the visitor's, reading's.
Result<LogScan> scan_log(const File& file, const LogVisitor& visit, uint64_t needed_after = 0);

}  // namespace sextant::persist
