#include "base/core/ledger.h"

#include "base/core/check.h"

namespace sextant {

bool LedgerHold::resize(uint64_t bytes) {
  CHECK(ledger_ != nullptr);
  if (bytes > bytes_ && !ledger_->take(bytes - bytes_)) return false;
  if (bytes < bytes_) ledger_->give_back(bytes_ - bytes);
  bytes_ = bytes;
  return true;
}

void LedgerHold::release() {
  if (ledger_ != nullptr && bytes_ > 0) ledger_->give_back(bytes_);
  ledger_ = nullptr;
  bytes_ = 0;
}

bool MemoryLedger::take(uint64_t bytes) {
  uint64_t used = used_bytes_.load(std::memory_order_relaxed);
  do {
    if (bytes > limit_bytes_ || used > limit_bytes_ - bytes) return false;
  } while (!used_bytes_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
  if (parent_ == nullptr || parent_->take(bytes)) return true;
  used_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  return false;
}

void MemoryLedger::give_back(uint64_t bytes) {
  used_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  if (parent_ != nullptr) parent_->give_back(bytes);
}

bool MemoryLedger::reserve(uint64_t bytes, LedgerHold& hold) {
  if (!take(bytes)) return false;
  hold = LedgerHold(this, bytes);
  return true;
}

}  // namespace sextant
