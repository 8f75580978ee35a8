// Which rows may have an equal copy somewhere else, and whether a copy was counted already: what a client sends twice
// is one span, though its copies lie in several batches and segments. See docs/adr/013-scans.md.
#pragma once

#include <cstdint>
#include <vector>

#include "data/model/batch.h"

namespace sextant::persist {

/// Hashes whole rows of one batch: equal rows (data::rows_equal) hash equally, whatever batch they lie in.
/// Thread-confined. Lifetime: not longer than the batch.
class RowHasher {
 public:
  explicit RowHasher(const data::Batch& batch) : batch_(batch) {}

  /// Never 0.
  uint64_t hash(uint32_t row);

 private:
  uint64_t hash_of(data::ValueCode code);
  uint64_t hash_of(const data::AttributeList& list);
  uint64_t hash_of_shape(data::ShapeId shape);
  uint64_t hash_of_resource(uint32_t resource);
  uint64_t hash_of_scope(uint32_t scope);
  uint64_t hash_of_events(uint32_t row);
  uint64_t hash_of_links(uint32_t row);

  const data::Batch& batch_;
  // By code, shape, resource, scope; 0: not asked for yet.
  std::vector<uint64_t> values_;
  std::vector<uint64_t> shapes_;
  std::vector<uint64_t> resources_;
  std::vector<uint64_t> scopes_;
};

/// Rows of shared traces that were counted, by their hashes: 64 bits over ten million rows mistake two of them for one
/// with a probability of some 3 in a million. Value.
class CountedRows {
 public:
  /// True when it was not counted before. Requires: a hash of RowHasher.
  bool insert(uint64_t hash) {
    if ((used_ + 1) * 2 > slots_.size()) [[unlikely]]
      grow();
    uint64_t& slot = place_of(hash);
    if (slot == hash) return false;
    slot = hash;
    ++used_;
    return true;
  }
  uint64_t byte_size() const { return slots_.capacity() * sizeof(uint64_t); }

 private:
  /// Where the hash is, or the free place for it.
  uint64_t& place_of(uint64_t hash) {
    const size_t mask = slots_.size() - 1;
    size_t i = hash & mask;
    while (slots_[i] != 0 && slots_[i] != hash) i = (i + 1) & mask;
    return slots_[i];
  }
  void grow();
  std::vector<uint64_t> slots_;  // 0: free
  size_t used_ = 0;
};

}  // namespace sextant::persist
