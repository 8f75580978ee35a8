// Bounds of what one batch may hold, each with its reason. Receivers enforce them; the store relies on them.
#pragma once

#include <cstdint>

namespace sextant::data {

/// One attribute value, name or other text. The promise of the product: up to here nothing is cut (storage.md, 5).
inline constexpr uint64_t kValueBytesMax = 64ULL << 20;

/// Nesting of arrays and maps in one value. The wire format has no limit; ours keeps recursion off the stack's end.
inline constexpr int kValueDepthMax = 64;

/// Spans in one batch. A request of 80 MiB can hold about 5 million empty spans; more is a hostile client.
inline constexpr uint32_t kBatchSpansMax = 4'000'000;

/// Attributes of one span, event, link, resource or scope.
inline constexpr uint32_t kAttributesMax = 100'000;

/// Strings longer than this are not looked up for sharing: long values rarely repeat, hashing them always costs.
inline constexpr uint32_t kInternBytesMax = 128;

/// Columns that one question groups by, and functions it computes: each costs every row looked at.
inline constexpr uint32_t kGroupColumnsMax = 8;
inline constexpr uint32_t kAggregateCallsMax = 16;

/// Bounds of one histogram. A picture shows no more.
inline constexpr uint32_t kHistogramBoundsMax = 256;

}  // namespace sextant::data
