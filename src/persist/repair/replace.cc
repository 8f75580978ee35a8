#include "persist/repair/replace.h"

#include <algorithm>

#include "persist/repair/limits.h"
#include "persist/store/layout.h"

namespace sextant::persist {
namespace {

/// "<path>.damaged", or with a number where that is taken.
Result<std::string> free_name(Files& files, const std::string& path) {
  for (uint32_t number = 1; number <= kDamagedNamesMax; ++number) {
    std::string name = number == 1 ? path + kDamagedSuffix : fmt::format("{}.{}{}", path, number, kDamagedSuffix);
    if (!TRY(files.exists(name))) return name;
  }
  return fail(ErrorCode::kAlreadyExists, "{} damaged files of the name {} are kept; remove some", kDamagedNamesMax,
              path);
}

Result<void> copy_file(Files& files, const std::string& from, const std::string& to) {
  const auto source = TRY(files.open(from, Files::Open::kRead));
  const auto target = TRY(files.open(to, Files::Open::kCreate));
  const uint64_t size = TRY(source->size());
  std::string bytes;
  for (uint64_t offset = 0; offset < size; offset += bytes.size()) {
    bytes.resize(std::min(kRepairCopyBytes, size - offset));
    bytes.resize(TRY(source->read_at(offset, bytes.data(), bytes.size())));
    if (bytes.empty()) return fail(ErrorCode::kIo, "{} became shorter while it was copied", from);
    TRY(target->write_at(offset, bytes));
  }
  return target->sync();
}

std::string directory_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

}  // namespace

Result<std::string> replace_file(Files& files, const std::string& fresh, const std::string& path) {
  std::string kept = TRY(free_name(files, path));
  const std::string copy = kept + kTemporarySuffix;
  if (TRY(files.exists(copy))) TRY(files.remove(copy));
  const Result<void> copied = copy_file(files, path, copy);
  if (!copied) {
    (void)files.remove(copy);
    return std::unexpected(copied.error());
  }
  TRY(files.rename(copy, kept));
  TRY(files.sync_directory(directory_of(path)));
  TRY(files.rename(fresh, path));
  TRY(files.sync_directory(directory_of(path)));
  return kept;
}

Result<std::string> set_aside(Files& files, const std::string& path) {
  std::string kept = TRY(free_name(files, path));
  TRY(files.rename(path, kept));
  TRY(files.sync_directory(directory_of(path)));
  return kept;
}

}  // namespace sextant::persist
