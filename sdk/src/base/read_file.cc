#include "base/read_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace sextant {

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  std::FILE* file = std::fopen(path.c_str(), "rbe");
  if (file == nullptr) return Error{std::string("cannot be opened: ") + std::strerror(errno)};
  std::string text;
  char bytes[16 * 1024];
  for (std::size_t got = 1; got > 0 && text.size() <= bytes_max;) {
    got = std::fread(bytes, 1, std::min(sizeof(bytes), bytes_max + 1 - text.size()), file);
    text.append(bytes, got);
  }
  const bool failed = std::ferror(file) != 0;
  const int why = errno;
  std::fclose(file);
  if (failed) return Error{std::string("cannot be read: ") + std::strerror(why)};
  return text;
}

}  // namespace sextant
