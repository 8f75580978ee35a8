#include "data/model/dictionary.h"

#include "base/core/check.h"
#include "base/core/hash.h"
#include "data/model/limits.h"

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

uint64_t ValueDictionary::hash_of(const ValueView& value) {
  const auto seed = static_cast<uint64_t>(value.type);
  if (is_scalar(value.type)) return mix(static_cast<uint64_t>(value.number) + seed * 0x94D049BB133111EB);
  return hash64(value.bytes, seed);
}

ValueCode ValueDictionary::find(const ValueView& value) const {
  if (value.bytes.size() > kInternBytesMax) return kNone;
  return table_.find(hash_of(value), [&](uint32_t code) { return view(code) == value; });
}

ValueCode ValueDictionary::intern(const ValueView& value) {
  const ValueCode code = size();
  CHECK(code != kNone);
  if (value.bytes.size() <= kInternBytesMax) {
    const uint32_t found =
        table_.find_or_insert(hash_of(value), code, [&](uint32_t other) { return view(other) == value; });
    if (found != kNone) return found;
  }
  if (is_scalar(value.type)) {
    entries_.push_back({static_cast<uint64_t>(value.number), 0, value.type});
  } else {
    entries_.push_back({arena_.size(), static_cast<uint32_t>(value.bytes.size()), value.type});
    arena_.append(value.bytes);
  }
  return code;
}

ValueCode ValueDictionary::intern_string(std::string_view text) {
  const ValueCode code = size();
  CHECK(code != kNone);
  if (text.size() <= kInternBytesMax) {
    const uint64_t hash = hash64(text, static_cast<uint64_t>(ValueType::kString));
    const uint32_t found = table_.find_or_insert(hash, code, [&](uint32_t other) {
      const Entry& entry = entries_[other];
      return entry.type == ValueType::kString && std::string_view(arena_).substr(entry.payload, entry.size) == text;
    });
    if (found != kNone) return found;
  }
  entries_.push_back({arena_.size(), static_cast<uint32_t>(text.size()), ValueType::kString});
  arena_.append(text);
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
