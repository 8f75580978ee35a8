// Bytes that grow at their end, the first of them without an allocation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace sextant {

/// Thread-confined. Where memory cannot be had, what was to be appended is left out as a whole and failed() says so:
/// nothing here throws.
template <std::size_t kInlineBytes>
class Buffer {
 public:
  Buffer() noexcept = default;
  ~Buffer() {
    if (data_ != inline_) std::free(data_);
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  std::size_t size() const noexcept { return size_; }
  const char* data() const noexcept { return data_; }
  char* data() noexcept { return data_; }
  std::string_view view() const noexcept { return {data_, size_}; }
  bool failed() const noexcept { return failed_; }

  /// Where `bytes` more can be written, to be followed by set_end() with where writing stopped; null without memory.
  char* reserve(std::size_t bytes) noexcept {
    if (capacity_ - size_ < bytes && !grow(bytes)) return nullptr;
    return data_ + size_;
  }
  void set_end(const char* end) noexcept { size_ = static_cast<std::size_t>(end - data_); }
  /// Requires: size <= size().
  void truncate(std::size_t size) noexcept { size_ = size; }
  void append(std::string_view bytes) noexcept {
    if (char* out = reserve(bytes.size()); out != nullptr && !bytes.empty()) {
      std::memcpy(out, bytes.data(), bytes.size());
      size_ += bytes.size();
    }
  }
  /// Requires: offset + count <= size().
  void erase(std::size_t offset, std::size_t count) noexcept {
    std::memmove(data_ + offset, data_ + offset + count, size_ - offset - count);
    size_ -= count;
  }
  /// Empties it; memory beyond `kept_bytes_max` is given back.
  void reset(std::size_t kept_bytes_max) noexcept {
    if (capacity_ > kept_bytes_max && data_ != inline_) {
      std::free(data_);
      data_ = inline_;
      capacity_ = kInlineBytes;
    }
    size_ = 0;
    failed_ = false;
  }

 private:
  bool grow(std::size_t bytes) noexcept {
    const std::size_t needed = size_ + bytes;
    const std::size_t capacity = needed > capacity_ * 2 ? needed : capacity_ * 2;
    void* memory = data_ == inline_ ? std::malloc(capacity) : std::realloc(data_, capacity);
    if (memory == nullptr) {
      failed_ = true;
      return false;
    }
    if (data_ == inline_) std::memcpy(memory, inline_, size_);
    data_ = static_cast<char*>(memory);
    capacity_ = capacity;
    return true;
  }

  char* data_ = inline_;
  std::size_t size_ = 0;
  std::size_t capacity_ = kInlineBytes;
  bool failed_ = false;
  char inline_[kInlineBytes];
};

}  // namespace sextant
