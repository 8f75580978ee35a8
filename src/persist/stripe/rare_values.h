// Values of keys that hardly any row of a stripe has: one slice for all such keys of a family. A client that puts an id
// into the name of a key makes thousands of them a stripe, and a slice for each would be mostly headings.
// Format: docs/formats/segment.md, "Rare keys".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "persist/stripe/stored_values.h"

namespace sextant::persist {

/// Stands for all rare keys of a family where a column's number stands. No key has this code: keys are fewer.
inline constexpr uint32_t kRareColumn = UINT32_MAX - 1;

/// Collects what a stripe has of rare keys. Keys ascend. Thread-confined.
class RareValuesWriter {
 public:
  void add(uint32_t key, std::span<const StoredValue> values);
  bool empty() const { return keys_.empty(); }
  uint32_t value_count() const { return static_cast<uint32_t>(values_.size()); }
  /// Appends what was added, and forgets it.
  void take(Effort effort, std::string& out);

 private:
  std::vector<uint64_t> keys_;
  std::vector<uint64_t> counts_;
  std::vector<StoredValue> values_;
};

/// Thread-confined. Lifetime: not longer than the bytes.
class RareValues {
 public:
  /// kDataLoss when the bytes are not what take() makes of `count` values.
  static Result<RareValues> open(std::string_view bytes, uint32_t count, uint32_t text_count);

  /// The key's values; nothing when no row of the stripe has the key.
  std::optional<DirectValues> find(uint32_t number) const;

 private:
  std::vector<uint64_t> keys_;    // ascending
  std::vector<uint64_t> begins_;  // of each key's values, and the end
  std::shared_ptr<const ValueColumn> values_;
  std::shared_ptr<ValueColumn::Scratch> scratch_;  // one for all keys: they are asked for one after the other
};

}  // namespace sextant::persist
