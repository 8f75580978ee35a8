// The memory of request bodies: accounted before it is taken, reserved once, used again. Private to base/net.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/core/guarded.h"
#include "base/core/ledger.h"

namespace sextant::net_detail {

/// A few large buffers that were used before: a fresh one of 200 KiB costs page faults on every request. Internally
/// locked.
class BufferPool {
 public:
  explicit BufferPool(MemoryLedger& ledger) : ledger_(ledger) {}

  /// A buffer with room for `bytes`, accounted for in `hold`. False when the ledger is full, even without the pool.
  bool take(uint64_t bytes, std::string& buffer, LedgerHold& hold);
  void give_back(std::string&& buffer, LedgerHold&& hold);

 private:
  struct Pooled {
    std::string buffer;
    LedgerHold hold;
  };
  MemoryLedger& ledger_;
  Guarded<std::vector<Pooled>> free_;
};

/// One body while it comes in. Thread-confined (to its connection).
class RequestBody {
 public:
  enum class Outcome : uint8_t { kOk, kTooLarge, kMemoryFull };

  explicit RequestBody(BufferPool& pool) : pool_(pool) {}

  /// For `expected` bytes (0: not known), never more than `bytes_max`.
  Outcome start(uint64_t expected, uint64_t bytes_max);
  Outcome append(std::string_view bytes);
  /// Room for the next read, at most `bytes_max` long and never empty; nothing when the ledger is full.
  std::span<char> prepare(uint64_t bytes_max, Outcome& outcome);
  void commit(uint64_t bytes) { filled_ += bytes; }

  uint64_t size() const { return filled_; }
  /// Bytes that may still come.
  uint64_t left() const { return bytes_max_ - filled_; }
  /// The body and the account of its memory. Ready for another start() after.
  std::pair<std::string, LedgerHold> take();
  /// Forgets what was read.
  void drop();

 private:
  Outcome grow(uint64_t bytes);
  BufferPool& pool_;
  std::string buffer_;  // its size is the room, filled_ of it is in use
  LedgerHold hold_;
  uint64_t filled_ = 0;
  uint64_t expected_ = 0;
  uint64_t bytes_max_ = 0;
};

}  // namespace sextant::net_detail
