// The contract by which stored spans are summed up: a filter, what they are grouped by, and what is computed of each
// group. Languages are compiled to an AggregateSpec; Reader::aggregate answers it.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "data/model/scan.h"

namespace sextant::data {

/// What of a span is grouped by or measured. Of attributes with several values under one key the first counts.
struct SpanColumn {
  SpanField field = SpanField::kAttribute;
  std::optional<AttributeScope> scope;  // kAttribute: span, resource or scope; nothing: span, then resource
  std::string key;                      // kAttribute

  bool operator==(const SpanColumn&) const = default;
};

enum class AggregateFunction : uint8_t { kCount, kSum, kMin, kMax, kAvg, kQuantile, kHistogram };

/// One function of a group's spans. It looks at numbers only: a span counts in it when the measured column is there and
/// a finite number; the duration of a span that has not ended is not there.
struct AggregateCall {
  AggregateFunction function = AggregateFunction::kCount;
  /// kDuration (nanoseconds) or kAttribute. Only kCount may have none: it counts spans.
  std::optional<SpanColumn> of;
  double quantile = 0.5;       // kQuantile: 0 to 1
  std::vector<double> bounds;  // kHistogram: ascending; n bounds make n + 1 buckets, a value on a bound is above it
};

/// A group with a step of its own where steps are asked for is a cell.
struct AggregateSpec {
  TimeRange time;                    // a span counts when it starts within: neighbouring ranges add up
  SpanFilter span;                   // spans for which it holds
  std::vector<SpanColumn> by;        // kService, kName, kKind, kStatus, kAttribute; at most kGroupColumnsMax
  uint64_t step_nanos = 0;           // steps begin at multiples of it since 1970; 0: no steps
  std::vector<AggregateCall> calls;  // 1 to kAggregateCallsMax

  /// Cells beyond which the question ends with kTooLarge.
  uint32_t cells_max = 100'000;
  /// Groups that are answered: those for which calls[order_call] is greatest over all steps.
  uint32_t groups_max = UINT32_MAX;
  uint32_t order_call = 0;  // no kHistogram

  // As in ScanSpec.
  uint64_t deadline_steady_nanos = UINT64_MAX;
  std::stop_token cancel = {};
};

/// The values of one call, one a row; of a histogram one list a row.
struct AggregateColumn {
  /// NaN: no span of the cell has the number. Counts are exact; sums of whole numbers are, up to 2^53. Quantiles are
  /// off by at most QuantileSketch::kRelativeErrorMax.
  std::vector<double> numbers;
  std::vector<std::vector<uint64_t>> buckets;
};

/// A table: a row for each cell, groups in order (ties by what they are grouped by), their steps ascending.
struct AggregateEnd {
  uint32_t rows = 0;
  ValueDictionary values;
  std::vector<std::vector<ValueCode>> groups;  // [column of `by`][row]; a value of type kEmpty where it is missing
  std::vector<UnixNanos> steps;                // beginning of the row's step; empty when none were asked for
  std::vector<AggregateColumn> columns;        // one a call
  uint64_t groups_found = 0;                   // those left out by groups_max included
  std::vector<Damage> damages;
  ScanStats stats;
};

}  // namespace sextant::data
