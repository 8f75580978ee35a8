// A file system of one read-only file in memory, for targets that read stored files.
#pragma once

#include <algorithm>
#include <string_view>

#include "base/sys/files.h"

namespace sextant::fuzz {

/// Immutable after construction. Lifetime: not longer than the bytes.
class BytesFile final : public File {
 public:
  explicit BytesFile(std::string_view bytes) : bytes_(bytes) {}

  Result<size_t> read_at(uint64_t offset, char* buffer, size_t size) const override {
    return offset >= bytes_.size() ? 0 : bytes_.copy(buffer, size, offset);
  }
  Result<void> write_at(uint64_t, std::string_view) override { return refuse(); }
  Result<void> sync() override { return refuse(); }
  Result<uint64_t> size() const override { return bytes_.size(); }
  Result<void> truncate(uint64_t) override { return refuse(); }
  Result<void> preallocate(uint64_t) override { return refuse(); }

 private:
  static Result<void> refuse() { return fail(ErrorCode::kIo, "read-only"); }
  const std::string_view bytes_;
};

/// Immutable after construction.
class BytesFiles final : public Files {
 public:
  explicit BytesFiles(std::string_view bytes) : bytes_(bytes) {}

  Result<std::unique_ptr<File>> open(const std::string&, Open) override {
    return std::unique_ptr<File>(std::make_unique<BytesFile>(bytes_));
  }
  Result<void> make_directories(const std::string&) override { return refuse(); }
  Result<std::vector<DirectoryEntry>> list(const std::string&) override { return std::vector<DirectoryEntry>{}; }
  Result<bool> exists(const std::string&) override { return true; }
  Result<void> rename(const std::string&, const std::string&) override { return refuse(); }
  Result<void> remove(const std::string&) override { return refuse(); }
  Result<void> remove_directory(const std::string&) override { return refuse(); }
  Result<void> sync_directory(const std::string&) override { return refuse(); }
  Result<DiskSpace> space(const std::string&) override { return DiskSpace{}; }
  Result<std::unique_ptr<DirectoryLock>> lock_directory(const std::string&) override {
    return sextant::fail(ErrorCode::kIo, "read-only");
  }

 private:
  static Result<void> refuse() { return sextant::fail(ErrorCode::kIo, "read-only"); }
  const std::string_view bytes_;
};

}  // namespace sextant::fuzz
