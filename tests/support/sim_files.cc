#include "tests/support/sim_files.h"

#include <algorithm>

namespace sextant::testing {
namespace {

constexpr uint64_t kPageBytes = 4096;
constexpr uint64_t kSectorBytes = 512;

std::string parent_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

class SimFile final : public File {
 public:
  SimFile(SimFiles& files, SimFiles::InodePtr inode, bool writable)
      : files_(files), inode_(std::move(inode)), epoch_(files.epoch_), writable_(writable) {}

  Result<size_t> read_at(uint64_t offset, char* buffer, size_t size) const override {
    const std::lock_guard lock(files_.mutex_);
    TRY(alive());
    TRY(files_.check_fault(SimFiles::Fault::kRead));
    if (offset >= inode_->current.size()) return 0;
    return inode_->current.copy(buffer, size, offset);
  }
  Result<void> write_at(uint64_t offset, std::string_view bytes) override {
    const std::lock_guard lock(files_.mutex_);
    TRY(alive());
    return files_.write(*inode_, offset, bytes);
  }
  Result<void> sync() override {
    const std::lock_guard lock(files_.mutex_);
    TRY(alive());
    return files_.sync(*inode_);
  }
  Result<uint64_t> size() const override {
    const std::lock_guard lock(files_.mutex_);
    TRY(alive());
    return inode_->current.size();
  }
  Result<void> truncate(uint64_t size) override {
    const std::lock_guard lock(files_.mutex_);
    TRY(alive());
    return files_.resize(*inode_, size, false);
  }
  Result<void> preallocate(uint64_t size) override {
    const std::lock_guard lock(files_.mutex_);
    TRY(alive());
    return files_.resize(*inode_, size, true);
  }

 private:
  Result<void> alive() const {
    if (files_.epoch_ == epoch_) return {};
    return fail(ErrorCode::kIo, "the process that opened the file has ended");
  }
  SimFiles& files_;
  SimFiles::InodePtr inode_;
  const uint64_t epoch_;
  [[maybe_unused]] const bool writable_;
};

class SimLock final : public DirectoryLock {
 public:
  SimLock(SimFiles& files, std::string path) : files_(files), path_(std::move(path)), epoch_(files.epoch_) {}
  ~SimLock() override {
    const std::lock_guard lock(files_.mutex_);
    if (files_.epoch_ == epoch_) files_.locks_.erase(path_);
  }

 private:
  SimFiles& files_;
  const std::string path_;
  const uint64_t epoch_;
};

SimFiles::SimFiles(uint64_t seed) : random_(seed) {}
SimFiles::~SimFiles() = default;

Result<std::unique_ptr<File>> SimFiles::open(const std::string& path, Open mode) {
  const std::lock_guard lock(mutex_);
  auto known = names_.find(path);
  if (mode == Open::kCreate) {
    if (known != names_.end()) return sextant::fail(ErrorCode::kAlreadyExists, "{} exists", path);
    if (!directories_.contains(parent_of(path))) return sextant::fail(ErrorCode::kNotFound, "no directory of {}", path);
    TRY(check_fault(Fault::kWrite));
    name(path, std::make_shared<Inode>(), next_group_++);
    known = names_.find(path);
  }
  if (known == names_.end()) return sextant::fail(ErrorCode::kNotFound, "no file {}", path);
  return std::unique_ptr<File>(std::make_unique<SimFile>(*this, known->second, mode != Open::kRead));
}

Result<void> SimFiles::make_directories(const std::string& path) {
  const std::lock_guard lock(mutex_);
  for (size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    directories_.insert(path.substr(0, end));
    if (end == std::string::npos) return {};
  }
}

Result<std::vector<DirectoryEntry>> SimFiles::list(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (!directories_.contains(path)) return sextant::fail(ErrorCode::kNotFound, "no directory {}", path);
  std::vector<DirectoryEntry> entries;
  for (const auto& [file, inode] : names_) {
    if (parent_of(file) == path) entries.push_back({name_of(file), false, inode->current.size()});
  }
  for (const std::string& directory : directories_) {
    if (parent_of(directory) == path && directory != path) entries.push_back({name_of(directory), true, 0});
  }
  std::ranges::sort(entries, {}, &DirectoryEntry::name);
  return entries;
}

Result<bool> SimFiles::exists(const std::string& path) {
  const std::lock_guard lock(mutex_);
  return names_.contains(path) || directories_.contains(path);
}

Result<void> SimFiles::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  TRY(check_fault(Fault::kWrite));
  const auto known = names_.find(from);
  if (known == names_.end()) return sextant::fail(ErrorCode::kNotFound, "no file {}", from);
  const InodePtr inode = known->second;
  const uint64_t group = next_group_++;
  name(from, nullptr, group);
  name(to, inode, group);
  return {};
}

Result<void> SimFiles::remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (!names_.contains(path)) return sextant::fail(ErrorCode::kNotFound, "no file {}", path);
  TRY(check_fault(Fault::kChange));
  name(path, nullptr, next_group_++);
  return {};
}

Result<void> SimFiles::remove_directory(const std::string& path) {
  const std::lock_guard lock(mutex_);
  TRY(check_fault(Fault::kChange));
  directories_.erase(path);
  return {};
}

Result<void> SimFiles::sync_directory(const std::string& path) {
  const std::lock_guard lock(mutex_);
  TRY(check_fault(Fault::kSync));
  ++syncs_;
  std::set<uint64_t> groups;
  for (const NameChange& change : name_changes_) {
    if (parent_of(change.path) == path) groups.insert(change.group);
  }
  std::vector<NameChange> left;
  for (NameChange& change : name_changes_) {
    if (!groups.contains(change.group)) {
      left.push_back(std::move(change));
    } else if (change.inode) {
      durable_names_[change.path] = change.inode;
    } else {
      durable_names_.erase(change.path);
    }
  }
  name_changes_ = std::move(left);
  return {};
}

Result<DiskSpace> SimFiles::space(const std::string&) {
  const std::lock_guard lock(mutex_);
  uint64_t used = 0;
  for (const auto& [path, inode] : names_) used += inode->current.size();
  const uint64_t total = std::min<uint64_t>(capacity_, 1ULL << 40);
  return DiskSpace{total > used ? total - used : 0, total};
}

Result<std::unique_ptr<DirectoryLock>> SimFiles::lock_directory(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (!locks_.insert(path).second) {
    return sextant::fail(ErrorCode::kFailedPrecondition, "{} is in use by another process", path);
  }
  return std::unique_ptr<DirectoryLock>(std::make_unique<SimLock>(*this, path));
}

void SimFiles::name(const std::string& path, InodePtr inode, uint64_t group) {
  if (inode) {
    names_[path] = inode;
  } else {
    names_.erase(path);
  }
  name_changes_.push_back({path, std::move(inode), group});
}

Result<void> SimFiles::check_fault(Fault kind) {
  const bool concerned = fault_ == kind || (fault_ == Fault::kChange && kind != Fault::kRead);
  if (!concerned || fault_in_ == 0) return {};
  if (--fault_in_ > 0) return {};
  fault_met_ = true;
  if (fault_persistent_) fault_in_ = 1;
  return sextant::fail(fault_code_, "the simulated disk refuses");
}

Result<void> SimFiles::check_space(uint64_t more) const {
  uint64_t used = 0;
  for (const auto& [path, inode] : names_) used += inode->current.size();
  if (used + more <= capacity_) return {};
  return sextant::fail(ErrorCode::kDiskFull, "no space left on the simulated disk");
}

void SimFiles::apply(Inode&, const Change& change, std::string& to) {
  if (change.size) {
    to.resize(*change.size);
    return;
  }
  if (to.size() < change.offset + change.bytes.size()) to.resize(change.offset + change.bytes.size());
  to.replace(change.offset, change.bytes.size(), change.bytes);
}

Result<void> SimFiles::write(Inode& inode, uint64_t offset, std::string_view bytes) {
  const uint64_t end = offset + bytes.size();
  if (end > inode.current.size()) TRY(check_space(end - inode.current.size()));
  const Result<void> fault = check_fault(Fault::kWrite);
  if (!fault) bytes = bytes.substr(0, random_.below(bytes.size() + 1));  // an unknown part was written
  Change change{offset, std::string(bytes), std::nullopt};
  apply(inode, change, inode.current);
  inode.unsynced.push_back(std::move(change));
  return fault;
}

Result<void> SimFiles::resize(Inode& inode, uint64_t size, bool only_grow) {
  if (only_grow && size <= inode.current.size()) return {};
  if (size > inode.current.size()) TRY(check_space(size - inode.current.size()));
  TRY(check_fault(Fault::kWrite));
  Change change{0, {}, size};
  apply(inode, change, inode.current);
  inode.unsynced.push_back(std::move(change));
  return {};
}

Result<void> SimFiles::sync(Inode& inode) {
  const Result<void> fault = check_fault(Fault::kSync);
  if (!fault) {
    // What the kernel does: the pages count as clean from now on, though any of them may not have been written.
    for (const Change& change : inode.unsynced) {
      if (random_.below(2) == 0) apply(inode, change, inode.durable);
    }
    inode.unsynced.clear();
    return fault;
  }
  ++syncs_;
  for (const Change& change : inode.unsynced) apply(inode, change, inode.durable);
  inode.unsynced.clear();
  return {};
}

void SimFiles::kill_process() {
  const std::lock_guard lock(mutex_);
  ++epoch_;
  locks_.clear();
}

void SimFiles::lose_power() {
  const std::lock_guard lock(mutex_);
  ++epoch_;
  locks_.clear();
  // Names: some of the changes, in their order, a rename whole or not at all.
  const uint64_t kept_groups = name_changes_.empty() ? 0 : random_.below(name_changes_.size() + 1);
  uint64_t last_group = 0;
  uint64_t count = 0;
  for (const NameChange& change : name_changes_) {
    if (change.group != last_group && count++ >= kept_groups) break;
    last_group = change.group;
    if (change.inode) {
      durable_names_[change.path] = change.inode;
    } else {
      durable_names_.erase(change.path);
    }
  }
  name_changes_.clear();
  names_ = durable_names_;
  // A directory that was removed while the removal of its files was not durable is there again with them.
  for (const auto& [path, inode] : names_) directories_.insert(parent_of(path));
  // Contents: any of the pages written since the last sync; now and then one of them only in part.
  std::set<Inode*> done;
  for (const auto& [path, inode] : names_) {
    if (!done.insert(inode.get()).second) continue;
    const uint64_t mood = random_.below(4);  // 0: all lost, 1: all kept, otherwise page by page
    for (const Change& change : inode->unsynced) {
      if (mood == 0) continue;
      if (change.size || mood == 1) {
        apply(*inode, change, inode->durable);
        continue;
      }
      for (uint64_t begin = 0; begin < change.bytes.size();) {
        const uint64_t at = change.offset + begin;
        uint64_t size = std::min(kPageBytes - at % kPageBytes, change.bytes.size() - begin);
        const uint64_t next = begin + size;
        const uint64_t fate = random_.below(8);
        if (fate == 7) size = std::min(size, kSectorBytes - at % kSectorBytes);
        if (fate >= 4) apply(*inode, {at, change.bytes.substr(begin, size), std::nullopt}, inode->durable);
        begin = next;
      }
    }
    inode->unsynced.clear();
    inode->current = inode->durable;
  }
}

void SimFiles::fail(Fault kind, uint64_t nth, ErrorCode code, bool persistent) {
  const std::lock_guard lock(mutex_);
  fault_ = kind;
  fault_in_ = nth;
  fault_code_ = code;
  fault_persistent_ = persistent;
  fault_met_ = false;
}

void SimFiles::heal() {
  const std::lock_guard lock(mutex_);
  fault_ = Fault::kNone;
  fault_in_ = 0;
}

bool SimFiles::fault_was_met() const {
  const std::lock_guard lock(mutex_);
  return fault_met_;
}

void SimFiles::set_capacity(uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  capacity_ = bytes;
}

std::vector<std::string> SimFiles::paths() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> paths;
  for (const auto& [path, inode] : names_) paths.push_back(path);
  return paths;
}

std::string SimFiles::content(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  return names_.at(path)->current;
}

void SimFiles::set_content(const std::string& path, std::string bytes) {
  const std::lock_guard lock(mutex_);
  auto inode = std::make_shared<Inode>();
  inode->current = bytes;
  inode->durable = std::move(bytes);
  names_[path] = inode;
  durable_names_[path] = inode;
}

uint64_t SimFiles::sync_count() const {
  const std::lock_guard lock(mutex_);
  return syncs_;
}

}  // namespace sextant::testing
