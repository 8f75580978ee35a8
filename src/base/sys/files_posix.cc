// Files on the operating system: pread, pwrite, fdatasync, with short transfers and EINTR handled here once.
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/sys/files.h"
#include "base/sys/reserved_descriptors.h"

namespace sextant {
namespace {

ErrorCode code_of(int number) {
  switch (number) {
    case ENOENT:
      return ErrorCode::kNotFound;
    case EEXIST:
      return ErrorCode::kAlreadyExists;
    case ENOSPC:
    case EDQUOT:
      return ErrorCode::kDiskFull;
    case EACCES:
    case EPERM:
      return ErrorCode::kPermissionDenied;
    case EROFS:
      return ErrorCode::kFailedPrecondition;
    case EMFILE:
    case ENFILE:
      return ErrorCode::kResourceExhausted;
    default:
      return ErrorCode::kIo;
  }
}

std::unexpected<Error> os_failure(std::string_view what, std::string_view path) {
  const int number = errno;
  return fail(code_of(number), "{} {}: {}", what, path, std::strerror(number));
}

/// Owns a descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

class PosixFile final : public File {
 public:
  PosixFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

  Result<size_t> read_at(uint64_t offset, char* buffer, size_t size) const override {
    size_t done = 0;
    while (done < size) {
      const ssize_t count = ::pread(fd_.get(), buffer + done, size - done, static_cast<off_t>(offset + done));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return os_failure("read", path_);
      if (count == 0) break;
      done += static_cast<size_t>(count);
    }
    return done;
  }

  Result<void> write_at(uint64_t offset, std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t count = ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return os_failure("write", path_);
      bytes.remove_prefix(static_cast<size_t>(count));
      offset += static_cast<uint64_t>(count);
    }
    return {};
  }

  Result<void> sync() override {
    if (::fdatasync(fd_.get()) != 0) return os_failure("sync", path_);
    return {};
  }

  Result<uint64_t> size() const override {
    struct stat info{};
    if (::fstat(fd_.get(), &info) != 0) return os_failure("stat", path_);
    return static_cast<uint64_t>(info.st_size);
  }

  Result<void> truncate(uint64_t size) override {
    if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) return os_failure("truncate", path_);
    return {};
  }

  Result<void> preallocate(uint64_t size) override {
    const int number = ::posix_fallocate(fd_.get(), 0, static_cast<off_t>(size));
    if (number != 0) {
      errno = number;
      return os_failure("preallocate", path_);
    }
    return {};
  }

 private:
  Descriptor fd_;
  std::string path_;
};

class PosixLock final : public DirectoryLock {
 public:
  explicit PosixLock(int fd) : fd_(fd) {}

 private:
  Descriptor fd_;
};

class PosixFiles final : public Files {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, Open mode) override {
    int flags = O_CLOEXEC;
    if (mode == Open::kRead) flags |= O_RDONLY;
    if (mode == Open::kReadWrite) flags |= O_RDWR;
    if (mode == Open::kCreate) flags |= O_RDWR | O_CREAT | O_EXCL;
    const int fd = descriptors_.open(path.c_str(), flags, 0644);
    if (fd < 0) return os_failure("open", path);
    return std::unique_ptr<File>(std::make_unique<PosixFile>(fd, path));
  }

  Result<void> make_directories(const std::string& path) override {
    for (size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
      const std::string part = path.substr(0, end);
      if (::mkdir(part.c_str(), 0755) != 0 && errno != EEXIST) return os_failure("make directory", part);
      if (end == std::string::npos) return {};
    }
  }

  Result<std::vector<DirectoryEntry>> list(const std::string& path) override {
    Descriptor listed(descriptors_.open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    DIR* directory = listed.get() < 0 ? nullptr : ::fdopendir(listed.get());
    if (directory == nullptr) return os_failure("list", path);
    (void)listed.release();  // it is the directory's now
    std::vector<DirectoryEntry> entries;
    while (const dirent* item = ::readdir(directory)) {
      const std::string name = item->d_name;
      if (name == "." || name == "..") continue;
      struct stat info{};
      if (::stat((path + "/" + name).c_str(), &info) != 0) continue;  // removed since it was listed
      const bool is_directory = S_ISDIR(info.st_mode);
      entries.push_back({name, is_directory, is_directory ? 0 : static_cast<uint64_t>(info.st_size)});
    }
    ::closedir(directory);
    std::ranges::sort(entries, {}, &DirectoryEntry::name);
    return entries;
  }

  Result<bool> exists(const std::string& path) override {
    if (::access(path.c_str(), F_OK) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return os_failure("look up", path);
  }

  Result<void> rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return os_failure("rename", from + " to " + to);
    return {};
  }

  Result<void> remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0) return os_failure("remove", path);
    return {};
  }

  Result<void> remove_directory(const std::string& path) override {
    if (::rmdir(path.c_str()) != 0) return os_failure("remove directory", path);
    return {};
  }

  Result<void> sync_directory(const std::string& path) override {
    Descriptor directory(descriptors_.open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.get() < 0) return os_failure("open directory", path);
    if (::fsync(directory.get()) != 0) return os_failure("sync directory", path);
    return {};
  }

  Result<DiskSpace> space(const std::string& path) override {
    struct statvfs info{};
    if (::statvfs(path.c_str(), &info) != 0) return os_failure("ask for the free space of", path);
    return DiskSpace{static_cast<uint64_t>(info.f_bavail) * info.f_frsize,
                     static_cast<uint64_t>(info.f_blocks) * info.f_frsize};
  }

  Result<std::unique_ptr<DirectoryLock>> lock_directory(const std::string& path) override {
    const std::string name = path + "/lock";
    const int fd = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) return os_failure("open", name);
    auto lock = std::make_unique<PosixLock>(fd);
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return os_failure("lock", name);
      return fail(ErrorCode::kFailedPrecondition,
                  "{} is in use by another process; stop that one or choose another data directory", path);
    }
    return std::unique_ptr<DirectoryLock>(std::move(lock));
  }

 private:
  /// For the log's next file, its directory, a segment that is written and the ones that are opened in its stead.
  static constexpr size_t kReserved = 16;
  ReservedDescriptors descriptors_{kReserved};
};

}  // namespace

Files& posix_files() {
  static PosixFiles files;
  return files;
}

}  // namespace sextant
