#include "persist/scan/aggregation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "base/core/check.h"
#include "data/model/limits.h"
#include "persist/scan/limits.h"

namespace sextant::persist {
namespace {

using data::AggregateCall;
using data::AggregateFunction;
using data::AttributeScope;
using data::SpanColumn;
using data::SpanField;

constexpr size_t kStepWords = 2;
constexpr uint32_t kNoCell = UINT32_MAX;

bool has_one_value(const SpanColumn& column) {
  return !column.scope || (*column.scope != AttributeScope::kEvent && *column.scope != AttributeScope::kLink);
}

Result<void> check_by(const data::AggregateSpec& spec) {
  if (spec.by.size() > data::kGroupColumnsMax) {
    return fail(ErrorCode::kInvalidArgument, "grouped by {} columns; at most {} may be", spec.by.size(),
                data::kGroupColumnsMax);
  }
  for (const SpanColumn& column : spec.by) {
    if (column.field == SpanField::kDuration || column.field == SpanField::kStart || !has_one_value(column)) {
      return fail(ErrorCode::kInvalidArgument,
                  "spans are grouped by texts, kinds, states, and attributes of span, "
                  "resource or scope");
    }
  }
  return {};
}

Result<void> check_call(const AggregateCall& call) {
  if (!call.of && call.function != AggregateFunction::kCount) {
    return fail(ErrorCode::kInvalidArgument, "only a count may leave open what it looks at");
  }
  const bool measured = call.of && (call.of->field == SpanField::kDuration || call.of->field == SpanField::kAttribute);
  if (call.of && (!measured || !has_one_value(*call.of))) {
    return fail(ErrorCode::kInvalidArgument, "durations and attributes of span, resource or scope can be measured");
  }
  if (call.function == AggregateFunction::kQuantile && !(call.quantile >= 0 && call.quantile <= 1)) {
    return fail(ErrorCode::kInvalidArgument, "a quantile lies between 0 and 1");
  }
  const bool ascending = std::ranges::adjacent_find(call.bounds, std::not_fn(std::less<>())) == call.bounds.end();
  const bool finite = std::ranges::all_of(call.bounds, [](double bound) { return std::isfinite(bound); });
  if (call.function == AggregateFunction::kHistogram &&
      (call.bounds.empty() || call.bounds.size() > data::kHistogramBoundsMax || !ascending || !finite)) {
    return fail(ErrorCode::kInvalidArgument, "a histogram has 1 to {} ascending bounds", data::kHistogramBoundsMax);
  }
  return {};
}

}  // namespace

Result<AggregatePlan> AggregatePlan::make(const data::AggregateSpec& spec) {
  TRY(check_by(spec));
  if (spec.calls.empty() || spec.calls.size() > data::kAggregateCallsMax) {
    return fail(ErrorCode::kInvalidArgument, "one to {} functions may be asked for", data::kAggregateCallsMax);
  }
  AggregatePlan plan;
  plan.spec = &spec;
  for (const AggregateCall& call : spec.calls) {
    TRY(check_call(call));
    if (!call.of) {
      plan.measure_of_call.push_back(kNoMeasure);
      continue;
    }
    const auto known = std::ranges::find(plan.measures, *call.of, &Measure::column);
    plan.measure_of_call.push_back(static_cast<uint32_t>(known - plan.measures.begin()));
    if (known == plan.measures.end()) plan.measures.push_back({*call.of});
    Measure& measure = plan.measures[plan.measure_of_call.back()];
    measure.sketch |= call.function == AggregateFunction::kQuantile;
    measure.moments |= call.function != AggregateFunction::kQuantile && call.function != AggregateFunction::kHistogram;
  }
  if (spec.order_call >= spec.calls.size() || spec.calls[spec.order_call].function == AggregateFunction::kHistogram) {
    return fail(ErrorCode::kInvalidArgument, "groups are ordered by one of the functions that is no histogram");
  }
  return plan;
}

CellStates::CellStates(const AggregatePlan& plan)
    : plan_(&plan),
      moments_(plan.measures.size()),
      sketches_(plan.measures.size()),
      histograms_(plan.spec->calls.size()) {}

void CellStates::resize(uint32_t cells) {
  if (cells <= counts_.size()) return;
  counts_.resize(cells);
  for (size_t m = 0; m < plan_->measures.size(); ++m) {
    if (plan_->measures[m].moments) moments_[m].resize(cells);
    if (plan_->measures[m].sketch) sketches_[m].resize(cells);
  }
  for (uint32_t call = 0; call < histograms_.size(); ++call) {
    if (plan_->spec->calls[call].function == AggregateFunction::kHistogram) {
      histograms_[call].resize(cells * bucket_count(call));
    }
  }
}

void CellStates::add(const AggregateRows& rows, const std::vector<uint32_t>& cells) {
  for (uint32_t i = 0; i < rows.count; ++i) ++counts_[cells[i]];
  for (size_t m = 0; m < plan_->measures.size(); ++m) {
    const std::vector<double>& values = rows.measures[m];
    if (plan_->measures[m].moments) {
      std::vector<Moments>& moments = moments_[m];
      for (uint32_t i = 0; i < rows.count; ++i) {
        const double value = values[i];
        if (std::isnan(value)) continue;
        Moments& moment = moments[cells[i]];
        ++moment.count;
        moment.sum += value;
        moment.min = std::min(moment.min, value);
        moment.max = std::max(moment.max, value);
      }
    }
    if (plan_->measures[m].sketch) {
      std::vector<data::QuantileSketch>& sketches = sketches_[m];
      for (uint32_t i = 0; i < rows.count; ++i) {
        if (!std::isnan(values[i])) sketches[cells[i]].add(values[i]);
      }
    }
  }
  for (uint32_t call = 0; call < histograms_.size(); ++call) {
    const AggregateCall& c = plan_->spec->calls[call];
    if (c.function != AggregateFunction::kHistogram) continue;
    const std::vector<double>& values = rows.measures[plan_->measure_of_call[call]];
    for (uint32_t i = 0; i < rows.count; ++i) {
      if (std::isnan(values[i])) continue;
      const auto bucket = static_cast<size_t>(std::ranges::upper_bound(c.bounds, values[i]) - c.bounds.begin());
      ++histograms_[call][cells[i] * bucket_count(call) + bucket];
    }
  }
}

void CellStates::merge_measure(size_t m, uint32_t cell, const CellStates& other, uint32_t other_cell) {
  if (plan_->measures[m].moments) {
    Moments& moment = moments_[m][cell];
    const Moments& more = other.moments_[m][other_cell];
    moment.count += more.count;
    moment.sum += more.sum;
    moment.min = std::min(moment.min, more.min);
    moment.max = std::max(moment.max, more.max);
  }
  if (plan_->measures[m].sketch) sketches_[m][cell].merge(other.sketches_[m][other_cell]);
}

void CellStates::merge_call(uint32_t call, uint32_t cell, const CellStates& other, uint32_t other_cell) {
  counts_[cell] += other.counts_[other_cell];
  const uint32_t m = plan_->measure_of_call[call];
  if (m != AggregatePlan::kNoMeasure) merge_measure(m, cell, other, other_cell);
}

void CellStates::merge(uint32_t cell, const CellStates& other, uint32_t other_cell) {
  counts_[cell] += other.counts_[other_cell];
  for (size_t m = 0; m < plan_->measures.size(); ++m) merge_measure(m, cell, other, other_cell);
  for (uint32_t call = 0; call < histograms_.size(); ++call) {
    if (histograms_[call].empty()) continue;
    const size_t width = bucket_count(call);
    for (size_t i = 0; i < width; ++i) {
      histograms_[call][cell * width + i] += other.histograms_[call][other_cell * width + i];
    }
  }
}

uint64_t CellStates::byte_size() const {
  uint64_t bytes = counts_.capacity() * sizeof(uint64_t);
  for (const auto& moments : moments_) bytes += moments.capacity() * sizeof(Moments);
  for (const auto& sketches : sketches_) {
    for (const data::QuantileSketch& sketch : sketches) bytes += sketch.byte_size();
  }
  for (const auto& histogram : histograms_) bytes += histogram.capacity() * sizeof(uint64_t);
  return bytes;
}

double CellStates::number(uint32_t call, uint32_t cell) const {
  const AggregateCall& c = plan_->spec->calls[call];
  const uint32_t m = plan_->measure_of_call[call];
  if (m == AggregatePlan::kNoMeasure) return static_cast<double>(counts_[cell]);
  if (c.function == AggregateFunction::kQuantile) {
    return sketches_[m][cell].quantile(c.quantile).value_or(AggregateRows::kAbsent);
  }
  const Moments& moment = moments_[m][cell];
  if (c.function == AggregateFunction::kCount) return static_cast<double>(moment.count);
  if (moment.count == 0) return AggregateRows::kAbsent;
  switch (c.function) {
    case AggregateFunction::kSum:
      return moment.sum;
    case AggregateFunction::kMin:
      return moment.min;
    case AggregateFunction::kMax:
      return moment.max;
    default:
      return moment.sum / static_cast<double>(moment.count);
  }
}

std::vector<uint64_t> CellStates::buckets(uint32_t call, uint32_t cell) const {
  const auto begin = histograms_[call].begin() + static_cast<ptrdiff_t>(cell * bucket_count(call));
  return {begin, begin + static_cast<ptrdiff_t>(bucket_count(call))};
}

Aggregation::Aggregation(const AggregatePlan& plan)
    : plan_(&plan),
      by_(plan.spec->by.size()),
      stepped_(plan.spec->step_nanos > 0),
      table_(by_ + (stepped_ ? kStepWords : 0)),
      states_(plan) {}

Result<void> Aggregation::check_size() const {
  if (table_.size() <= plan_->spec->cells_max) return {};
  return fail(ErrorCode::kTooLarge,
              "there are more than {} groups, each step counted; group by less, filter more, or ask for longer steps",
              plan_->spec->cells_max);
}

uint32_t Aggregation::cell_of(const AggregateRows& rows, uint32_t row) {
  std::array<uint32_t, data::kGroupColumnsMax + kStepWords> key;
  for (size_t column = 0; column < by_; ++column) key[column] = rows.groups[column][row];
  if (stepped_) {
    const UnixNanos start = rows.start(row);
    if (start < step_begin_ || start >= step_end_) {
      const uint64_t step = plan_->spec->step_nanos;
      step_number_ = start / step;
      step_begin_ = step_number_ * step;
      step_end_ = step_begin_ > UINT64_MAX - step ? UINT64_MAX : step_begin_ + step;
    }
    key[by_] = static_cast<uint32_t>(step_number_);
    key[by_ + 1] = static_cast<uint32_t>(step_number_ >> 32);
  }
  return table_.cell_of(std::span(key).first(by_ + (stepped_ ? kStepWords : 0)));
}

/// Neighbours are of the same step: until it changes, a code leads to one cell.
void Aggregation::find_cells_by_one_code(const AggregateRows& rows) {
  cell_of_code_.resize(values_.size(), kNoCell);
  const bool each = stepped_ && !rows.in_one_step();
  for (uint32_t row = 0; row < rows.count; ++row) {
    if (stepped_ && (each || row == 0) && (rows.start(row) < step_begin_ || rows.start(row) >= step_end_)) {
      std::ranges::fill(cell_of_code_, kNoCell);
    }
    uint32_t& cell = cell_of_code_[rows.groups[0][row]];
    if (cell == kNoCell) cell = cell_of(rows, row);
    cells_[row] = cell;
  }
}

void Aggregation::find_cells(const AggregateRows& rows) {
  cells_.resize(rows.count);
  if (by_ == 1 && (!stepped_ || values_.size() <= kCodesByStepMax)) return find_cells_by_one_code(rows);
  if (by_ == 0 && rows.in_one_step() && rows.count > 0) return cells_.assign(rows.count, cell_of(rows, 0));
  for (uint32_t row = 0; row < rows.count; ++row) cells_[row] = cell_of(rows, row);
}

Result<void> Aggregation::add(const AggregateRows& rows) {
  find_cells(rows);
  TRY(check_size());
  states_.resize(table_.size());
  states_.add(rows, cells_);
  return {};
}

Result<void> Aggregation::merge(const Aggregation& other) {
  std::vector<uint32_t> codes(other.values_.size());
  for (uint32_t code = 0; code < codes.size(); ++code) codes[code] = values_.intern(other.values_.view(code));
  std::vector<uint32_t> key;
  for (uint32_t cell = 0; cell < other.table_.size(); ++cell) {
    const auto from = other.table_.key_of(cell);
    key.assign(from.begin(), from.end());
    for (size_t column = 0; column < by_; ++column) key[column] = codes[key[column]];
    const uint32_t own = table_.cell_of(key);
    TRY(check_size());
    states_.resize(table_.size());
    states_.merge(own, other.states_, cell);
  }
  return {};
}

uint64_t Aggregation::byte_size() const {
  return values_.byte_size() + table_.byte_size() + states_.byte_size() + cell_of_code_.capacity() * sizeof(uint32_t);
}

uint64_t Aggregation::step_number_of(uint32_t cell) const {
  if (!stepped_) return 0;
  const auto key = table_.key_of(cell);
  return key[by_] | static_cast<uint64_t>(key[by_ + 1]) << 32;
}

bool Aggregation::key_before(std::span<const uint32_t> left, std::span<const uint32_t> right) const {
  for (size_t column = 0; column < by_; ++column) {
    if (left[column] == right[column]) continue;
    const data::ValueView a = values_.view(left[column]);
    const data::ValueView b = values_.view(right[column]);
    if (a.type != b.type) return a.type < b.type;
    if (a.number != b.number) return a.number < b.number;
    return a.bytes < b.bytes;
  }
  return false;
}

/// Groups by their value over all steps, greatest first; those without one last.
std::vector<uint32_t> Aggregation::ordered_groups(const GroupTable& groups,
                                                  const std::vector<uint32_t>& group_of_cell) const {
  CellStates totals(*plan_);
  totals.resize(groups.size());
  for (uint32_t cell = 0; cell < group_of_cell.size(); ++cell) {
    totals.merge_call(plan_->spec->order_call, group_of_cell[cell], states_, cell);
  }
  std::vector<double> sizes(groups.size());
  std::vector<uint32_t> order(groups.size());
  for (uint32_t group = 0; group < order.size(); ++group) {
    order[group] = group;
    sizes[group] = totals.number(plan_->spec->order_call, group);
    if (std::isnan(sizes[group])) sizes[group] = -std::numeric_limits<double>::infinity();
  }
  std::ranges::sort(order, [&](uint32_t a, uint32_t b) {
    if (sizes[a] != sizes[b]) return sizes[a] > sizes[b];
    return key_before(groups.key_of(a), groups.key_of(b));
  });
  return order;
}

void Aggregation::write_cell(uint32_t cell, data::AggregateEnd& out, std::vector<data::ValueCode>& codes) const {
  const auto key = table_.key_of(cell);
  for (size_t column = 0; column < by_; ++column) {
    data::ValueCode& code = codes[key[column]];
    if (code == data::CodeTable::kNone) code = out.values.intern(values_.view(key[column]));
    out.groups[column].push_back(code);
  }
  if (stepped_) out.steps.push_back(step_number_of(cell) * plan_->spec->step_nanos);
  for (uint32_t call = 0; call < out.columns.size(); ++call) {
    if (plan_->spec->calls[call].function == AggregateFunction::kHistogram) {
      out.columns[call].buckets.push_back(states_.buckets(call, cell));
    } else {
      out.columns[call].numbers.push_back(states_.number(call, cell));
    }
  }
  ++out.rows;
}

void Aggregation::finish(data::AggregateEnd& out) const {
  out.groups.resize(by_);
  out.columns.resize(plan_->spec->calls.size());
  GroupTable groups(by_);
  std::vector<uint32_t> group_of_cell;
  for (uint32_t cell = 0; cell < table_.size(); ++cell) {
    group_of_cell.push_back(groups.cell_of(table_.key_of(cell).first(by_)));
  }
  out.groups_found = groups.size();
  const std::vector<uint32_t> order = ordered_groups(groups, group_of_cell);
  std::vector<uint32_t> place(order.size());
  for (uint32_t i = 0; i < order.size(); ++i) place[order[i]] = i;

  std::vector<std::vector<uint32_t>> cells(std::min<size_t>(order.size(), plan_->spec->groups_max));  // by place
  for (uint32_t cell = 0; cell < group_of_cell.size(); ++cell) {
    const uint32_t of_group = place[group_of_cell[cell]];
    if (of_group < cells.size()) cells[of_group].push_back(cell);
  }
  std::vector<data::ValueCode> codes(values_.size(), data::CodeTable::kNone);
  const auto step = [this](uint32_t cell) { return step_number_of(cell); };
  for (std::vector<uint32_t>& of_group : cells) {
    // Spans come by their start, and so do the steps of a group, nearly.
    if (!std::ranges::is_sorted(of_group, {}, step)) std::ranges::sort(of_group, {}, step);
    for (const uint32_t cell : of_group) write_cell(cell, out, codes);
  }
}

}  // namespace sextant::persist
