#include "data/model/dictionary.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/core/check.h"

namespace sextant::data {
namespace {

constexpr size_t kTableSlotsMin = 64;

/// Tables of a batch start empty and fill at once: growing fourfold moves each entry a third of a time, not once.
constexpr size_t kTableGrowth = 4;
constexpr size_t kTableSlotsFastMax = 1 << 16;

/// A table of which less than one slot in so many was used is not kept.
constexpr size_t kTableSparse = 32;

/// Unused capacity of at most one part in so many stays.
constexpr size_t kSlackShare = 8;

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

/// Of a shape's place under its parent.
uint64_t hash_of_child(ShapeId parent, KeyCode key) {
  return mix(static_cast<uint64_t>(parent) << 32 | key);
}

/// As ==, without a call for a short value.
inline bool equal(const ValueView& a, const ValueView& b) {
  return a.type == b.type && a.number == b.number && equal_bytes(a.bytes, b.bytes);
}

/// Gives back what a vector reserved and does not use, when that is worth a copy.
template <typename T>
void trim(std::vector<T>& items) {
  if (items.capacity() - items.size() > items.size() / kSlackShare) items.shrink_to_fit();
}

}  // namespace

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
  // Clearing what is mostly empty would cost the next users more than growing again costs one.
  if (used_ * kTableSparse < slots_.size()) {
    slots_ = {};
  } else {
    std::ranges::fill(slots_, Slot{});
  }
  used_ = 0;
}

void ByteArena::reserve(size_t capacity) {
  capacity = std::max(capacity, size_);
  if (capacity == capacity_) return;
  auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
  if (size_ > 0) std::memcpy(bytes.get(), bytes_.get(), size_);
  bytes_ = std::move(bytes);
  capacity_ = capacity;
}

ValueDictionary::ValueDictionary() {
  entries_.push_back({0, 0, static_cast<uint32_t>(ValueType::kString), hash_of(ValueView::string({}))});
}

ValueHash ValueDictionary::hash_of(const ValueView& value) {
  const auto seed = static_cast<uint64_t>(value.type);
  const uint64_t hash = is_scalar(value.type)
                            ? mix((static_cast<uint64_t>(value.number) ^ hash_secret) + seed * 0x94D049BB133111EB)
                            : hash_short(value.bytes, seed);
  return static_cast<ValueHash>(hash >> 32);
}

void ValueDictionary::reserve(size_t values, size_t bytes) {
  entries_.reserve(entries_.size() + values);
  if (arena_.capacity() - arena_.size() < bytes) arena_.reserve(arena_.size() + bytes);
}

void ValueDictionary::attach_index(CodeTable&& table) {
  CHECK(size() == 1 && table.empty());
  table_ = std::move(table);
}

CodeTable ValueDictionary::detach_index() {
  trim(entries_);
  if (arena_.capacity() - arena_.size() > arena_.size() / kSlackShare) arena_.reserve(arena_.size());
  CodeTable table = std::exchange(table_, {});
  table.clear();
  return table;
}

void ValueDictionary::index_again() {
  for (ValueCode code = 0; code < size(); ++code) {
    if (entries_[code].size <= kInternBytesMax) table_.insert(table_hash(entries_[code].hash), code);
  }
}

ValueCode ValueDictionary::find(const ValueView& value) const {
  if (value.bytes.size() > kInternBytesMax) return kNone;
  const ValueHash hash = hash_of(value);
  if (!table_.empty()) {
    return table_.find(table_hash(hash), [&](uint32_t code) { return view(code) == value; });
  }
  for (ValueCode code = 0; code < size(); ++code) {
    if (entries_[code].hash == hash && view(code) == value) return code;
  }
  return kNone;
}

ValueCode ValueDictionary::intern(const ValueView& value) {
  return intern(value, value.bytes.size() <= kInternBytesMax ? hash_of(value) : 0);
}

ValueCode ValueDictionary::intern(const ValueView& value, ValueHash hash) {
  if (value.bytes.size() > kInternBytesMax) return add(value, 0);
  if (table_.empty()) [[unlikely]]
    index_again();
  const uint32_t found =
      table_.find_or_insert(table_hash(hash), size(), [&](uint32_t other) { return equal(view(other), value); });
  return found != kNone ? found : add(value, hash);
}

inline bool ValueDictionary::equals(const Entry& own, const Entry& other, const char* other_bytes) const {
  if (own.size != other.size || own.type != other.type) return false;
  return own.has_bytes() ? equal_bytes(arena_.data() + own.payload, other_bytes, own.size)
                         : own.payload == other.payload;
}

/// Fills in codes, of values of which number i has hash(i): what stands where its hash leads if equals(i, entry) says
/// so, otherwise intern(i). Slot, entry and bytes are each asked for so many values ahead of the one that is looked at.
template <typename Hash, typename Equals, typename Intern>
void ValueDictionary::intern_ahead(std::span<ValueCode> codes, Hash hash, Equals equals, Intern intern) {
  constexpr size_t kSlotAhead = 14;
  constexpr size_t kEntryAhead = 8;
  constexpr size_t kBytesAhead = 4;
  if (table_.empty()) index_again();
  const size_t count = codes.size();
  for (size_t i = 0; i < count + kSlotAhead; ++i) {
    if (i < count) table_.prefetch(table_hash(hash(i)));
    const size_t at_entry = i - (kSlotAhead - kEntryAhead);  // wraps to beyond the end at first
    if (at_entry < count) {
      const uint32_t candidate = codes[at_entry] = table_.first_candidate(table_hash(hash(at_entry)));
      if (candidate != kNone) __builtin_prefetch(&entries_[candidate]);
    }
    const size_t at_bytes = i - (kSlotAhead - kBytesAhead);
    if (at_bytes < count && codes[at_bytes] != kNone) {
      const Entry& entry = entries_[codes[at_bytes]];
      if (entry.size > 0) __builtin_prefetch(arena_.data() + entry.payload);
    }
    const size_t now = i - kSlotAhead;
    if (now < count && (codes[now] == kNone || !equals(now, entries_[codes[now]]))) codes[now] = intern(now);
  }
}

void ValueDictionary::intern_many(std::span<const ValueView> values, std::span<const ValueHash> hashes,
                                  std::span<ValueCode> codes) {
  intern_ahead(
      codes, [&](size_t i) { return hashes[i]; },
      [&](size_t i, const Entry& own) { return equal(view_of(own), values[i]); },
      [&](size_t i) { return intern(values[i], hashes[i]); });
}

void ValueDictionary::intern_all(const ValueDictionary& from, std::vector<ValueCode>& codes) {
  codes.resize(from.size());
  const Entry* const entries = from.entries_.data();
  // Of a number the payload is no place.
  const auto bytes = [&, arena = from.arena_.data()](const Entry& entry) {
    return arena + (entry.has_bytes() ? entry.payload : 0);
  };
  intern_ahead(
      codes, [=](size_t i) { return entries[i].hash; },
      [&](size_t i, const Entry& own) {
        return entries[i].size <= kInternBytesMax && equals(own, entries[i], bytes(entries[i]));
      },
      [&](size_t i) {
        return entries[i].size > kInternBytesMax ? kNone : intern_entry(entries[i], bytes(entries[i]));
      });
}

/// Of another dictionary. `bytes`: those of the value, if it has any.
ValueCode ValueDictionary::intern_entry(const Entry& entry, const char* bytes) {
  const ValueCode code = size();
  const uint32_t found = table_.find_or_insert(table_hash(entry.hash), code,
                                               [&](uint32_t other) { return equals(entries_[other], entry, bytes); });
  if (found != kNone) return found;
  CHECK(code != kNone);
  entries_.push_back({entry.has_bytes() ? arena_.size() : entry.payload, entry.size, entry.type, entry.hash});
  if (entry.has_bytes()) arena_.append({bytes, entry.size});
  return code;
}

ValueCode ValueDictionary::intern_string(std::string_view text) {
  constexpr auto kType = static_cast<uint32_t>(ValueType::kString);
  const ValueCode code = size();
  ValueHash hash = 0;
  if (text.size() <= kInternBytesMax) [[likely]] {
    if (table_.empty()) [[unlikely]]
      index_again();
    const uint64_t wide = hash_short(text, kType);  // as hash_of() has it
    const uint32_t found = table_.find_or_insert(wide, code, [&](uint32_t other) {
      const Entry& entry = entries_[other];
      return entry.type == kType && entry.size == text.size() &&
             equal_bytes(arena_.data() + entry.payload, text.data(), text.size());
    });
    if (found != kNone) return found;
    hash = static_cast<ValueHash>(wide >> 32);
  }
  CHECK(code != kNone && text.size() < Entry::kSizeEnd);
  entries_.push_back({arena_.size(), static_cast<uint32_t>(text.size()), kType, hash});
  arena_.append(text);
  return code;
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
  return table_.find(hash_short(key, 0), [&](uint32_t code) { return equal_bytes(text(code), key); });
}

KeyCode KeyDictionary::intern(std::string_view key) {
  const KeyCode code = size();
  const uint32_t found =
      table_.find_or_insert(hash_short(key, 0), code, [&](uint32_t other) { return equal_bytes(text(other), key); });
  if (found != CodeTable::kNone) return found;
  keys_.push_back({arena_.size(), key.size()});
  arena_.append(key);
  return code;
}

ShapeTable::ShapeTable() {
  nodes_.push_back({kEmpty, 0, 0, 0});
}

void ShapeTable::attach_index(CodeTable&& table) {
  CHECK(size() == 1 && table.empty());
  table_ = std::move(table);
}

CodeTable ShapeTable::detach_index() {
  trim(nodes_);
  CodeTable table = std::exchange(table_, {});
  table.clear();
  return table;
}

void ShapeTable::index_again() {
  for (ShapeId shape = 1; shape < size(); ++shape) {
    table_.insert(hash_of_child(nodes_[shape].parent, nodes_[shape].key), shape);
  }
}

ShapeId ShapeTable::extend(ShapeId shape, KeyCode key) {
  const ShapeId predicted = nodes_[shape].predicted;
  if (predicted != kEmpty && nodes_[predicted].key == key) return predicted;
  if (table_.empty()) [[unlikely]]
    index_again();
  const ShapeId next = size();
  const ShapeId found = table_.find_or_insert(hash_of_child(shape, key), next, [&](uint32_t id) {
    return nodes_[id].parent == shape && nodes_[id].key == key;
  });
  const ShapeId child = found != CodeTable::kNone ? found : next;
  if (child == next) nodes_.push_back({shape, key, nodes_[shape].depth + 1, kEmpty});
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
