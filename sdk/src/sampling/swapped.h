// A value that many threads use all the time and one replaces now and then.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace sextant::sampling {

/// Thread: use() by any, several at once, without a lock and without waiting; replace() and collect() by one at a time.
///
/// A user counts itself in and out of one of several lines, which one by its thread. A value that was replaced is freed
/// once each line has been seen empty since: who came later has seen the new one.
template <class T>
class Swapped {
 public:
  /// Values that wait to be freed. Why so few: a line is seen empty at almost every look.
  static constexpr std::size_t kRetiredMax = 8;

  Swapped() = default;
  ~Swapped() { delete current_.load(); }
  Swapped(const Swapped&) = delete;
  Swapped& operator=(const Swapped&) = delete;

  /// Calls work(T*), null before the first replace(), and returns what it returns.
  template <class Work>
  auto use(Work work) noexcept {
    std::atomic<std::uint32_t>& inside = lines_[line_of_thread()].inside;
    inside.fetch_add(1, std::memory_order_seq_cst);
    auto result = work(current_.load(std::memory_order_seq_cst));
    inside.fetch_sub(1, std::memory_order_release);
    return result;
  }

  /// False, with nothing changed, where too many old values are still in use.
  bool replace(std::unique_ptr<T> value) {
    collect();
    if (retired_.size() >= kRetiredMax) return false;
    T* old = current_.exchange(value.release(), std::memory_order_seq_cst);
    if (old != nullptr) retired_.push_back({std::unique_ptr<T>(old), 0});
    collect();
    return true;
  }

  /// Frees what nobody can be using. Returns how many values still wait.
  std::size_t collect() {
    std::uint32_t empty = 0;
    for (std::size_t i = 0; i < kLines; ++i) {
      if (lines_[i].inside.load(std::memory_order_seq_cst) == 0) empty |= 1u << i;
    }
    std::size_t kept = 0;
    for (Retired& retired : retired_) {
      retired.seen_empty |= empty;
      if (retired.seen_empty != kAllLines) std::swap(retired_[kept++], retired);
    }
    retired_.resize(kept);
    return kept;
  }

 private:
  static constexpr std::size_t kLines = 16;
  static constexpr std::uint32_t kAllLines = (1u << kLines) - 1;
  struct alignas(64) Line {
    std::atomic<std::uint32_t> inside{0};
  };
  struct Retired {
    std::unique_ptr<T> value;
    std::uint32_t seen_empty = 0;
  };

  static std::size_t line_of_thread() noexcept {
    static std::atomic<std::size_t> threads{0};
    thread_local const std::size_t line = threads.fetch_add(1, std::memory_order_relaxed) % kLines;
    return line;
  }

  std::array<Line, kLines> lines_;
  std::atomic<T*> current_{nullptr};
  std::vector<Retired> retired_;
};

}  // namespace sextant::sampling
