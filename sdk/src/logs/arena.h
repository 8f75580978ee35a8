// Memory for what a processor sets in a record: given back all at once.
#pragma once

#include <cstddef>
#include <cstdlib>

namespace sextant::logs {

/// Thread-confined. Null where memory is out: nothing here throws.
class Arena {
 public:
  Arena() noexcept = default;
  ~Arena() {
    while (blocks_ != nullptr) {
      Block* const next = blocks_->next;
      std::free(blocks_);
      blocks_ = next;
    }
  }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// For `count` objects of a type that needs no destructor.
  template <class T>
  T* take(std::size_t count) noexcept {
    static_assert(alignof(T) <= kAlignment);
    if (count > kBytesMax / sizeof(T)) return nullptr;
    return static_cast<T*>(take_bytes(count * sizeof(T)));
  }

 private:
  static constexpr std::size_t kAlignment = alignof(std::max_align_t);
  static constexpr std::size_t kBytesMax = std::size_t{1} << 40;
  static constexpr std::size_t kBlockBytes = 4096;
  struct alignas(kAlignment) Block {
    Block* next;
  };

  void* take_bytes(std::size_t bytes) noexcept {
    const std::size_t room = (bytes + kAlignment - 1) & ~(kAlignment - 1);
    if (left_ < room) {
      const std::size_t size = room > kBlockBytes ? room : kBlockBytes;
      auto* block = static_cast<Block*>(std::malloc(sizeof(Block) + size));
      if (block == nullptr) return nullptr;
      block->next = blocks_;
      blocks_ = block;
      at_ = reinterpret_cast<char*>(block + 1);
      left_ = size;
    }
    void* const taken = at_;
    at_ += room;
    left_ -= room;
    return taken;
  }

  Block* blocks_ = nullptr;
  char* at_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace sextant::logs
