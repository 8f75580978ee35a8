// The names that occur in a part of the store, counted: services with their operations, attribute keys with their
// types, frequent values. A segment keeps such a table, so that lists of names read no spans.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/core/result.h"
#include "data/model/batch.h"
#include "data/model/scan.h"

namespace sextant::persist {

/// A service's operation. Value, ordered.
struct Operation {
  std::string service;
  std::string name;
  int32_t kind = 0;
  auto operator<=>(const Operation&) const = default;
};

/// A typed value that owns its bytes.
struct ListedValue {
  data::ValueType type = data::ValueType::kEmpty;
  int64_t number = 0;
  std::string bytes;
  auto operator<=>(const ListedValue&) const = default;
  data::ValueView view() const { return {type, number, bytes}; }
};

/// Counts are of spans (an event's or link's attribute: of events or links), and lower bounds once a limit of
/// persist/format/limits.h was met. Thread-confined value.
class NamesTable {
 public:
  struct Key {
    std::array<uint64_t, data::kValueTypeLast + 1> count_by_type{};
    std::map<ListedValue, uint64_t> values;
    bool values_truncated = false;  // there were more values than are listed
  };

  /// Counts what a batch holds.
  void add(const data::Batch& batch);
  // Single counts, for those who count elsewhere:
  void count_operation(Operation operation, uint64_t count);
  /// `value` occurs `count` times under the key.
  void count_value(data::AttributeScope scope, std::string_view key, const data::ValueView& value, uint64_t count);
  /// `count` values of that type that are not listed one by one.
  void count_unlisted(data::AttributeScope scope, std::string_view key, data::ValueType type, uint64_t count);

  /// Adds another table's counts.
  void merge(const NamesTable& other);
  /// Keeps the most frequent values of each key only, as many as a segment lists.
  void shrink();

  const std::map<Operation, uint64_t>& operations() const { return operations_; }
  const std::map<std::string, Key, std::less<>>& keys(data::AttributeScope scope) const {
    return keys_[static_cast<size_t>(scope)];
  }
  bool operations_truncated() const { return operations_truncated_; }
  bool keys_truncated() const { return keys_truncated_; }

  void encode(std::string& out) const;
  /// kDataLoss when the bytes do not follow the format.
  static Result<NamesTable> decode(std::string_view bytes);

 private:
  static constexpr size_t kScopes = 5;
  struct PairCounter;
  void add_operations(const data::Batch& batch);
  void add_pairs(const data::Batch& batch, data::AttributeScope scope, PairCounter& pairs);
  Key* key_entry(data::AttributeScope scope, std::string_view key);
  void add_value(Key& key, const data::ValueView& value, uint64_t count);

  std::map<Operation, uint64_t> operations_;
  std::array<std::map<std::string, Key, std::less<>>, kScopes> keys_;
  bool operations_truncated_ = false;
  bool keys_truncated_ = false;
};

}  // namespace sextant::persist
