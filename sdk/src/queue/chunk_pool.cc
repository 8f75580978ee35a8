#include "queue/chunk_pool.h"

#include <algorithm>
#include <cstdlib>
#include <new>

namespace sextant::queue {
namespace {

constexpr std::uint64_t kIndexMask = 0xffffffff;
constexpr std::uint64_t kTagStep = kIndexMask + 1;

Chunk* make_chunk(std::size_t capacity) noexcept {
  void* memory = std::malloc(sizeof(Chunk) + capacity);
  if (memory == nullptr) return nullptr;
  auto* chunk = new (memory) Chunk;
  chunk->capacity = static_cast<std::uint32_t>(capacity);
  return chunk;
}

std::uint32_t count_of(std::size_t bytes_max) noexcept {
  const std::size_t count = std::min(bytes_max, ChunkPool::kBytesMax) / ChunkPool::kChunkBytes;
  return static_cast<std::uint32_t>(count < 1 ? 1 : count);
}

/// Places for chunks: zeros, of which only those that are used take memory.
constexpr std::uint32_t kPlaces = ChunkPool::kBytesMax / ChunkPool::kChunkBytes + ChunkPool::kHoldersMax;

}  // namespace

ChunkPool::ChunkPool(std::size_t bytes_max)
    : chunks_(static_cast<std::atomic<Chunk*>*>(std::calloc(kPlaces, sizeof(std::atomic<Chunk*>)))) {
  set_bytes_max(bytes_max);
}

void ChunkPool::set_bytes_max(std::size_t bytes_max) noexcept {
  bytes_max_.store(bytes_max, std::memory_order_relaxed);
  chunks_max_.store(count_of(bytes_max), std::memory_order_relaxed);
}

ChunkPool::~ChunkPool() {
  const std::uint32_t made = std::min(made_.load(std::memory_order_relaxed), kPlaces);
  for (std::uint32_t i = 0; i < made; ++i) std::free(chunks_[i].load(std::memory_order_relaxed));
}

Chunk* ChunkPool::take(std::size_t bytes) noexcept {
  constexpr std::size_t kCapacity = kChunkBytes - sizeof(Chunk);
  if (bytes > kCapacity) return take_single(bytes);
  const std::uint32_t limit =
      chunks_max_.load(std::memory_order_relaxed) + std::min(holders_.load(std::memory_order_relaxed), kHoldersMax);
  Chunk* chunk = nullptr;
  if (held_.fetch_add(1, std::memory_order_relaxed) < limit) {
    chunk = pop();
    if (chunk == nullptr) chunk = make();
  }
  if (chunk == nullptr) held_.fetch_sub(1, std::memory_order_relaxed);
  return chunk;
}

Chunk* ChunkPool::make() noexcept {
  if (chunks_ == nullptr) return nullptr;
  std::uint32_t index = made_.load(std::memory_order_relaxed);
  do {
    if (index >= kPlaces) return pop();
  } while (!made_.compare_exchange_weak(index, index + 1, std::memory_order_relaxed));
  Chunk* chunk = make_chunk(kChunkBytes - sizeof(Chunk));
  if (chunk == nullptr) return nullptr;  // the index is lost; without memory that is the least
  chunk->index = index;
  chunks_[index].store(chunk, std::memory_order_release);
  return chunk;
}

Chunk* ChunkPool::take_single(std::size_t bytes) noexcept {
  if (bytes > UINT32_MAX / 2) return nullptr;
  const std::size_t before = single_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  Chunk* chunk =
      before == 0 || before + bytes <= bytes_max_.load(std::memory_order_relaxed) ? make_chunk(bytes) : nullptr;
  if (chunk == nullptr) {
    single_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
    return nullptr;
  }
  chunk->index = Chunk::kSingle;
  return chunk;
}

void ChunkPool::give_back(Chunk* chunk) noexcept {
  if (chunk->index != Chunk::kSingle) {
    push(chunk);
    held_.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  single_bytes_.fetch_sub(chunk->capacity, std::memory_order_relaxed);
  std::free(chunk);
}

void ChunkPool::forget_all() noexcept {
  for (std::uint32_t i = 0; i < made_.load(std::memory_order_relaxed); ++i)
    chunks_[i].store(nullptr, std::memory_order_relaxed);
  made_.store(0, std::memory_order_relaxed);
  free_head_.store(0, std::memory_order_relaxed);
  single_bytes_.store(0, std::memory_order_relaxed);
}

Chunk* ChunkPool::pop() noexcept {
  std::uint64_t head = free_head_.load(std::memory_order_acquire);
  while ((head & kIndexMask) != 0) {
    Chunk* chunk = chunks_[(head & kIndexMask) - 1].load(std::memory_order_acquire);
    // May be read while another thread takes this chunk; the tag then differs and the exchange fails.
    const std::uint64_t next = __atomic_load_n(&chunk->next_free, __ATOMIC_RELAXED);
    if (!free_head_.compare_exchange_weak(head, ((head & ~kIndexMask) + kTagStep) | next, std::memory_order_acquire))
      continue;
    chunk->next.store(nullptr, std::memory_order_relaxed);
    chunk->committed.store(0, std::memory_order_relaxed);
    return chunk;
  }
  return nullptr;
}

void ChunkPool::push(Chunk* chunk) noexcept {
  std::uint64_t head = free_head_.load(std::memory_order_relaxed);
  std::uint64_t mine = 0;
  do {
    __atomic_store_n(&chunk->next_free, static_cast<std::uint32_t>(head & kIndexMask), __ATOMIC_RELAXED);
    mine = ((head & ~kIndexMask) + kTagStep) | (std::uint64_t{chunk->index} + 1);
  } while (!free_head_.compare_exchange_weak(head, mine, std::memory_order_release, std::memory_order_relaxed));
}

}  // namespace sextant::queue
