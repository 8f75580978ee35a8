// The files of a store, taken from one simulated disk and laid onto others with one of them changed. Header only.
#pragma once

#include <map>
#include <string>

#include "tests/support/sim_files.h"

namespace sextant::sim {

/// Immutable after construction.
class StoreFiles {
 public:
  StoreFiles() = default;
  explicit StoreFiles(const testing::SimFiles& files) {
    for (const std::string& path : files.paths()) contents_[path] = files.content(path);
  }

  const std::map<std::string, std::string>& contents() const { return contents_; }

  /// `path` gets other content; an empty path: all are as they were.
  void lay(testing::SimFiles& files, const std::string& path = {}, const std::string& content = {}) const {
    for (const auto& [name, bytes] : contents_) {
      files.set_content(name, name == path ? content : bytes);
      (void)files.make_directories(name.substr(0, name.rfind('/')));
    }
  }

  /// Bytes up to the last one that is not zero: behind it a log file is reserved only.
  static size_t used_bytes(const std::string& content) { return content.find_last_not_of('\0') + 1; }

 private:
  std::map<std::string, std::string> contents_;
};

}  // namespace sextant::sim
