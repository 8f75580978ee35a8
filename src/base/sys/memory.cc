#include "base/sys/memory.h"

#include <sys/mman.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>

// jemalloc's own interface (jemalloc(3)). Only the server is linked with it: tests and sanitized programs use another
// malloc, in which these names are not there.
extern "C" {
[[gnu::weak]] int mallctl(const char* name, void* old_value, size_t* old_size, void* new_value, size_t new_size);

// Batches are made by one thread, read by a second and freed by a third. With an arena for every thread (the default
// is four a core) each keeps its own free memory for the peak it once had: twice as much in all, and no faster.
extern const char* malloc_conf;
const char* malloc_conf = "narenas:2,dirty_decay_ms:1000,muzzy_decay_ms:0,tcache_max:32768";
}

namespace sextant {
namespace {

constexpr unsigned kArenas = 2;  // as malloc_conf has it
/// The kernel's huge page. Ranges ask for them from twice as much on: what an idle server holds lies in smaller ones,
/// and would be rounded up.
constexpr size_t kHugePageBytes = 2U << 20;
constexpr size_t kHugeRangeBytesMin = 2 * kHugePageBytes;

// jemalloc's table of functions by which an arena gets and returns ranges of memory (extent_hooks_t).
struct RangeFunctions {
  void* (*alloc)(RangeFunctions*, void*, size_t, size_t, bool*, bool*, unsigned);
  void* others[8];  // never called from here
};

RangeFunctions* built_in = nullptr;

/// Ranges that come in huge pages while there is load: some ten. jemalloc keeps them for good. Beyond the bound they
/// have small ones. Internally locked: by `mutex`, which may be taken within the allocator, so that nothing is
/// allocated.
struct HugeRanges {
  struct Range {
    void* at = nullptr;
    size_t bytes = 0;
  };
  std::mutex mutex;
  std::array<Range, 1024> ranges{};
  size_t count = 0;
  bool wanted = false;

  void add(void* at, size_t bytes) {
    const std::scoped_lock lock(mutex);
    if (count == ranges.size()) return;
    ranges[count++] = {at, bytes};
    if (wanted) (void)madvise(at, bytes, MADV_HUGEPAGE);
  }
  void want(bool huge) {
    const std::scoped_lock lock(mutex);
    if (wanted == huge) return;
    wanted = huge;
    for (size_t i = 0; i < count; ++i) {
      (void)madvise(ranges[i].at, ranges[i].bytes, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    }
  }
};

constinit HugeRanges huge_ranges;

void* alloc_range(RangeFunctions* /*own*/, void* at, size_t bytes, size_t alignment, bool* zero, bool* commit,
                  unsigned arena) {
  void* const range = built_in->alloc(built_in, at, bytes, alignment, zero, commit, arena);
  if (range != nullptr && bytes >= kHugeRangeBytesMin) huge_ranges.add(range, bytes);
  return range;
}

RangeFunctions with_huge_pages{};

}  // namespace

void use_huge_pages() {
  if (mallctl == nullptr) return;
  for (unsigned arena = 0; arena < kArenas; ++arena) {
    const std::string name = "arena." + std::to_string(arena) + ".extent_hooks";
    RangeFunctions* present = nullptr;
    size_t size = sizeof present;
    if (mallctl(name.c_str(), &present, &size, nullptr, 0) != 0) return;
    built_in = present;
    with_huge_pages = *present;
    with_huge_pages.alloc = alloc_range;
    RangeFunctions* own = &with_huge_pages;
    (void)mallctl(name.c_str(), nullptr, nullptr, &own, sizeof own);
  }
}

void expect_load() {
  huge_ranges.want(true);
}

void give_back_memory() {
  // Or the kernel makes whole huge pages again of those of which a part is in use.
  huge_ranges.want(false);
  // 4096 stands for all arenas (MALLCTL_ARENAS_ALL).
  if (mallctl != nullptr) (void)mallctl("arena.4096.purge", nullptr, nullptr, nullptr, 0);
}

}  // namespace sextant
