#include "query/traces/overview.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "base/core/check.h"
#include "data/model/quantile_sketch.h"
#include "query/traces/limits.h"

namespace sextant::query {
namespace {

using data::RunSummary;

constexpr uint64_t kSecond = kNanosPerSecond;
constexpr uint64_t kDay = 86400 * kSecond;

/// Widths a column may have: what people read off an axis without calculating.
constexpr std::array<uint64_t, 28> kStepWidths = {kNanosPerMillisecond,
                                                  10 * kNanosPerMillisecond,
                                                  100 * kNanosPerMillisecond,
                                                  kSecond,
                                                  2 * kSecond,
                                                  5 * kSecond,
                                                  10 * kSecond,
                                                  15 * kSecond,
                                                  30 * kSecond,
                                                  60 * kSecond,
                                                  120 * kSecond,
                                                  300 * kSecond,
                                                  600 * kSecond,
                                                  900 * kSecond,
                                                  1800 * kSecond,
                                                  3600 * kSecond,
                                                  7200 * kSecond,
                                                  10800 * kSecond,
                                                  21600 * kSecond,
                                                  43200 * kSecond,
                                                  kDay,
                                                  2 * kDay,
                                                  7 * kDay,
                                                  14 * kDay,
                                                  28 * kDay,
                                                  84 * kDay,
                                                  364 * kDay,
                                                  3640 * kDay};

/// Rows of the heat map while it is filled: bounds in the sequence 1, 2, 5 from 1 µs to 5,000 s. Rows that stay empty
/// at either end are not shown.
constexpr size_t kFineRows = 30;
constexpr std::array<uint64_t, kFineRows> kFineBounds = [] {
  std::array<uint64_t, kFineRows> bounds{};
  uint64_t decade = 1000;
  for (size_t i = 0; i < kFineRows; ++i) {
    bounds[i] = decade * (i % 3 == 0 ? 1 : i % 3 == 1 ? 2 : 5);
    if (i % 3 == 2) decade *= 10;
  }
  return bounds;
}();

size_t fine_row_of(uint64_t nanos) {
  const auto above = std::ranges::upper_bound(kFineBounds, nanos);
  return above == kFineBounds.begin() ? 0 : static_cast<size_t>(above - kFineBounds.begin()) - 1;
}

/// Counts names in a table that stops growing (kFacetValuesTracked). Thread-confined.
class FacetTable {
 public:
  /// Values that were chosen are shown even when no run has them.
  void choose(const std::vector<std::string>& values) {
    for (const std::string& value : values) chosen_.try_emplace(value, 0);
  }
  void count(const std::string& value) {
    if (value.empty()) return;
    if (const auto chosen = chosen_.find(value); chosen != chosen_.end()) {
      ++chosen->second;
      return;
    }
    if (const auto known = counts_.find(value); known != counts_.end()) {
      ++known->second;
    } else if (counts_.size() < kFacetValuesTracked) {
      counts_.emplace(value, 1);
    }
  }
  std::vector<FacetValue> ranked() const {
    std::vector<FacetValue> others = ordered(counts_);
    if (others.size() > kFacetValuesShown) others.resize(kFacetValuesShown);
    for (const auto& [value, count] : chosen_) others.push_back({value, count});
    std::ranges::sort(others, before);
    return others;
  }

 private:
  using Counts = std::unordered_map<std::string, uint64_t>;
  static bool before(const FacetValue& a, const FacetValue& b) {
    return a.count != b.count ? a.count > b.count : a.value < b.value;
  }
  static std::vector<FacetValue> ordered(const Counts& counts) {
    std::vector<FacetValue> values;
    values.reserve(counts.size());
    for (const auto& [value, count] : counts) values.push_back({value, count});
    std::ranges::sort(values, before);
    return values;
  }
  Counts chosen_;
  Counts counts_;
};

bool has_any(const std::vector<std::string>& chosen, const std::vector<std::string>& present) {
  return chosen.empty() || std::ranges::any_of(present, [&](const std::string& value) {
           return std::ranges::find(chosen, value) != chosen.end();
         });
}

bool has(const std::vector<std::string>& chosen, const std::string& value) {
  return chosen.empty() || std::ranges::find(chosen, value) != chosen.end();
}

/// The axis of time: `columns` steps of `width` from `start` on.
struct Axis {
  UnixNanos start = 0;
  uint64_t width = 1;
  size_t columns = 0;

  std::optional<size_t> column_of(UnixNanos time) const {
    if (time < start || (time - start) / width >= columns) return std::nullopt;
    return (time - start) / width;
  }
};

Axis make_axis(data::TimeRange range, uint32_t steps_wanted) {
  const uint64_t span = range.to - range.from;
  for (const uint64_t width : kStepWidths) {
    const UnixNanos start = range.from - range.from % width;
    const uint64_t columns = (range.to - start) / width + 1;
    if (columns <= steps_wanted) return {start, width, columns};
  }
  return {range.from, span / steps_wanted + 1, steps_wanted};
}

/// Finds when the first run of the question started. Thread-confined.
class Earliest final : public data::ScanSink {
 public:
  Next on_spans(data::Batch&&) override { return Next::kContinue; }
  Next on_run(RunSummary&& run) override {
    start = std::min(start, run.start);
    return Next::kContinue;
  }
  UnixNanos start = UINT64_MAX;
};

/// Counts each run where it belongs. The facets' choices are not part of the scan: a run that fails only one of them
/// still counts in that facet. Thread-confined.
class Tally final : public data::ScanSink {
 public:
  Tally(const data::RunFilter& choices, Axis axis, Overview& out)
      : choices_(choices), axis_(axis), out_(out), fine_(kFineRows, std::vector<uint64_t>(axis.columns)) {
    for (const data::RunState state : choices.states) state_choice_.emplace_back(to_string(state));
    out_.steps.resize(axis.columns);
    for (size_t facet = 0; facet < kFacetCount; ++facet) tables_[facet].choose(choice(static_cast<Facet>(facet)));
    for (const auto state : {data::RunState::kRunning, data::RunState::kOk, data::RunState::kError}) {
      tables_[static_cast<size_t>(Facet::kState)].choose({std::string(to_string(state))});
    }
  }

  Next on_spans(data::Batch&&) override { return Next::kContinue; }
  Next on_run(RunSummary&& run) override {
    const std::array<bool, kFacetCount> passes = {has(state_choice_, std::string(to_string(run.state()))),
                                                  has_any(choices_.agents, run.agents),
                                                  has_any(choices_.models, run.models),
                                                  has_any(choices_.tools, run.tools),
                                                  has_any(choices_.services, run.services),
                                                  has(choices_.environments, run.environment)};
    const auto failed = static_cast<size_t>(std::ranges::count(passes, false));
    for (size_t facet = 0; facet < kFacetCount; ++facet) {
      if (failed == 0 || (failed == 1 && !passes[facet])) count_facet(static_cast<Facet>(facet), run);
    }
    if (failed == 0) count_run(run);
    return Next::kContinue;
  }

  void finish() {
    for (size_t facet = 0; facet < kFacetCount; ++facet) out_.facets[facet] = tables_[facet].ranked();
    if (const auto p95 = durations_.quantile(0.95)) out_.duration_p95_nanos = static_cast<uint64_t>(std::llround(*p95));
    finish_heatmap();
  }

 private:
  std::vector<std::string> choice(Facet facet) const {
    switch (facet) {
      case Facet::kState:
        return state_choice_;
      case Facet::kAgent:
        return choices_.agents;
      case Facet::kModel:
        return choices_.models;
      case Facet::kTool:
        return choices_.tools;
      case Facet::kService:
        return choices_.services;
      case Facet::kEnvironment:
        return choices_.environments;
    }
    return {};
  }

  void count_facet(Facet facet, const RunSummary& run) {
    FacetTable& table = tables_[static_cast<size_t>(facet)];
    const auto count_all = [&](const std::vector<std::string>& values) {
      for (const std::string& value : values) table.count(value);
    };
    switch (facet) {
      case Facet::kState:
        return table.count(std::string(to_string(run.state())));
      case Facet::kAgent:
        return count_all(run.agents);
      case Facet::kModel:
        return count_all(run.models);
      case Facet::kTool:
        return count_all(run.tools);
      case Facet::kService:
        return count_all(run.services);
      case Facet::kEnvironment:
        return table.count(run.environment);
    }
  }

  void count_run(const RunSummary& run) {
    ++out_.total;
    const data::RunState state = run.state();
    out_.running += state == data::RunState::kRunning ? 1 : 0;
    out_.errors += run.error_count > 0 ? 1 : 0;
    out_.tokens.add(run.tokens);
    durations_.add(static_cast<double>(run.duration_nanos()));
    const auto column = axis_.column_of(run.start);
    if (!column) return;
    OverviewStep& step = out_.steps[*column];
    ++(state == data::RunState::kRunning ? step.running : state == data::RunState::kOk ? step.ok : step.error);
    step.input_tokens += run.tokens.input;
    step.output_tokens += run.tokens.output;
    ++fine_[fine_row_of(run.duration_nanos())][*column];
  }

  /// Leaves out the empty rows below and above; when too many are left, three rows (one decade) become one.
  void finish_heatmap() {
    const auto used = [](const std::vector<uint64_t>& row) {
      return std::ranges::any_of(row, [](uint64_t count) { return count > 0; });
    };
    const auto first = std::ranges::find_if(fine_, used);
    if (first == fine_.end()) return;
    size_t low = static_cast<size_t>(first - fine_.begin());
    size_t high = kFineRows;
    while (!used(fine_[high - 1])) --high;
    const size_t merged = high - low <= kHeatmapRowsMax ? 1 : 3;
    low -= low % merged;
    for (size_t row = low; row < high; row += merged) {
      out_.duration_bounds.push_back(row == 0 ? 0 : kFineBounds[row]);
      std::vector<uint64_t> counts(axis_.columns);
      for (size_t part = row; part < std::min(row + merged, kFineRows); ++part) {
        for (size_t column = 0; column < counts.size(); ++column) counts[column] += fine_[part][column];
      }
      out_.heatmap.push_back(std::move(counts));
    }
    const size_t end = low + out_.heatmap.size() * merged;
    out_.duration_bounds.push_back(end < kFineRows ? kFineBounds[end] : kFineBounds.back() * 2);
  }

  const data::RunFilter& choices_;
  std::vector<std::string> state_choice_;
  Axis axis_;
  Overview& out_;
  std::array<FacetTable, kFacetCount> tables_;
  data::QuantileSketch durations_;
  std::vector<std::vector<uint64_t>> fine_;  // heat map by kFineBounds
};

/// The question without what the facets choose.
RunQuestion without_choices(const RunQuestion& question) {
  RunQuestion wide = question;
  wide.run.states.clear();
  wide.run.services.clear();
  wide.run.agents.clear();
  wide.run.models.clear();
  wide.run.tools.clear();
  wide.run.environments.clear();
  return wide;
}

/// The range the charts show: as asked; an end that was left open is where the runs begin, or now.
Result<data::TimeRange> chart_range(const Context& context, const RunQuestion& question, UnixNanos now,
                                    Findings& findings) {
  data::TimeRange range = question.time;
  if (range.to == UINT64_MAX) range.to = std::max(now, range.from);
  if (range.from == 0) {
    Earliest sink;
    findings.add(TRY(context.reader.scan(compile(question, context), sink)));
    range.from = std::min(sink.start, range.to);
  }
  return range;
}

}  // namespace

std::string_view to_string(data::RunState state) {
  switch (state) {
    case data::RunState::kRunning:
      return "running";
    case data::RunState::kOk:
      return "ok";
    case data::RunState::kError:
      return "error";
  }
  return "";
}

Result<Overview> overview(const Context& context, const RunQuestion& question, UnixNanos now, uint32_t steps_wanted) {
  CHECK(steps_wanted > 0 && steps_wanted <= kOverviewStepsMax);
  Overview out;
  const data::TimeRange range = TRY(chart_range(context, question, now, out.findings));
  const Axis axis = make_axis(range, steps_wanted);
  out.start = axis.start;
  out.step_nanos = axis.width;
  Tally tally(question.run, axis, out);
  out.findings.add(TRY(context.reader.scan(compile(without_choices(question), context), tally)));
  tally.finish();
  return out;
}

}  // namespace sextant::query
