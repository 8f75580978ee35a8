#include "metrics/thread_cache.h"

#include <utility>

namespace sextant::metrics {

const ThreadCache::Entry& ThreadCache::add(const Instrument& instrument, const FlatKey& key,
                                           std::vector<Target> targets) {
  if (size_ * 2 >= places_.size() && places_.size() < 2 * kEntriesMax) grow();
  auto entry = std::make_unique<Entry>();
  entry->hash = key.hash();
  entry->instrument = &instrument;
  entry->targets = std::move(targets);
  entry->words.assign(key.words(), key.words() + key.size());
  return place(std::move(entry));
}

/// Into the first free place near its own, or instead of one of those that stand there.
const ThreadCache::Entry& ThreadCache::place(std::unique_ptr<Entry> entry) {
  const std::size_t mask = places_.size() - 1;
  const std::uint64_t hash = entry->hash;
  std::size_t at = (hash + (hash >> 40) % kProbes) & mask;
  for (std::size_t i = 0; i < kProbes; ++i) {
    const std::size_t free = (hash + i) & mask;
    if (places_[free].entry != nullptr) continue;
    at = free;
    ++size_;
    break;
  }
  places_[at] = {hash, std::move(entry)};
  return *places_[at].entry;
}

void ThreadCache::grow() {
  std::vector<Place> before(places_.size() * 2);
  before.swap(places_);
  size_ = 0;
  for (Place& old : before) {
    if (old.entry != nullptr) place(std::move(old.entry));
  }
}

void ThreadCache::clear() noexcept {
  for (Place& place : places_) place = {};
  size_ = 0;
}

}  // namespace sextant::metrics
