#include "persist/segment/slice_cache.h"

namespace sextant::persist {
namespace {

/// About what list, table and pointers take for an entry.
constexpr uint64_t kEntryBytes = 160;

}  // namespace

std::shared_ptr<const void> SliceCache::find_any(const Key& key) {
  auto state = state_.lock();
  const auto known = state->places.find(key);
  if (known == state->places.end()) return nullptr;
  state->order.splice(state->order.begin(), state->order, known->second);
  return known->second->content;
}

void SliceCache::drop_last(State& state) {
  Entry& last = state.order.back();
  state.used -= last.hold.bytes();
  state.places.erase(last.key);
  state.order.pop_back();
}

void SliceCache::put(const Key& key, std::shared_ptr<const void> content, uint64_t bytes) {
  bytes += kEntryBytes;
  if (bytes > bytes_max_) return;
  auto state = state_.lock();
  if (state->places.contains(key)) return;
  while (state->used + bytes > bytes_max_) drop_last(*state);
  LedgerHold hold;
  while (!ledger_.reserve(bytes, hold)) {
    // Others need the memory more: what is kept here can be read again.
    if (state->order.empty()) return;
    drop_last(*state);
  }
  state->used += bytes;
  state->order.push_front({key, std::move(content), std::move(hold)});
  state->places.emplace(key, state->order.begin());
}

void SliceCache::clear() {
  Order dropped;  // freed without the lock
  auto state = state_.lock();
  dropped.swap(state->order);
  state->places.clear();
  state->used = 0;
}

void SliceCache::drop_owner(uint64_t owner) {
  auto state = state_.lock();
  for (auto entry = state->order.begin(); entry != state->order.end();) {
    const auto next = std::next(entry);
    if (entry->key.owner == owner) {
      state->used -= entry->hold.bytes();
      state->places.erase(entry->key);
      state->order.erase(entry);
    }
    entry = next;
  }
}

}  // namespace sextant::persist
