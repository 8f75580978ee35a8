// Where the slices of a stripe lie: the first bytes of every stripe. Format: docs/formats/segment.md, "Stripes".
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "persist/stripe/column_id.h"

namespace sextant::persist {

/// Immutable after construction.
struct StripeDirectory {
  struct Slice {
    ColumnId id;
    uint32_t count = 0;
    uint64_t offset = 0;  // from the start of the stripe
    uint64_t bytes = 0;
    uint32_t checksum = 0;
  };
  uint32_t rows = 0;
  uint32_t traces = 0;
  uint32_t events = 0;
  uint32_t links = 0;
  std::vector<Slice> slices;  // by id

  /// `bytes`: the directory; `stripe_bytes`: of the whole stripe. kDataLoss when a checksum, count or place is wrong.
  static Result<StripeDirectory> parse(std::string_view bytes, uint64_t stripe_bytes);
  /// Bytes of the directory with which a stripe begins; 0 when there is none.
  static uint64_t measure(std::string_view stripe);
  /// nullptr when the stripe has no such column, or only zeros in it.
  const Slice* find(ColumnId id) const;
  uint64_t byte_size() const { return sizeof(StripeDirectory) + slices.capacity() * sizeof(Slice); }
};

}  // namespace sextant::persist
