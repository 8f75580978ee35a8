// The one account of memory that requests, sealing and queries draw on. Who cannot get what it needs is told to come
// back later (429, 503, RESOURCE_EXHAUSTED) instead of the process being killed.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace sextant {

class MemoryLedger;

/// Bytes taken from a ledger; gives them back when it dies. Movable resource. Lifetime: not longer than its ledger.
class LedgerHold {
 public:
  LedgerHold() = default;
  LedgerHold(LedgerHold&& other) noexcept
      : ledger_(std::exchange(other.ledger_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  LedgerHold& operator=(LedgerHold&& other) noexcept {
    release();
    ledger_ = std::exchange(other.ledger_, nullptr);
    bytes_ = std::exchange(other.bytes_, 0);
    return *this;
  }
  ~LedgerHold() { release(); }

  uint64_t bytes() const { return bytes_; }
  /// Grows or shrinks to `bytes`. False, and nothing changed, when the ledger has not that much left.
  [[nodiscard]] bool resize(uint64_t bytes);
  void release();

 private:
  friend class MemoryLedger;
  LedgerHold(MemoryLedger* ledger, uint64_t bytes) : ledger_(ledger), bytes_(bytes) {}
  MemoryLedger* ledger_ = nullptr;
  uint64_t bytes_ = 0;
};

/// Internally locked (one atomic). `limit_bytes` is never exceeded by the sum of all holds.
///
/// A ledger may be a share of another, its parent: what is taken from the share is taken from the parent too. That is
/// how something that must go on (questions) keeps room when something else (ingest) has used up its own.
/// Lifetime: a parent outlives its shares.
class MemoryLedger {
 public:
  explicit MemoryLedger(uint64_t limit_bytes, MemoryLedger* parent = nullptr)
      : limit_bytes_(limit_bytes), parent_(parent) {}
  MemoryLedger(const MemoryLedger&) = delete;
  MemoryLedger& operator=(const MemoryLedger&) = delete;

  uint64_t limit_bytes() const { return limit_bytes_; }
  uint64_t used_bytes() const { return used_bytes_.load(std::memory_order_relaxed); }

  /// An empty hold bound to this ledger, to be grown by resize().
  LedgerHold open() { return {this, 0}; }
  /// True, and `hold` is a new hold of `bytes`, when there is room; `hold` is untouched otherwise.
  [[nodiscard]] bool reserve(uint64_t bytes, LedgerHold& hold);

 private:
  friend class LedgerHold;
  bool take(uint64_t bytes);
  void give_back(uint64_t bytes);

  const uint64_t limit_bytes_;
  MemoryLedger* const parent_;
  std::atomic<uint64_t> used_bytes_{0};
};

}  // namespace sextant
