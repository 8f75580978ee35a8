// Baggage that comes in, entry by entry and not more than is allowed.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "sextant/context.h"
#include "sextant/propagation.h"

namespace sextant::propagation {

/// Thread-confined.
class BaggageEntries {
 public:
  bool full() const noexcept { return entries_.size() >= kBaggageEntriesMax; }
  /// In place of the entry with the same key, if there is one.
  void add(Baggage::Entry entry) {
    for (Baggage::Entry& old : entries_) {
      if (old.key != entry.key) continue;
      old = std::move(entry);
      return;
    }
    if (entries_.empty()) entries_.reserve(kFirstReserved);
    entries_.push_back(std::move(entry));
  }
  /// To what the context has already; nothing happens where nothing has come in.
  void add_to(Context& context) {
    if (entries_.empty()) return;
    if (context.baggage().empty()) {
      context = context.with_baggage(Baggage(std::move(entries_)));
      return;
    }
    std::vector<Baggage::Entry> all;
    for (const Baggage::Entry& old : context.baggage().entries()) {
      if (!has(old.key)) all.push_back(old);
    }
    for (Baggage::Entry& entry : entries_) all.push_back(std::move(entry));
    context = context.with_baggage(Baggage(std::move(all)));
  }

 private:
  static constexpr std::size_t kFirstReserved = 8;
  bool has(std::string_view key) const noexcept {
    for (const Baggage::Entry& entry : entries_) {
      if (entry.key == key) return true;
    }
    return false;
  }
  std::vector<Baggage::Entry> entries_;
};

}  // namespace sextant::propagation
