// What a batch holds once instead of in every row: values, keys, and the lists of keys that attributes come in.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/core/short_bytes.h"
#include "data/model/limits.h"
#include "data/model/value.h"

namespace sextant::data {

using ValueCode = uint32_t;  // index into a ValueDictionary
using KeyCode = uint32_t;    // index into a KeyDictionary
using ShapeId = uint32_t;    // index into a ShapeTable; 0 is the empty list
using ValueHash = uint32_t;  // of a value's type and content; equal in every dictionary of this process

/// Finds equal byte strings by open addressing over codes. The bytes stay with the owner. Thread-confined value.
class CodeTable {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  /// The code whose hash is `hash` and for which `equal(code)` holds, or kNone.
  template <typename Equal>
  uint32_t find(uint64_t hash, Equal equal) const {
    if (slots_.empty()) return kNone;
    const size_t mask = slots_.size() - 1;
    const uint32_t tag = tag_of(hash);
    for (size_t i = tag & mask; slots_[i].code != kNone; i = (i + 1) & mask) {
      if (slots_[i].tag == tag && equal(slots_[i].code)) return slots_[i].code;
    }
    return kNone;
  }
  /// Requires: find() gave kNone for it.
  void insert(uint64_t hash, uint32_t code) {
    (void)find_or_insert(hash, code, [](uint32_t) { return false; });
  }
  /// As find(); when nothing is found `code` is put in, with one walk for both.
  template <typename Equal>
  uint32_t find_or_insert(uint64_t hash, uint32_t code, Equal equal) {
    if ((used_ + 1) * 2 > slots_.size()) [[unlikely]]
      grow();
    const size_t mask = slots_.size() - 1;
    const uint32_t tag = tag_of(hash);
    size_t i = tag & mask;
    for (; slots_[i].code != kNone; i = (i + 1) & mask) {
      if (slots_[i].tag == tag && equal(slots_[i].code)) return slots_[i].code;
    }
    slots_[i] = {tag, code};
    ++used_;
    return kNone;
  }
  // For those who look many hashes up: memory is fetched while others are looked at.
  void prefetch(uint64_t hash) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[tag_of(hash) & (slots_.size() - 1)]);
  }
  /// The code that stands where the hash leads first, or kNone: what find() will most likely compare.
  uint32_t first_candidate(uint64_t hash) const {
    if (slots_.empty()) return kNone;
    const Slot& slot = slots_[tag_of(hash) & (slots_.size() - 1)];
    return slot.tag == tag_of(hash) ? slot.code : kNone;
  }
  /// Forgets all entries. The memory is kept for the next use when that is likely to need it.
  void clear();
  bool empty() const { return used_ == 0; }
  size_t byte_size() const { return slots_.capacity() * sizeof(Slot); }

 private:
  /// Half of the hash serves both to find the place and to tell entries apart: eight slots fit a cache line.
  struct Slot {
    uint32_t tag = 0;
    uint32_t code = kNone;
  };
  static uint32_t tag_of(uint64_t hash) { return static_cast<uint32_t>(hash >> 32); }
  void grow();
  std::vector<Slot> slots_;
  size_t used_ = 0;
};

/// Bytes that only grow in number, never zeroed before they are written. Thread-confined while it grows.
class ByteArena {
 public:
  const char* data() const { return bytes_.get(); }
  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }
  void append(std::string_view bytes) {
    if (bytes.size() > capacity_ - size_) [[unlikely]]
      reserve(std::max(2 * capacity_, size_ + bytes.size()));
    copy_bytes(bytes_.get() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  /// Moves what is there when `capacity` is not what it has; never below the size.
  void reserve(size_t capacity);

 private:
  std::unique_ptr<char[]> bytes_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

/// Typed values, each distinct short one stored once. Code 0 is the empty string, so that absent names cost nothing.
/// Thread-confined while it grows, immutable and shareable after. Values longer than kInternBytesMax are not shared.
class ValueDictionary {
 public:
  ValueDictionary();

  /// Of the type and content of a value that is not longer than kInternBytesMax.
  static ValueHash hash_of(const ValueView& value);
  /// The hash that the dictionary keeps of a value; 0 when the value is longer than kInternBytesMax.
  ValueHash hash_of(ValueCode code) const { return entries_[code].hash; }

  /// The code of `value`; its bytes are copied.
  ValueCode intern(const ValueView& value);
  /// The same for a value whose hash is known, as hash_of() of any dictionary gives it: values that move from one
  /// dictionary to another are hashed once.
  ValueCode intern(const ValueView& value, ValueHash hash);
  /// Interns many values at once; none is longer than kInternBytesMax. A large dictionary is out of the processor's
  /// caches: one value after the other would wait for memory three times each.
  void intern_many(std::span<const ValueView> values, std::span<const ValueHash> hashes, std::span<ValueCode> codes);
  /// Interns all values of another dictionary, by its codes; kNone for those that are not shared.
  void intern_all(const ValueDictionary& from, std::vector<ValueCode>& codes);
  /// The usual case, apart because decoding spends much of its time here.
  ValueCode intern_string(std::string_view text);

  /// Lifetime of the view: until the next intern().
  ValueView view(ValueCode code) const { return view_of(entries_[code]); }
  std::string_view text(ValueCode code) const { return view(code).bytes; }
  /// The bytes of all values one after the other, in the order of their codes.
  std::string_view all_bytes() const { return {arena_.data(), arena_.size()}; }

  /// The code of an equal value when it is present and was shared; for lookups that must not grow the dictionary.
  ValueCode find(const ValueView& value) const;
  static constexpr ValueCode kNone = CodeTable::kNone;

  uint32_t size() const { return static_cast<uint32_t>(entries_.size()); }
  /// Memory held, bytes.
  uint64_t byte_size() const { return arena_.capacity() + entries_.capacity() * sizeof(Entry) + table_.byte_size(); }
  /// Room for this many more values and bytes.
  void reserve(size_t values, size_t bytes);

  /// A table to look values up with that was used before. Requires: nothing has been interned.
  void attach_index(CodeTable&& table);
  /// Takes the table out, and gives back what was reserved and not used: a dictionary that only is read holds a third
  /// less then. find() looks at every hash from now on, intern() would make a new table.
  CodeTable detach_index();

 private:
  struct Entry {
    static constexpr size_t kSizeEnd = 1 << 28;
    uint64_t payload;    // scalar bits, or offset into the arena
    uint32_t size : 28;  // bytes in the arena
    uint32_t type : 4;
    ValueHash hash;  // 0: not shared
    ValueType value_type() const { return static_cast<ValueType>(type); }
    bool has_bytes() const { return value_type() == ValueType::kString || value_type() >= ValueType::kBytes; }
  };
  ValueView view_of(const Entry& entry) const {
    if (!entry.has_bytes()) return {entry.value_type(), static_cast<int64_t>(entry.payload), {}};
    return {entry.value_type(), 0, {arena_.data() + entry.payload, entry.size}};
  }
  static_assert(sizeof(Entry) == 16 && kValueTypeLast < (1 << 4) && kValueBytesMax < Entry::kSizeEnd);
  ValueCode add(const ValueView& value, ValueHash hash);
  template <typename Hash, typename Equals, typename Intern>
  void intern_ahead(std::span<ValueCode> codes, Hash hash, Equals equals, Intern intern);
  ValueCode intern_entry(const Entry& entry, const char* bytes);
  bool equals(const Entry& own, const Entry& other, const char* other_bytes) const;
  void index_again();
  std::vector<Entry> entries_;
  ByteArena arena_;
  CodeTable table_;
};

/// Attribute keys, each once. Thread-confined while it grows.
class KeyDictionary {
 public:
  KeyCode intern(std::string_view key);
  /// CodeTable::kNone when absent.
  KeyCode find(std::string_view key) const;
  /// Lifetime: until the next intern().
  std::string_view text(KeyCode code) const { return {arena_.data() + keys_[code].offset, keys_[code].size}; }
  uint32_t size() const { return static_cast<uint32_t>(keys_.size()); }
  uint64_t byte_size() const { return arena_.capacity() + keys_.capacity() * sizeof(Key) + table_.byte_size(); }

 private:
  struct Key {
    uint64_t offset;
    uint64_t size;
  };
  std::vector<Key> keys_;
  ByteArena arena_;
  CodeTable table_;
};

/// The lists of keys seen, as a trie: a list is its last node, and a node remembers the child it led to last time, so
/// that the usual list is recognised by comparing each key with the one expected. Order and repeats are kept.
/// Thread-confined while it grows.
class ShapeTable {
 public:
  ShapeTable();

  static constexpr ShapeId kEmpty = 0;

  /// The list `shape` followed by `key`.
  ShapeId extend(ShapeId shape, std::string_view key, KeyDictionary& keys) {
    const ShapeId predicted = nodes_[shape].predicted;
    if (predicted != kEmpty && equal_bytes(keys.text(nodes_[predicted].key), key)) [[likely]]
      return predicted;
    return extend(shape, keys.intern(key));
  }
  ShapeId extend(ShapeId shape, KeyCode key);

  uint32_t key_count(ShapeId shape) const { return nodes_[shape].depth; }
  ShapeId parent(ShapeId shape) const { return nodes_[shape].parent; }
  /// Last key of a list that is not empty.
  KeyCode last_key(ShapeId shape) const { return nodes_[shape].key; }
  /// Writes the list's keys in order; `out` must have key_count(shape) places.
  void keys_of(ShapeId shape, std::span<KeyCode> out) const;
  std::vector<KeyCode> keys_of(ShapeId shape) const;

  uint32_t size() const { return static_cast<uint32_t>(nodes_.size()); }
  uint64_t byte_size() const { return nodes_.capacity() * sizeof(Node) + table_.byte_size(); }
  /// Room for this many more lists.
  void reserve(size_t shapes) { nodes_.reserve(nodes_.size() + shapes); }

  /// As ValueDictionary's: a table that was used before, and back again when the shapes are known.
  void attach_index(CodeTable&& table);
  CodeTable detach_index();

 private:
  struct Node {
    ShapeId parent;
    KeyCode key;
    uint32_t depth;
    ShapeId predicted;  // child taken last; 0: none yet
  };
  void index_again();
  std::vector<Node> nodes_;
  CodeTable table_;  // (parent, key) -> child
};

}  // namespace sextant::data
