// Where threads count: each in words of its own, which only it writes and anybody may read.
//
// A series has an offset, the same in the memory of every thread. A thread's memory comes in segments, as it first
// needs them. Plain loads and stores do, since there is one writer. Whoever collects adds up the words of all threads;
// when a thread ends, its words are added to what the series keeps of threads that are no more.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

namespace sextant::metrics {

using Word = std::atomic<std::uint64_t>;
static_assert(sizeof(Word) == 8 && Word::is_always_lock_free);

inline constexpr std::uint32_t kSegmentBits = 11;
inline constexpr std::uint32_t kSegmentWords = 1u << kSegmentBits;  // 16 KiB

/// One thread's memory, as others see it. Guarded by the lock of all metrics; words may be read under it too.
struct Shard {
  std::vector<Word*> segments;   // null: the thread has not needed it
  std::uint32_t generation = 0;  // of the SDK whose series stand in it

  /// Null where the thread has no such segment.
  Word* at(std::uint32_t offset) const noexcept {
    const std::uint32_t index = offset >> kSegmentBits;
    if (index >= segments.size() || segments[index] == nullptr) return nullptr;
    return segments[index] + (offset & (kSegmentWords - 1));
  }
  void free_segments() noexcept;
};

class ThreadCache;

/// Thread-confined; zero at first, and again after the thread's end has been handled.
struct ThreadSlots {
  Word* const* segments = nullptr;  // the shard's
  std::uint32_t segment_count = 0;
  std::uint32_t generation = 0;
  Shard* shard = nullptr;
  ThreadCache* cache = nullptr;
  std::uint64_t random = 0;

  Word* at(std::uint32_t offset) const noexcept {
    const std::uint32_t index = offset >> kSegmentBits;
    if (index >= segment_count) return nullptr;
    Word* segment = segments[index];
    return segment != nullptr ? segment + (offset & (kSegmentWords - 1)) : nullptr;
  }
  /// xorshift64 (Marsaglia, 2003): which measurements become exemplars.
  std::uint64_t next_random() noexcept {
    std::uint64_t x = random;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return random = x;
  }
};

/// Allocates the segment that holds this offset; null without memory. Requires: the lock.
Word* make_room(Shard& shard, std::uint32_t offset) noexcept;

}  // namespace sextant::metrics
