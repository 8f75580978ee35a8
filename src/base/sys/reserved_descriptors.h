// Descriptors that are kept free for files: when clients' connections have taken all that the process may have, the log
// must still get its next file. Inside base/sys.
#pragma once

#include <sys/types.h>

#include <vector>

#include "base/core/guarded.h"

namespace sextant {

/// Internally locked.
class ReservedDescriptors {
 public:
  /// Holds up to `count`, taken when files are opened.
  explicit ReservedDescriptors(size_t count) : count_(count) {}

  /// open(2); where the process has no descriptor left, one of the reserved ones serves.
  int open(const char* path, int flags, mode_t mode = 0);

 private:
  bool give_one();
  void top_up();

  const size_t count_;
  Guarded<std::vector<int>> held_;
};

}  // namespace sextant
