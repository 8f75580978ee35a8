// Memory in which records wait for the thread that gathers them: chunks of one size, used again and again.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace sextant::queue {

/// One thread writes from the front, one reads behind it. `committed` is how far what stands is whole.
struct Chunk {
  std::atomic<Chunk*> next{nullptr};  // set after the last commit: nothing more comes here
  std::atomic<std::uint32_t> committed{0};
  std::uint32_t capacity = 0;
  std::uint32_t index = 0;  // in the pool; kSingle for a chunk made for one large record
  std::uint32_t next_free = 0;

  static constexpr std::uint32_t kSingle = UINT32_MAX;
  char* data() noexcept { return reinterpret_cast<char*>(this + 1); }
};

/// Internally locked, without locks (a Treiber stack of indices; a tag in the head defeats reuse between load and
/// exchange).
class ChunkPool {
 public:
  static constexpr std::uint32_t kChunkBytes =
      16 * 1024;  // some forty spans: taking a chunk is then a small part of what they cost
  static constexpr std::uint32_t kHoldersMax = 16'384;            // threads that may hold a chunk beyond the budget
  static constexpr std::size_t kBytesMax = std::size_t{1} << 30;  // budgets beyond count as this one

  /// At most so many bytes are held at a time, large records included; and a chunk for each holder, since what an idle
  /// thread holds must not be missing to others.
  explicit ChunkPool(std::size_t bytes_max);
  /// Any time. What is held beyond a smaller budget stays until it is given back.
  void set_bytes_max(std::size_t bytes_max) noexcept;
  ~ChunkPool();
  ChunkPool(const ChunkPool&) = delete;
  ChunkPool& operator=(const ChunkPool&) = delete;

  /// A chunk with room for so many bytes; null where the budget or the memory is used up. A record larger than the
  /// whole budget is taken when nothing else of its kind waits, so that it is not refused for ever.
  Chunk* take(std::size_t bytes) noexcept;
  void give_back(Chunk* chunk) noexcept;
  /// In the child of a fork: the chunks that exist are left to whoever had them, and new ones are made as needed.
  void forget_all() noexcept;
  void set_holders(std::uint32_t holders) noexcept { holders_.store(holders, std::memory_order_relaxed); }

 private:
  Chunk* take_single(std::size_t bytes) noexcept;
  Chunk* make() noexcept;
  Chunk* pop() noexcept;
  void push(Chunk* chunk) noexcept;

  struct Freed {
    void operator()(std::atomic<Chunk*>* chunks) const noexcept { std::free(chunks); }
  };
  std::atomic<std::size_t> bytes_max_{0};
  std::atomic<std::uint32_t> chunks_max_{0};  // without the holders'
  std::unique_ptr<std::atomic<Chunk*>[], Freed> chunks_;
  std::atomic<std::uint32_t> made_{0};
  std::atomic<std::uint32_t> held_{0};
  std::atomic<std::uint32_t> holders_{0};
  std::atomic<std::uint64_t> free_head_{0};  // tag in the upper half, index + 1 in the lower
  std::atomic<std::size_t> single_bytes_{0};
};

}  // namespace sextant::queue
