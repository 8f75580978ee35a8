// Which columns a stripe may have: the fixed ones of spans, events and links, and one for each attribute key.
// The numbers are written to disk (docs/formats/segment.md).
#pragma once

#include <compare>
#include <cstdint>

namespace sextant::persist {

enum class ColumnFamily : uint8_t {
  kSpanField = 0,
  kSpanAttribute = 1,  // ColumnId::number is the key's code in the segment's keys
  kEventField = 2,
  kEventAttribute = 3,
  kLinkField = 4,
  kLinkAttribute = 5,
};
inline constexpr uint8_t kColumnFamilyLast = 5;

/// Fields of spans. Integers unless said otherwise; a column whose numbers are all zero is left out.
enum class SpanFieldColumn : uint32_t {
  kTraceIds = 0,     // 16 raw bytes for each trace of the stripe
  kTraceRows = 1,    // rows of each trace
  kTraceStarts = 2,  // first start of each trace in the stripe, Unix nanoseconds
  kSpanIds = 3,      // 8 raw bytes a row
  kParents = 4,      // 0: none; 1: the next of kParentIds; n: row n - 2 of the trace's rows in this stripe
  kParentIds = 5,    // 8 raw bytes for each parent that is not a row of the stripe
  kStartGaps = 6,    // above the start of the trace's row before
  kDurations = 7,    // zigzag of end - start
  kKinds = 8,        // zigzag
  kStatuses = 9,     // zigzag
  kFlags = 10,
  kResources = 11,
  kScopes = 12,
  kShapes = 13,
  kDroppedAttributes = 14,
  kDroppedEvents = 15,
  kDroppedLinks = 16,
  kEventCounts = 17,
  kLinkCounts = 18,
  kNames = 19,           // values
  kTraceStates = 20,     // values
  kStatusMessages = 21,  // values
};

enum class EventFieldColumn : uint32_t {
  kTimes = 0,  // zigzag of time - start of the span
  kNames = 1,  // values
  kShapes = 2,
  kDroppedAttributes = 3,
};

enum class LinkFieldColumn : uint32_t {
  kTraceIds = 0,     // 16 raw bytes each
  kSpanIds = 1,      // 8 raw bytes each
  kTraceStates = 2,  // values
  kFlags = 3,
  kShapes = 4,
  kDroppedAttributes = 5,
};

/// Value.
struct ColumnId {
  ColumnFamily family = ColumnFamily::kSpanField;
  uint32_t number = 0;

  ColumnId() = default;
  ColumnId(ColumnFamily of, uint32_t key) : family(of), number(key) {}
  ColumnId(SpanFieldColumn field) : number(static_cast<uint32_t>(field)) {}  // NOLINT: the field is the column
  ColumnId(EventFieldColumn field)                                           // NOLINT
      : family(ColumnFamily::kEventField), number(static_cast<uint32_t>(field)) {}
  ColumnId(LinkFieldColumn field)  // NOLINT
      : family(ColumnFamily::kLinkField), number(static_cast<uint32_t>(field)) {}
  auto operator<=>(const ColumnId&) const = default;

  /// For tables: family in the upper half.
  uint64_t packed() const { return static_cast<uint64_t>(family) << 32 | number; }
};

}  // namespace sextant::persist
