// Groups rows and sums them up, from columns of codes and numbers: where the rows come from (heads, blocks of segments,
// stripes) is no matter here. What several threads have summed up merges into one.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "base/core/result.h"
#include "data/model/aggregate.h"
#include "data/model/quantile_sketch.h"
#include "persist/scan/group_table.h"

namespace sextant::persist {

/// What a spec asks to be kept of each cell: the calls share what they have in common. Immutable after construction.
/// Lifetime: not longer than the spec.
struct AggregatePlan {
  struct Measure {
    data::SpanColumn column;
    bool moments = false;  // count, sum, least, greatest
    bool sketch = false;
  };
  static constexpr uint32_t kNoMeasure = UINT32_MAX;

  const data::AggregateSpec* spec = nullptr;
  std::vector<Measure> measures;
  std::vector<uint32_t> measure_of_call;  // kNoMeasure: counts spans

  /// kInvalidArgument when the spec does not follow data/model/aggregate.h.
  static Result<AggregatePlan> make(const data::AggregateSpec& spec);
};

/// Some rows as columns. Value, reused for the next rows.
struct AggregateRows {
  uint32_t count = 0;
  std::vector<std::vector<uint32_t>> groups;  // [column of `by`][row]: codes of the Aggregation's values
  std::vector<UnixNanos> starts;              // where steps are asked for; one for all that are of the same step
  std::vector<std::vector<double>> measures;  // [measure][row]: finite, or kAbsent

  static constexpr double kAbsent = std::numeric_limits<double>::quiet_NaN();

  bool in_one_step() const { return starts.size() <= 1; }
  UnixNanos start(uint32_t row) const { return starts[starts.size() == 1 ? 0 : row]; }
};

/// What is kept of each cell. Value.
class CellStates {
 public:
  explicit CellStates(const AggregatePlan& plan);

  void resize(uint32_t cells);
  /// Requires: cells[i] < the size.
  void add(const AggregateRows& rows, const std::vector<uint32_t>& cells);
  void merge(uint32_t cell, const CellStates& other, uint32_t other_cell);
  /// Of what one call looks at only.
  void merge_call(uint32_t call, uint32_t cell, const CellStates& other, uint32_t other_cell);
  uint64_t byte_size() const;

  /// The call's value; NaN when no span of the cell has the number. Requires: no histogram.
  double number(uint32_t call, uint32_t cell) const;
  std::vector<uint64_t> buckets(uint32_t call, uint32_t cell) const;

 private:
  struct Moments {
    uint64_t count = 0;
    double sum = 0;
    double min = std::numeric_limits<double>::infinity();
    double max = -std::numeric_limits<double>::infinity();
  };
  void merge_measure(size_t measure, uint32_t cell, const CellStates& other, uint32_t other_cell);
  size_t bucket_count(uint32_t call) const { return plan_->spec->calls[call].bounds.size() + 1; }

  const AggregatePlan* plan_;
  std::vector<uint64_t> counts_;                             // [cell]: spans
  std::vector<std::vector<Moments>> moments_;                // [measure][cell]
  std::vector<std::vector<data::QuantileSketch>> sketches_;  // [measure][cell]
  std::vector<std::vector<uint64_t>> histograms_;            // [call][cell * bucket_count + bucket]
};

/// Thread-confined value. Lifetime: not longer than the plan.
class Aggregation {
 public:
  explicit Aggregation(const AggregatePlan& plan);

  /// Where codes of AggregateRows::groups come from.
  GroupValues& values() { return values_; }
  /// kTooLarge when there are more cells than the spec allows; what was added is then of no use.
  Result<void> add(const AggregateRows& rows);
  Result<void> merge(const Aggregation& other);
  uint64_t byte_size() const;
  /// Writes rows, groups, steps and columns.
  void finish(data::AggregateEnd& out) const;

 private:
  struct Group;
  void find_cells(const AggregateRows& rows);
  void find_cells_by_one_code(const AggregateRows& rows);
  uint32_t cell_of(const AggregateRows& rows, uint32_t row);
  Result<void> check_size() const;
  std::vector<uint32_t> ordered_groups(const GroupTable& groups, const std::vector<uint32_t>& group_of_cell) const;
  bool key_before(std::span<const uint32_t> left, std::span<const uint32_t> right) const;
  uint64_t step_number_of(uint32_t cell) const;
  void write_cell(uint32_t cell, data::AggregateEnd& out, std::vector<data::ValueCode>& codes) const;

  const AggregatePlan* plan_;
  const size_t by_;     // columns grouped by
  const bool stepped_;  // the key ends with the number of the step, in two words
  GroupValues values_;
  GroupTable table_;
  CellStates states_;
  std::vector<uint32_t> cells_;         // of the rows being added
  std::vector<uint32_t> cell_of_code_;  // where there is one column: of the step at hand
  UnixNanos step_begin_ = 1;            // of the step last seen: neighbours share it
  UnixNanos step_end_ = 0;
  uint64_t step_number_ = 0;
};

}  // namespace sextant::persist
