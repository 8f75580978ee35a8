// What a thread remembers of the attributes it measured with: where their series are, in its own memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "metrics/attribute_set.h"
#include "metrics/instrument.h"
#include "metrics/series.h"

namespace sextant::metrics {

/// A series, and this thread's words of it.
struct Target {
  Series* series = nullptr;
  Word* slot = nullptr;
};

/// Thread-confined. Bounded: what is looked up again after it was pushed out is found in the streams.
class ThreadCache {
 public:
  struct Entry {
    std::uint64_t hash = 0;
    const Instrument* instrument = nullptr;
    std::vector<Target> targets;
    std::vector<std::uint64_t> words;  // of the FlatKey
  };
  static constexpr std::size_t kEntriesMax = 8'192;  // more than the series of three instruments at their limit

  ThreadCache() : places_(kEntriesMin) {}
  const Entry* find(const Instrument& instrument, const FlatKey& key) const noexcept {
    const std::size_t mask = places_.size() - 1;
    for (std::size_t i = 0; i < kProbes; ++i) {
      const Place& place = places_[(key.hash() + i) & mask];
      if (place.entry == nullptr) return nullptr;
      if (place.hash != key.hash() || place.entry->instrument != &instrument) continue;
      if (key.equals(place.entry->words.data(), place.entry->words.size())) return place.entry.get();
    }
    return nullptr;
  }
  /// Requires: not in it.
  const Entry& add(const Instrument& instrument, const FlatKey& key, std::vector<Target> targets);
  void clear() noexcept;
  std::size_t size() const noexcept { return size_; }

 private:
  struct Place {
    std::uint64_t hash = 0;
    std::unique_ptr<Entry> entry;
  };
  static constexpr std::size_t kEntriesMin = 64;
  static constexpr std::size_t kProbes = 8;
  const Entry& place(std::unique_ptr<Entry> entry);
  void grow();

  std::vector<Place> places_;  // a power of two
  std::size_t size_ = 0;
};

}  // namespace sextant::metrics
