// Finds spans: all of some traces, or those that satisfy a filter.
#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "persist/scan/filter.h"
#include "persist/scan/limits.h"
#include "persist/scan/run_matcher.h"
#include "persist/scan/scan_context.h"

namespace sextant::persist {
namespace {

using data::ScanSpec;
using data::TraceId;

/// Thread-confined.
class SpanFinder {
 public:
  SpanFinder(ScanContext& context, const ScanSpec& spec, data::ScanSink& sink)
      : context_(context), spec_(spec), sink_(sink), matcher_(context, spec.span) {}

  Result<void> find() {
    if (!spec_.run.trace_ids.empty()) {
      for (const TraceId& id : spec_.run.trace_ids) TRY(visit(id));
      return {};
    }
    const auto& heads = context_.snapshot().heads;
    for (auto head = heads.rbegin(); head != heads.rend() && !done_; ++head) TRY(find_in_head(**head));
    for (uint32_t number = context_.segment_count(); number > 0 && !done_; --number) {
      TRY(find_in_segment(number - 1));
    }
    return {};
  }

 private:
  bool wanted(const SpanMatcher& matcher, const data::Batch& batch, uint32_t row) const {
    const UnixNanos start = batch.spans.start_unix_nanos[row];
    const UnixNanos end = std::max(start, batch.spans.end_unix_nanos[row]);
    return spec_.time.overlaps(start, end) && matcher.matches(row);
  }

  Result<void> find_in_head(const HeadTable& head) {
    for (const HeadBatchPtr& batch : head.batches()) {
      if (!spec_.time.overlaps(batch->start_min, batch->end_max)) continue;
      if (!batch_may_match(spec_.span, batch->batch)) continue;
      const SpanMatcher matcher(spec_.span, batch->batch);
      for (const TraceGroup& group : batch->groups) {
        TRY(context_.check());
        const auto rows = batch->rows_of(group);
        const auto row_wanted = [&](uint32_t row) { return wanted(matcher, batch->batch, row); };
        if (std::ranges::any_of(rows, row_wanted)) TRY(visit(group.trace_id));
        if (done_) return {};
      }
    }
    return {};
  }

  Result<void> find_in_segment(uint32_t number) {
    const SegmentInfo& info = context_.segment(number).info();
    if (!spec_.time.overlaps(info.start_min, info.end_max) || !TRY(matcher_.segment_may_match(number))) return {};
    const auto contents = context_.contents(number);
    for (uint32_t i = 0; contents && i < contents->index().blocks.size() && !done_; ++i) {
      const BlockZone& zone = contents->index().blocks[i].zone;
      if (!spec_.time.overlaps(zone.start_min, zone.end_max)) continue;
      const RowSet* rows = TRY(matcher_.rows(number, i));
      if (rows == nullptr) continue;
      std::vector<TraceId> ids;
      std::optional<StripeReader> stripe = TRY(context_.stripe(number, i));
      if (!stripe) continue;
      const Result<void> read = traces_of(*stripe, *rows, ids);
      if (!read) TRY(context_.note_damage(read.error()));
      for (const TraceId& id : ids) TRY(visit(id));
    }
    return {};
  }

  /// Traces with a row of the set that lies in time.
  Result<void> traces_of(StripeReader& stripe, const RowSet& rows, std::vector<TraceId>& ids) {
    const auto begins = TRY(stripe.trace_begins());
    const auto starts = TRY(stripe.starts());
    const auto ends = TRY(stripe.ends());
    uint32_t behind = 0;
    for (const uint32_t row : rows.list()) {
      if (row < behind || !spec_.time.overlaps(starts[row], std::max(starts[row], ends[row]))) continue;
      const uint32_t trace = stripe.trace_of(row);
      behind = begins[trace + 1];
      ids.push_back(TRY(stripe.trace_id(trace)));
    }
    return {};
  }

  /// Gives the trace's spans that are wanted, once.
  Result<void> visit(const TraceId& id) {
    if (done_ || !visited_.insert(id).second) return {};
    TRY(context_.check());
    GatheredRows rows = TRY(context_.gather(id, value_bytes_max()));
    if (rows.rows.empty() || !TRY(run_wanted(id))) return {};
    TRY(context_.use_memory(rows.bytes + visited_.size() * kVisitedBytes));
    data::Batch out;
    append_wanted(rows, out);
    if (out.span_count() == 0) return {};
    emitted_ += out.span_count();
    done_ = sink_.on_spans(std::move(out)) == data::ScanSink::Next::kStop || emitted_ >= spec_.rows_max;
    return {};
  }

  /// Conditions are on whole values.
  uint64_t value_bytes_max() const { return spec_.span.always() ? spec_.value_bytes_max : UINT64_MAX; }

  /// Most questions have no conditions on runs; no summary is needed then.
  Result<bool> run_wanted(const TraceId& id) {
    const data::RunFilter& f = spec_.run;
    const bool asks = !f.states.empty() || !f.services.empty() || !f.agents.empty() || !f.models.empty() ||
                      !f.tools.empty() || !f.environments.empty() || !f.conversation_ids.empty() ||
                      f.duration_min_nanos > 0 || f.duration_max_nanos < UINT64_MAX;
    if (!asks) return true;
    const std::vector<RunPart> parts = TRY(context_.parts(id));
    if (parts.empty()) return false;
    data::RunSummary run = parts.front().summary;
    for (size_t i = 1; i < parts.size(); ++i) data::merge(run, parts[i].summary);
    return run_matches(f, run);
  }

  void append_wanted(GatheredRows& gathered, data::Batch& out) const {
    const bool all = spec_.span.always() && spec_.time.from == 0 && spec_.time.to == UINT64_MAX;
    if (all && spec_.rows_max - emitted_ >= gathered.rows.size() && gathered.is_one_block()) {
      out = std::move(gathered.blocks.front()->batch);
      return;
    }
    data::BatchAppender appender(out);
    std::unordered_map<const data::Batch*, SpanMatcher> matchers;
    uint64_t left = spec_.rows_max - emitted_;
    for (const RowRef& ref : gathered.rows) {
      if (left == 0) return;
      const auto matcher = matchers.try_emplace(ref.batch, spec_.span, *ref.batch).first;
      if (!wanted(matcher->second, *ref.batch, ref.row)) continue;
      appender.append(*ref.batch, std::span(&ref.row, 1));
      --left;
    }
  }

  /// A trace id in the set of those visited, with its node.
  static constexpr uint64_t kVisitedBytes = 48;

  ScanContext& context_;
  const ScanSpec& spec_;
  data::ScanSink& sink_;
  RunMatcher matcher_;
  std::unordered_set<TraceId, data::IdHash> visited_;
  uint64_t emitted_ = 0;
  bool done_ = false;
};

}  // namespace

Result<void> scan_spans(ScanContext& context, const ScanSpec& spec, data::ScanSink& sink) {
  return SpanFinder(context, spec, sink).find();
}

Result<data::ScanEnd> scan(const Snapshot& snapshot, const ScanSpec& spec, data::ScanSink& sink,
                           const ScanServices& services) {
  ScanContext context(snapshot, services, spec.deadline_steady_nanos, spec.cancel);
  TRY(context.check());
  if (spec.rows == ScanSpec::Rows::kRuns) {
    TRY(scan_runs(context, spec, sink));
  } else {
    TRY(scan_spans(context, spec, sink));
  }
  return std::move(context.end);
}

}  // namespace sextant::persist
