#include "trace/record_stock.h"

#include <new>

#include "trace/thread_state.h"

namespace sextant::trace {

RecordStock& stock() noexcept {
  static RecordStock& instance = *new RecordStock;
  return instance;
}

SpanRecord* RecordStock::take(std::uint32_t& count) noexcept {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (free_.empty()) {
    count = kSlabRecords;
    return make_slab();
  }
  SpanRecord* chain = nullptr;
  for (count = 0; count < kSlabRecords && !free_.empty(); ++count) {
    free_.back()->next_free = chain;
    chain = free_.back();
    free_.pop_back();
  }
  return chain;
}

SpanRecord* RecordStock::make_slab() noexcept {
  if (slabs_.size() * kSlabRecords >= kOpenSpansMax) return nullptr;
  std::unique_ptr<SpanRecord[]> slab(new (std::nothrow) SpanRecord[kSlabRecords]);
  if (slab == nullptr) return nullptr;
  for (std::size_t i = 0; i + 1 < kSlabRecords; ++i) slab[i].next_free = &slab[i + 1];
  slabs_.push_back(std::move(slab));
  free_.reserve(slabs_.size() * kSlabRecords);  // so that put() allocates nothing
  return slabs_.back().get();
}

void RecordStock::take_back_all() noexcept {
  free_.clear();
  for (const auto& slab : slabs_) {
    for (std::size_t i = 0; i < kSlabRecords; ++i) {
      SpanRecord& record = slab[i];
      const std::uint64_t generation = record.generation.load(std::memory_order_relaxed);
      record.generation.store(generation + 2 - generation % 2, std::memory_order_relaxed);
      new (&record.lock) OwnerLock;  // a thread that is gone may have held it
      free_.push_back(&record);
    }
  }
}

void RecordStock::put(SpanRecord* chain) noexcept {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (; chain != nullptr; chain = chain->next_free) free_.push_back(chain);
}

}  // namespace sextant::trace
