// Bounds of what one question may ask for or hold in memory, each with its reason.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sextant::query {

/// Runs on one page of a list. More than a person scrolls; a client that wants all follows the cursor.
inline constexpr uint32_t kRunsPageMax = 1000;
inline constexpr uint32_t kRunsPageDefault = 100;

/// Columns of the overview's charts: one a pixel pair of the widest chart on a large screen.
inline constexpr uint32_t kOverviewStepsMax = 500;
inline constexpr uint32_t kOverviewStepsDefault = 60;

/// Rows of the heat map; beyond that they are thinner than a line of text.
inline constexpr size_t kHeatmapRowsMax = 16;

/// Different values counted for one facet while runs are visited. A client may put anything into a name; the table
/// must not grow with it. Values met after the table is full are not counted.
inline constexpr size_t kFacetValuesTracked = 10'000;
/// Values of one facet that are answered, the most frequent ones.
inline constexpr size_t kFacetValuesShown = 100;

/// Bytes of one filter's text. Names longer than this do not occur; hostile query strings do.
inline constexpr size_t kFilterTextBytesMax = 4096;
/// Values of all filters together, so that each run visited is compared with a bounded number of them.
inline constexpr size_t kFilterValuesMax = 200;

/// Names answered at once.
inline constexpr uint32_t kNamesMax = 1000;
inline constexpr uint32_t kNamesDefault = 100;

/// Spans of one trace that are put into one answer. The product's promise is a million; beyond the answer says so.
inline constexpr uint32_t kTraceSpansMax = 2'000'000;

/// Groups of spans that are answered; a client that wants more asks for less at once.
inline constexpr uint32_t kGroupsMax = 10'000;
inline constexpr uint32_t kGroupsDefault = 100;
/// Groups, each step counted, that one question may make. A sketch takes some KiB, so that they fit a small ledger.
inline constexpr uint32_t kAggregateCellsMax = 100'000;

}  // namespace sextant::query
