#include "data/model/dictionary.h"

#include <algorithm>
#include <cstring>

#include "base/core/check.h"
#include "base/core/hash.h"

namespace sextant::data {
namespace {

constexpr size_t kTableSlotsMin = 64;

/// Tables of a batch start empty and fill at once: growing fourfold moves each entry a third of a time, not once.
constexpr size_t kTableGrowth = 4;
constexpr size_t kTableSlotsFastMax = 1 << 16;

uint64_t mix(uint64_t value) {
  value ^= value >> 32;
  value *= 0x9E3779B97F4A7C15;
  value ^= value >> 29;
  return value * 0xBF58476D1CE4E5B9;
}

/// CodeTable looks at the upper half of a hash only.
uint64_t table_hash(ValueHash hash) {
  return uint64_t{hash} << 32;
}

bool is_scalar(ValueType type) {
  return type == ValueType::kEmpty || type == ValueType::kBool || type == ValueType::kInt || type == ValueType::kDouble;
}

}  // namespace

void CodeTable::insert(uint64_t hash, uint32_t code) {
  if ((used_ + 1) * 2 > slots_.size()) grow();
  const size_t mask = slots_.size() - 1;
  const uint32_t tag = tag_of(hash);
  size_t i = tag & mask;
  while (slots_[i].code != kNone) i = (i + 1) & mask;
  slots_[i] = {tag, code};
  ++used_;
}

void CodeTable::grow() {
  std::vector<Slot> old = std::move(slots_);
  const size_t growth = old.size() < kTableSlotsFastMax ? kTableGrowth : 2;
  slots_.assign(std::max(kTableSlotsMin, old.size() * growth), Slot{});
  const size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.code == kNone) continue;
    size_t i = slot.tag & mask;
    while (slots_[i].code != kNone) i = (i + 1) & mask;
    slots_[i] = slot;
  }
}

void CodeTable::clear() {
  slots_.clear();
  used_ = 0;
}

ValueDictionary::ValueDictionary() {
  clear();
}

void ValueDictionary::clear() {
  entries_.clear();
  arena_.clear();
  table_.clear();
  const ValueCode empty = intern_string({});
  CHECK(empty == 0);
}

ValueHash ValueDictionary::hash_of(const ValueView& value) {
  const auto seed = static_cast<uint64_t>(value.type);
  const uint64_t hash = is_scalar(value.type) ? mix(static_cast<uint64_t>(value.number) + seed * 0x94D049BB133111EB)
                                              : hash64(value.bytes, seed);
  return static_cast<ValueHash>(hash >> 32);
}

ValueCode ValueDictionary::find(const ValueView& value) const {
  if (value.bytes.size() > kInternBytesMax) return kNone;
  return table_.find(table_hash(hash_of(value)), [&](uint32_t code) { return view(code) == value; });
}

ValueCode ValueDictionary::intern(const ValueView& value) {
  return intern(value, value.bytes.size() <= kInternBytesMax ? hash_of(value) : 0);
}

ValueCode ValueDictionary::intern(const ValueView& value, ValueHash hash) {
  if (value.bytes.size() > kInternBytesMax) return add(value, 0);
  const uint32_t found =
      table_.find_or_insert(table_hash(hash), size(), [&](uint32_t other) { return view(other) == value; });
  return found != kNone ? found : add(value, hash);
}

ValueCode ValueDictionary::intern_string(std::string_view text) {
  const ValueView value = ValueView::string(text);
  if (text.size() > kInternBytesMax) return add(value, 0);
  const ValueHash hash = hash_of(value);
  const uint32_t found = table_.find_or_insert(table_hash(hash), size(), [&](uint32_t other) {
    const Entry& entry = entries_[other];
    return entry.value_type() == ValueType::kString && entry.size == text.size() &&
           std::memcmp(arena_.data() + entry.payload, text.data(), text.size()) == 0;
  });
  return found != kNone ? found : add(value, hash);
}

ValueCode ValueDictionary::add(const ValueView& value, ValueHash hash) {
  const ValueCode code = size();
  CHECK(code != kNone && value.bytes.size() < Entry::kSizeEnd);
  const bool scalar = is_scalar(value.type);
  entries_.push_back({scalar ? static_cast<uint64_t>(value.number) : arena_.size(),
                      static_cast<uint32_t>(value.bytes.size()), static_cast<uint32_t>(value.type), hash});
  arena_.append(value.bytes);
  return code;
}

KeyCode KeyDictionary::find(std::string_view key) const {
  return table_.find(hash64(key), [&](uint32_t code) { return views_[code] == key; });
}

KeyCode KeyDictionary::intern(std::string_view key) {
  const uint64_t hash = hash64(key);
  const uint32_t found = table_.find(hash, [&](uint32_t code) { return views_[code] == key; });
  if (found != CodeTable::kNone) return found;
  const KeyCode code = size();
  views_.push_back(keys_.emplace_back(key));
  bytes_ += key.size();
  table_.insert(hash, code);
  return code;
}

ShapeTable::ShapeTable() {
  nodes_.push_back({kEmpty, 0, 0, 0});
}

ShapeId ShapeTable::extend(ShapeId shape, KeyCode key) {
  const ShapeId predicted = nodes_[shape].predicted;
  if (predicted != kEmpty && nodes_[predicted].key == key) return predicted;
  const uint64_t hash = mix(static_cast<uint64_t>(shape) << 32 | key);
  ShapeId child = table_.find(hash, [&](uint32_t id) { return nodes_[id].parent == shape && nodes_[id].key == key; });
  if (child == CodeTable::kNone) {
    child = size();
    nodes_.push_back({shape, key, nodes_[shape].depth + 1, kEmpty});
    table_.insert(hash, child);
  }
  nodes_[shape].predicted = child;
  return child;
}

void ShapeTable::keys_of(ShapeId shape, std::span<KeyCode> out) const {
  for (size_t i = nodes_[shape].depth; i > 0; --i, shape = nodes_[shape].parent) out[i - 1] = nodes_[shape].key;
}

std::vector<KeyCode> ShapeTable::keys_of(ShapeId shape) const {
  std::vector<KeyCode> keys(key_count(shape));
  keys_of(shape, keys);
  return keys;
}

}  // namespace sextant::data
