#include "base/sys/files.h"

namespace sextant {

Result<std::string> read_file(Files& files, const std::string& path, uint64_t bytes_max) {
  auto file = TRY(files.open(path, Files::Open::kRead));
  const uint64_t size = TRY(file->size());
  if (size > bytes_max) {
    return fail(ErrorCode::kTooLarge, "{} has {} bytes, the limit is {}", path, size, bytes_max);
  }
  std::string bytes(size, '\0');
  bytes.resize(TRY(file->read_at(0, bytes.data(), bytes.size())));
  return bytes;
}

Result<void> write_file_atomically(Files& files, const std::string& path, std::string_view bytes) {
  const std::string temporary = path + ".tmp";
  if (TRY(files.exists(temporary))) TRY(files.remove(temporary));
  {
    auto file = TRY(files.open(temporary, Files::Open::kCreate));
    TRY(file->write_at(0, bytes));
    TRY(file->sync());
  }
  TRY(files.rename(temporary, path));
  const size_t slash = path.rfind('/');
  return files.sync_directory(slash == std::string::npos ? "." : path.substr(0, slash));
}

}  // namespace sextant
