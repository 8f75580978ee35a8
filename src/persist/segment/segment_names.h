// The table of names of a segment, from what its writer knows anyway: dictionaries with counts, and operations counted
// along.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

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
  /// Counts the last row of the stripe.
  void count(const StripeWriter& stripe) {
    const Operation next{static_cast<uint32_t>(stripe.resources().back()), stripe.names().back(),
                         static_cast<uint32_t>(stripe.kinds().back())};
    ++counts_[next];
    ++resources_[next.resource];
    ++scopes_[static_cast<uint32_t>(stripe.scopes().back())];
  }
  struct Operation {
    uint32_t resource;
    SegmentCode name;
    uint32_t kind;  // zigzag
    bool operator==(const Operation&) const = default;
  };
  struct OperationHash {
    size_t operator()(const Operation& o) const {
      return (uint64_t{o.resource} << 40 ^ uint64_t{o.name} << 8 ^ o.kind) * 0x9E3779B97F4A7C15 >> 7;
    }
  };
  const std::unordered_map<Operation, uint64_t, OperationHash>& counts() const { return counts_; }
  const std::unordered_map<uint32_t, uint64_t>& resources() const { return resources_; }
  const std::unordered_map<uint32_t, uint64_t>& scopes() const { return scopes_; }

 private:
  std::unordered_map<Operation, uint64_t, OperationHash> counts_;
  std::unordered_map<uint32_t, uint64_t> resources_;
  std::unordered_map<uint32_t, uint64_t> scopes_;
};

NamesTable names_of(const SegmentTables& tables, const OperationCounter& operations);

}  // namespace sextant::persist
