// What a question groups by, as numbers: each value one code, each combination of codes one cell.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/model/dictionary.h"
#include "data/model/value.h"

namespace sextant::persist {

/// Values that rows are grouped by, each distinct one once, however long. Code 0 is the missing value. Value.
/// Thread-confined while it grows.
class GroupValues {
 public:
  GroupValues();
  GroupValues(GroupValues&&) noexcept = default;
  GroupValues& operator=(GroupValues&&) noexcept = default;
  GroupValues(const GroupValues&) = delete;
  GroupValues& operator=(const GroupValues&) = delete;

  static constexpr uint32_t kMissing = 0;

  uint32_t intern(const data::ValueView& value);
  /// Lifetime: until the next intern().
  data::ValueView view(uint32_t code) const {
    const Entry& entry = entries_[code];
    return {entry.type, entry.number, std::string_view(arena_).substr(entry.offset, entry.size)};
  }
  uint32_t size() const { return static_cast<uint32_t>(entries_.size()); }
  uint64_t byte_size() const { return arena_.capacity() + entries_.capacity() * sizeof(Entry) + table_.byte_size(); }

 private:
  struct Entry {
    int64_t number = 0;
    uint64_t offset = 0;  // of its bytes in the arena
    uint32_t size = 0;
    data::ValueType type = data::ValueType::kEmpty;
  };
  std::vector<Entry> entries_;
  std::string arena_;
  data::CodeTable table_;
};

/// Cells by their keys: tuples of `width` codes. Value. Thread-confined while it grows.
class GroupTable {
 public:
  explicit GroupTable(size_t width) : width_(width) {}

  /// The cell's number: they are given in order of first appearance. Requires: key.size() == width.
  uint32_t cell_of(std::span<const uint32_t> key);
  std::span<const uint32_t> key_of(uint32_t cell) const { return std::span(keys_).subspan(cell * width_, width_); }
  uint32_t size() const { return cells_; }
  uint64_t byte_size() const { return keys_.capacity() * sizeof(uint32_t) + table_.byte_size(); }

 private:
  size_t width_;
  uint32_t cells_ = 0;
  std::vector<uint32_t> keys_;  // of all cells, one after the other
  data::CodeTable table_;
};

}  // namespace sextant::persist
