// What was read of segments and is likely to be read again: directories, slices, dictionaries, blocks of texts. One for
// all segments of a store, within a bound and the memory ledger; what was not used for longest goes first.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>

#include "base/core/guarded.h"
#include "base/core/ledger.h"

namespace sextant::persist {

/// Internally locked. Lifetime: not longer than the ledger.
class SliceCache {
 public:
  SliceCache(uint64_t bytes_max, MemoryLedger& ledger) : bytes_max_(bytes_max), ledger_(ledger) {}

  struct Key {
    uint64_t owner = 0;  // of new_owner()
    uint64_t place = 0;  // what it is within the owner
    uint32_t kind = 0;   // of content: one kind, one type
    bool operator==(const Key&) const = default;
  };
  /// A number for one who keeps things here, never given twice.
  uint64_t new_owner() { return ++state_.lock()->owners; }

  template <typename T>
  std::shared_ptr<const T> find(const Key& key) {
    return std::static_pointer_cast<const T>(find_any(key));
  }
  /// Keeps it if there is room; `bytes`: what it takes in memory.
  void put(const Key& key, std::shared_ptr<const void> content, uint64_t bytes);
  void drop_owner(uint64_t owner);
  /// Lets go of everything.
  void clear();
  uint64_t used_bytes() const { return state_.lock()->used; }

 private:
  struct KeyHash {
    size_t operator()(const Key& key) const {
      return ((key.owner * 0x9E3779B97F4A7C15) ^ key.place) * 0xBF58476D1CE4E5B9 + key.kind;
    }
  };
  struct Entry {
    Key key;
    std::shared_ptr<const void> content;
    LedgerHold hold;
  };
  using Order = std::list<Entry>;
  struct State {
    Order order;  // used last in front
    std::unordered_map<Key, Order::iterator, KeyHash> places;
    uint64_t used = 0;
    uint64_t owners = 0;
  };
  std::shared_ptr<const void> find_any(const Key& key);
  static void drop_last(State& state);

  const uint64_t bytes_max_;
  MemoryLedger& ledger_;
  Guarded<State> state_;
};

}  // namespace sextant::persist
