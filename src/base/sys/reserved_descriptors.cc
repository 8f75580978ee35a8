#include "base/sys/reserved_descriptors.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace sextant {

int ReservedDescriptors::open(const char* path, int flags, mode_t mode) {
  int fd = ::open(path, flags, mode);
  if (fd >= 0) {
    top_up();
    return fd;
  }
  // A connection that is accepted in between may take what was given up: then the next one is.
  while (fd < 0 && errno == EMFILE && give_one()) fd = ::open(path, flags, mode);
  return fd;
}

bool ReservedDescriptors::give_one() {
  auto held = held_.lock();
  if (held->empty()) return false;
  ::close(held->back());
  held->pop_back();
  return true;
}

void ReservedDescriptors::top_up() {
  auto held = held_.lock();
  while (held->size() < count_) {
    const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    held->push_back(fd);
  }
}

}  // namespace sextant
