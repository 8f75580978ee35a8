// Where the repository that this test was built from lies, and the files beside it that tests read.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace sextant::test {

/// With everything read from it; empty where there is no such file.
inline std::string text_of_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The folder above `path`, or above the one above and so on, that holds this SDK; empty: none does.
inline std::string repository_above(std::string path) {
  while (!path.empty()) {
    path.resize(path.rfind('/') == std::string::npos ? 0 : path.rfind('/'));
    if (access((path + "/sdk/include/sextant/sdk.h").c_str(), R_OK) == 0) return path;
  }
  return {};
}

/// Of the test's program, or else of the folder that it runs in.
inline std::string repository() {
  char path[4096];
  const ssize_t size = readlink("/proc/self/exe", path, sizeof(path));
  std::string found = repository_above(std::string(path, size > 0 ? static_cast<std::size_t>(size) : 0));
  if (found.empty() && getcwd(path, sizeof(path)) != nullptr) found = repository_above(std::string(path) + "/");
  return found;
}

/// The folder of files that other systems show: of SEXTANT_SHARED, or beside the repository.
inline std::string fixtures() {
  const char* shared = std::getenv("SEXTANT_SHARED");
  return (shared != nullptr ? std::string(shared) : repository() + "/../shared") + "/fixtures/";
}

}  // namespace sextant::test
