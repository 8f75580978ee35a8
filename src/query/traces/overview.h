// What stands around the list of runs: totals, facets, and the charts over time. Made by visiting the runs once (twice
// when no range of time was given), in memory that does not depend on their number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "query/traces/question.h"

namespace sextant::query {

enum class Facet : uint8_t { kState, kAgent, kModel, kTool, kService, kEnvironment };
inline constexpr size_t kFacetCount = 6;

struct FacetValue {
  std::string value;
  uint64_t count = 0;
  bool operator==(const FacetValue&) const = default;
};

/// One column of the charts.
struct OverviewStep {
  uint64_t ok = 0;  // runs that started in the step, by state
  uint64_t error = 0;
  uint64_t running = 0;
  uint64_t input_tokens = 0;
  uint64_t output_tokens = 0;
};

struct Overview {
  uint64_t total = 0;
  uint64_t running = 0;
  uint64_t errors = 0;  // runs with at least one span in error
  data::TokenCounts tokens;
  std::optional<uint64_t> duration_p95_nanos;
  /// By Facet; most frequent first. Counts ignore the facet's own choice; the chosen values are always present.
  std::vector<FacetValue> facets[kFacetCount];
  UnixNanos start = 0;  // of the first step
  uint64_t step_nanos = 0;
  std::vector<OverviewStep> steps;
  std::vector<uint64_t> duration_bounds;       // n+1 ascending bounds of n rows, the last row is open above
  std::vector<std::vector<uint64_t>> heatmap;  // [row][step]
  Findings findings;
};

/// `steps_wanted` is the most columns there will be; the width of one is a round number.
Result<Overview> overview(const Context& context, const RunQuestion& question, UnixNanos now, uint32_t steps_wanted);

/// The name of a state in filters and answers: "running", "ok", "error".
std::string_view to_string(data::RunState state);

}  // namespace sextant::query
