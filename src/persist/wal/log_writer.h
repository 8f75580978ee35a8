// Writes groups of records into log files, takes new files when they are full, and uses files again whose data is
// sealed.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/sys/clock.h"
#include "base/sys/files.h"
#include "base/sys/random.h"
#include "persist/wal/log_format.h"
#include "persist/wal/log_reader.h"

namespace sextant::persist {

struct LogWriterSettings {
  std::string directory;
  uint64_t file_bytes = 8ULL << 20;
  uint32_t files_spare_max = 2;
  uint64_t seed = 0;  // of the salts
};

/// One record to write. The payload's owner keeps it until write() returns.
struct LogEntry {
  uint64_t sequence = 0;
  uint64_t arrival_unix_nanos = 0;
  uint32_t payload_checksum = 0;  // CRC32C of the payload
  std::string_view payload;
};

/// Name of the file with a number: "00000001.log"; and back, nothing for a name that is none.
std::string log_file_name(uint64_t number);
std::optional<uint64_t> log_file_number(std::string_view name);

/// Thread-confined.
class LogWriter {
 public:
  LogWriter(LogWriterSettings settings, Files& files, const Clock& clock);

  /// What a file holds whose scan was done at start; in order of generation. `sealed_sequence`: what is in segments.
  /// `last_sequence` of its newest record. The newest whole file with room is written on.
  void adopt(uint64_t number, std::unique_ptr<File> file, const LogScan& scan, uint64_t sealed_sequence);
  /// Counts a file that cannot be read: its number is never given again.
  void skip_number(uint64_t number);

  /// Writes the entries, sequences above all before, one behind the other. Nothing of them counts as written after an
  /// error; they may be written again under new sequences. After an error of write() or sync() no file with unsynced
  /// data is ever written again: nothing is known of what it holds. The next write takes a fresh one.
  Result<void> write(std::span<const LogEntry> entries);
  /// Returns once everything written is on the disk.
  Result<void> sync();
  /// Everything up to `sequence` is in segments: files without later records may be used again.
  void release(uint64_t sequence);
  /// Gives back files that are kept for use only.
  void drop_spares();

  bool has_unsynced() const { return unsynced_; }
  uint64_t synced_sequence() const { return synced_sequence_; }
  size_t file_count() const { return closed_.size() + spare_.size() + (current_ ? 1 : 0); }
  uint64_t file_bytes() const;

 private:
  struct LogFile {
    uint64_t number = 0;
    std::unique_ptr<File> file;
    uint64_t bytes = 0;
    LogFileHeader header;
    uint64_t offset = kLogDataOffset;  // of the next record
    uint64_t last_sequence = 0;
    bool dirty = false;     // written, not synced
    bool in_doubt = false;  // an operation on it failed, or it is damaged: never written again
    bool damaged = false;   // kept aside when released
  };
  using LogFilePtr = std::unique_ptr<LogFile>;

  void abandon();
  Result<void> write_tail_again(LogFile& file, const LogScan& scan);
  Result<void> write_part(std::span<const LogEntry> entries);
  size_t count_that_fit(std::span<const LogEntry> entries, uint64_t offset, uint64_t bytes) const;
  Result<LogFilePtr> take_file(uint64_t bytes_needed);
  Result<LogFilePtr> create_file(uint64_t bytes);
  void begin_use(LogFile& file, uint64_t base_sequence);
  void retire(LogFilePtr file);
  std::string path_of(uint64_t number) const;

  const LogWriterSettings settings_;
  Files& files_;
  const Clock& clock_;
  SeededRandom random_;
  std::vector<LogFilePtr> closed_;  // with data that is not sealed yet, oldest first
  std::vector<LogFilePtr> spare_;
  LogFilePtr current_;
  bool fresh_ = false;  // current_ was taken and its header is not written yet
  uint64_t next_number_ = 1;
  uint64_t next_generation_ = 1;
  uint64_t written_sequence_ = 0;
  uint64_t synced_sequence_ = 0;
  bool unsynced_ = false;
  std::string buffer_;  // of one write, kept for the next
};

}  // namespace sextant::persist
