// All span records of the process: those that no thread keeps, and the list of those that exist.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "trace/span_record.h"

namespace sextant::trace {

/// Internally locked. Never destroyed.
class RecordStock {
 public:
  static constexpr std::size_t kSlabRecords = 32;  // made, and taken by a thread, at a time

  /// A chain of free records and its length; null where kOpenSpansMax exist and all are in use, or memory is out.
  SpanRecord* take(std::uint32_t& count) noexcept;
  /// A chain, linked by next_free.
  void put(SpanRecord* chain) noexcept;
  /// Every record, free or not.
  template <class Visit>
  void for_each(Visit visit) {
    for (std::size_t i = 0;; ++i) {
      SpanRecord* slab = nullptr;
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (i == slabs_.size()) return;
        slab = slabs_[i].get();
      }
      for (std::size_t k = 0; k < kSlabRecords; ++k) visit(slab[k]);
    }
  }
  std::mutex& mutex() noexcept { return mutex_; }  // to be held over a fork
  /// In the child of a fork, with the mutex held: every record is free again, whoever had it; handles to open spans are
  /// stale.
  void take_back_all() noexcept;

 private:
  SpanRecord* make_slab() noexcept;

  std::mutex mutex_;
  std::vector<std::unique_ptr<SpanRecord[]>> slabs_;
  std::vector<SpanRecord*> free_;
};

RecordStock& stock() noexcept;

}  // namespace sextant::trace
