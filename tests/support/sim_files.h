// A simulated disk: files in memory that forget what was not synced when the power goes, tear pages, fill up, refuse
// the n-th call. Everything it decides comes from a seed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/sys/files.h"
#include "base/sys/random.h"

namespace sextant::testing {

/// Internally locked.
class SimFiles final : public Files {
 public:
  explicit SimFiles(uint64_t seed);
  ~SimFiles() override;

  Result<std::unique_ptr<File>> open(const std::string& path, Open mode) override;
  Result<void> make_directories(const std::string& path) override;
  Result<std::vector<DirectoryEntry>> list(const std::string& path) override;
  Result<bool> exists(const std::string& path) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& path) override;
  Result<void> remove_directory(const std::string& path) override;
  Result<void> sync_directory(const std::string& path) override;
  Result<DiskSpace> space(const std::string& path) override;
  Result<std::unique_ptr<DirectoryLock>> lock_directory(const std::string& path) override;

  /// The process ends: what was written stays, handles and locks die. Handles that are still held do nothing more.
  void kill_process();
  /// The power goes: of what was not synced any part may be lost, in any order, pages torn at sectors.
  void lose_power();

  /// kChange: every call that changes the disk, among them renames, removals and syncs. With `persistent` the disk
  /// stays as the call before left it: what a process leaves that is killed there.
  enum class Fault { kNone, kWrite, kSync, kRead, kChange };
  /// The call number `nth` of that kind from now on (1 is the next one) fails with `code`, and with `persistent` all
  /// after it.
  void fail(Fault kind, uint64_t nth, ErrorCode code, bool persistent = false);
  void heal();
  /// True once a call failed because of fail().
  bool fault_was_met() const;
  /// Bytes that all files together may have.
  void set_capacity(uint64_t bytes);

  // What lies on the disk, for tests that damage it.
  std::vector<std::string> paths() const;
  std::string content(const std::string& path) const;
  void set_content(const std::string& path, std::string bytes);
  uint64_t sync_count() const;

 private:
  friend class SimFile;
  friend class SimLock;
  struct Change {
    uint64_t offset = 0;
    std::string bytes;
    std::optional<uint64_t> size;  // a truncation or reservation instead of a write
  };
  struct Inode {
    std::string current;
    std::string durable;
    std::vector<Change> unsynced;
  };
  using InodePtr = std::shared_ptr<Inode>;
  /// A change of names that is not durable yet: `path` leads to `inode`, or nowhere.
  struct NameChange {
    std::string path;
    InodePtr inode;
    uint64_t group;  // both halves of a rename have the same
  };

  Result<void> write(Inode& inode, uint64_t offset, std::string_view bytes);
  Result<void> resize(Inode& inode, uint64_t size, bool only_grow);
  Result<void> sync(Inode& inode);
  Result<void> check_fault(Fault kind);
  Result<void> check_space(uint64_t more) const;
  void apply(Inode& inode, const Change& change, std::string& to);
  void name(const std::string& path, InodePtr inode, uint64_t group);

  mutable std::mutex mutex_;
  SeededRandom random_;
  std::map<std::string, InodePtr> names_;
  std::map<std::string, InodePtr> durable_names_;
  std::vector<NameChange> name_changes_;
  std::set<std::string> directories_;
  std::set<std::string> locks_;
  uint64_t next_group_ = 1;
  uint64_t epoch_ = 0;  // grows with every end of the process
  uint64_t capacity_ = UINT64_MAX;
  uint64_t syncs_ = 0;
  Fault fault_ = Fault::kNone;
  uint64_t fault_in_ = 0;
  ErrorCode fault_code_ = ErrorCode::kIo;
  bool fault_persistent_ = false;
  bool fault_met_ = false;
};

}  // namespace sextant::testing
