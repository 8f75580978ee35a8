// Files of a test.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

namespace sextant::test {

/// A folder of files that is removed in the end.
class Folder {
 public:
  Folder() {
    char path[] = "/tmp/sextant_test_XXXXXX";
    path_ = mkdtemp(path) != nullptr ? path : "";
  }
  ~Folder() {
    for (const std::string& file : files_) unlink(file.c_str());
    rmdir(path_.c_str());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  /// The path of a file that goes with the folder.
  const std::string& path_of(const std::string& name) {
    files_.push_back(path_ + "/" + name);
    return files_.back();
  }
  /// Both give the path.
  template <class Fill>
  std::string write(const std::string& name, Fill fill) {
    const std::string path = path_of(name);
    std::FILE* const file = std::fopen(path.c_str(), "w");
    fill(file);
    std::fclose(file);
    return path;
  }
  std::string write_text(const std::string& name, const std::string& text) {
    return write(name, [&](std::FILE* file) { std::fwrite(text.data(), 1, text.size(), file); });
  }

 private:
  std::string path_;
  std::vector<std::string> files_;
};

/// Empty where there is no such file.
inline std::string read_file(const std::string& path) {
  std::string text;
  std::FILE* const file = std::fopen(path.c_str(), "r");
  if (file == nullptr) return text;
  char bytes[4'096];
  for (std::size_t got = 1; got > 0;) {
    got = std::fread(bytes, 1, sizeof(bytes), file);
    text.append(bytes, got);
  }
  std::fclose(file);
  return text;
}

}  // namespace sextant::test
