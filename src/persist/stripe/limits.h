// Bounds of stripes, each with its reason.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sextant::persist {

/// A slice with fewer values always goes through the dictionary: there is little to gain, and a rare key's few values
/// are then found together.
inline constexpr size_t kDirectValuesMin = 32;

/// Share of a slice's values that must be new to the dictionary for the slice to do without it. Of 929 values drawn
/// from 10,000 some 95 % are new in the first stripe and still worth a dictionary; ids that never repeat are not.
inline constexpr size_t kDirectNewPercent = 98;

/// A key without a dictionary that has so few values in a stripe is rare there, and rare keys share a slice, when there
/// are so many of them.
inline constexpr size_t kRareValuesMax = 8;
inline constexpr size_t kRareKeysMin = 8;

/// Slices that a stripe may name: one for each key and field.
inline constexpr uint32_t kSlicesMax = 4'000'000;

/// A stripe ends at this size though it has few rows: events and links without end.
inline constexpr uint64_t kStripeBytesTarget = 16ULL << 20;

/// A stripe when unfolded: short values, ids, codes. Long values lie elsewhere.
inline constexpr uint64_t kStripeBytesMax = 1ULL << 30;

/// Events or links of one stripe.
inline constexpr uint32_t kStripeItemsMax = 64'000'000;

/// Values of one dictionary; a column with more goes on without (persist/column can list no more).
inline constexpr uint32_t kDictionaryValuesMax = 1U << 24;

/// Filters of one column. They are read at once; a column of more values than these are for goes without.
inline constexpr uint64_t kColumnFiltersBytesMax = 64ULL << 20;

/// Rows decoded at once up to which single values are looked up; beyond, whole slices are read.
inline constexpr size_t kRowsByOneMax = 64;
/// Share of a stripe's rows (one in so many) up to which they are looked up singly though there are more than that.
inline constexpr size_t kWholeSlicesShare = 4;

}  // namespace sextant::persist
