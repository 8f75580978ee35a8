// The table of names of a segment, from what its writer knows anyway: dictionaries with counts, and operations counted
// along.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "data/model/batch.h"
#include "persist/format/names_table.h"
#include "persist/stripe/segment_tables.h"
#include "persist/stripe/stripe_writer.h"

namespace sextant::persist {

/// service.name of a resource, "" when absent or not a string.
std::string service_of(const data::Batch& globals, uint32_t resource);

/// Counts spans by resource, name and kind. Thread-confined.
class OperationCounter {
 public:
  /// Counts the rows of a stripe.
  void count(const StripeWriter& stripe);
  struct Operation {
    uint32_t resource;
    SegmentCode name;
    uint32_t kind;  // zigzag
    bool operator==(const Operation&) const = default;
  };
  const std::vector<std::pair<Operation, uint64_t>>& counts() const { return counts_; }
  /// By index of the resource or scope.
  const std::vector<uint64_t>& resources() const { return resources_; }
  const std::vector<uint64_t>& scopes() const { return scopes_; }

 private:
  static uint64_t hash_of(const Operation& o) {
    return (uint64_t{o.resource} << 40 ^ uint64_t{o.name} << 8 ^ o.kind) * 0x9E3779B97F4A7C15;
  }
  std::vector<std::pair<Operation, uint64_t>> counts_;
  data::CodeTable table_;  // by operation, indices into counts_
  std::vector<uint64_t> resources_;
  std::vector<uint64_t> scopes_;
};

NamesTable names_of(const SegmentTables& tables, const OperationCounter& operations);

}  // namespace sextant::persist
