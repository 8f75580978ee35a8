#include "persist/scan/group_table.h"

#include <algorithm>

#include "base/core/check.h"
#include "base/core/hash.h"

namespace sextant::persist {
namespace {

uint64_t hash_of(const data::ValueView& value) {
  return hash64(value.bytes,
                static_cast<uint64_t>(value.number) * 0x9E3779B97F4A7C15 + static_cast<uint64_t>(value.type));
}

uint64_t hash_of(std::span<const uint32_t> key) {
  uint64_t hash = 0x9E3779B97F4A7C15;
  for (const uint32_t word : key) {
    hash = (hash ^ word) * 0xBF58476D1CE4E5B9;
    hash ^= hash >> 29;
  }
  return hash * 0x94D049BB133111EB;
}

}  // namespace

GroupValues::GroupValues() {
  const uint32_t missing = intern(data::ValueView::empty());
  CHECK(missing == kMissing);
}

uint32_t GroupValues::intern(const data::ValueView& value) {
  const uint32_t code = size();
  CHECK(code != data::CodeTable::kNone);
  const uint32_t known =
      table_.find_or_insert(hash_of(value), code, [&](uint32_t other) { return view(other) == value; });
  if (known != data::CodeTable::kNone) return known;
  entries_.push_back({value.number, arena_.size(), static_cast<uint32_t>(value.bytes.size()), value.type});
  arena_.append(value.bytes);
  return code;
}

uint32_t GroupTable::cell_of(std::span<const uint32_t> key) {
  const uint32_t known = table_.find_or_insert(hash_of(key), cells_, [&](uint32_t cell) {
    return std::equal(key.begin(), key.end(), keys_.begin() + cell * width_);
  });
  if (known != data::CodeTable::kNone) return known;
  keys_.insert(keys_.end(), key.begin(), key.end());
  return cells_++;
}

}  // namespace sextant::persist
