// The file system as a seam. Production uses posix_files(); tests use a simulated disk that forgets what was not
// synced, tears pages, fills up or fails at the n-th call (tests/support/sim_files.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"

namespace sextant {

/// One open file. Internally locked in the sense of the kernel: positioned reads and writes may run at the same time.
class File {
 public:
  virtual ~File() = default;

  /// Reads up to `size` bytes at `offset` into `buffer`; fewer only at the end of the file. Returns the count.
  virtual Result<size_t> read_at(uint64_t offset, char* buffer, size_t size) const = 0;
  /// Writes all of `bytes` at `offset`. On error an unknown part may have been written.
  virtual Result<void> write_at(uint64_t offset, std::string_view bytes) = 0;
  /// Returns once data (and the size needed to read it back) are on the device: fdatasync.
  /// After an error nothing is known of any byte written since the last success; the file must not be trusted further.
  virtual Result<void> sync() = 0;
  virtual Result<uint64_t> size() const = 0;
  virtual Result<void> truncate(uint64_t size) = 0;
  /// Reserves space so that later writes below `size` cannot fail for want of it. Contents read as zeros.
  virtual Result<void> preallocate(uint64_t size) = 0;
};

struct DirectoryEntry {
  std::string name;
  bool is_directory = false;
  uint64_t size = 0;  // of a file, bytes
};

struct DiskSpace {
  uint64_t free_bytes = 0;  // available to this user
  uint64_t total_bytes = 0;
};

/// An exclusive lock on a directory; gone when destroyed or when the process ends.
class DirectoryLock {
 public:
  virtual ~DirectoryLock() = default;
};

/// Internally locked.
class Files {
 public:
  enum class Open { kRead, kReadWrite, kCreate };  // kCreate: read-write, must not exist yet

  virtual ~Files() = default;
  virtual Result<std::unique_ptr<File>> open(const std::string& path, Open mode) = 0;
  /// Makes the directory and its missing parents; fine when it exists.
  virtual Result<void> make_directories(const std::string& path) = 0;
  /// Entries in byte order of their names.
  virtual Result<std::vector<DirectoryEntry>> list(const std::string& path) = 0;
  virtual Result<bool> exists(const std::string& path) = 0;
  /// Replaces `to` atomically. Durable only after sync_directory of the directories concerned.
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  virtual Result<void> remove(const std::string& path) = 0;
  virtual Result<void> remove_directory(const std::string& path) = 0;
  /// Makes creations, renames and removals in `path` durable.
  virtual Result<void> sync_directory(const std::string& path) = 0;
  virtual Result<DiskSpace> space(const std::string& path) = 0;
  /// kFailedPrecondition when another process holds it.
  virtual Result<std::unique_ptr<DirectoryLock>> lock_directory(const std::string& path) = 0;
};

/// The operating system's files. Never destroyed, holds no state.
Files& posix_files();

/// The whole file, at most `bytes_max` (kTooLarge beyond).
Result<std::string> read_file(Files& files, const std::string& path, uint64_t bytes_max);
/// Writes through a temporary name in the same directory, syncs it, renames it over `path`, syncs the directory.
Result<void> write_file_atomically(Files& files, const std::string& path, std::string_view bytes);

}  // namespace sextant
