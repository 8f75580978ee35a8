#include "base/sys/memory.h"

#include <cstddef>

// jemalloc's own interface (jemalloc(3)). Only the server is linked with it: tests and sanitized programs use another
// malloc, in which these names are not there.
extern "C" {
[[gnu::weak]] int mallctl(const char* name, void* old_value, size_t* old_size, void* new_value, size_t new_size);

// Batches are made by one thread, read by a second and freed by a third. With an arena for every thread (the default
// is four a core) each keeps its own free memory for the peak it once had: twice as much in all, and no faster.
extern const char* malloc_conf;
const char* malloc_conf = "narenas:2,dirty_decay_ms:10000,muzzy_decay_ms:0,tcache_max:32768";
}

namespace sextant {

void give_back_memory() {
  // 4096 stands for all arenas (MALLCTL_ARENAS_ALL).
  if (mallctl != nullptr) (void)mallctl("arena.4096.purge", nullptr, nullptr, nullptr, 0);
}

}  // namespace sextant
