// Sums up spans: walks heads and blocks, leaves out what was counted already, and hands columns to an Aggregation.
#include <algorithm>
#include <numeric>
#include <optional>

#include "persist/scan/aggregation.h"
#include "persist/scan/batch_columns.h"
#include "persist/scan/copy_filter.h"
#include "persist/scan/filter.h"
#include "persist/scan/limits.h"
#include "persist/scan/scan_context.h"

namespace sextant::persist {
namespace {

/// A head's batch or a segment that the question looks into. In a segment no two rows are equal; in a batch they may
/// be.
struct Part {
  UnixNanos start_min = 0;
  UnixNanos end_max = 0;
  HeadBatchPtr batch;
  std::shared_ptr<const SegmentIndex> index;  // where there is no batch
  uint32_t segment = 0;
  bool alone = false;  // no other part has spans of that time: no copies either
};

/// Thread-confined.
class SpanAggregator {
 public:
  SpanAggregator(ScanContext& context, const AggregatePlan& plan)
      : context_(context), plan_(plan), spec_(*plan.spec), aggregation_(plan) {}

  Result<void> run(data::AggregateEnd& out) {
    collect_parts();
    find_lone_parts();
    mark_shared_traces();
    for (const Part& part : parts_) {
      TRY(context_.check());
      TRY(part.batch ? add_batch(part) : add_segment(part));
    }
    aggregation_.finish(out);
    return {};
  }

 private:
  bool may_start_within(UnixNanos start_min, UnixNanos end_max) const {
    return start_min <= spec_.time.to && end_max >= spec_.time.from;
  }

  void collect_parts() {
    for (uint32_t number = 0; number < context_.segment_count(); ++number) {
      const SegmentInfo& info = context_.segment(number).info();
      if (!may_start_within(info.start_min, info.end_max)) continue;
      if (auto index = context_.index(number)) {
        parts_.push_back({info.start_min, info.end_max, nullptr, std::move(index), number});
      }
    }
    for (const auto& head : context_.snapshot().heads) {
      for (HeadBatchPtr& batch : head->batches()) {
        if (!may_start_within(batch->start_min, batch->end_max)) continue;
        parts_.push_back({batch->start_min, batch->end_max, std::move(batch), nullptr});
      }
    }
  }

  void find_lone_parts() {
    std::ranges::sort(parts_, {}, &Part::start_min);
    UnixNanos end_max = 0;
    for (size_t i = 0; i < parts_.size(); ++i) {
      const bool after_all = i == 0 || parts_[i].start_min > end_max;
      const bool before_all = i + 1 == parts_.size() || parts_[i].end_max < parts_[i + 1].start_min;
      parts_[i].alone = after_all && before_all;
      end_max = std::max(end_max, parts_[i].end_max);
    }
  }

  void mark_shared_traces() {
    uint64_t traces = 0;
    for (const Part& part : parts_) {
      if (!part.alone) traces += part.batch ? part.batch->groups.size() : part.index->traces.size();
    }
    if (traces == 0) return;
    shared_.emplace(traces);
    for (const Part& part : parts_) {
      if (part.alone) continue;
      if (part.batch) {
        for (const TraceGroup& group : part.batch->groups) shared_->add(trace_fingerprint(group.trace_id));
      } else {
        for (const TraceEntry& trace : part.index->traces) shared_->add(trace.fingerprint);
      }
    }
  }

  Result<void> add_batch(const Part& part) {
    context_.end.stats.rows_read += part.batch->rows.size();
    TRY(add_rows(part, part.batch->batch, part.batch->rows));
    return account();
  }

  Result<void> add_segment(const Part& part) {
    for (uint32_t i = 0; i < part.index->blocks.size(); ++i) {
      const BlockEntry& entry = part.index->blocks[i];
      if (!may_start_within(entry.zone.start_min, entry.zone.start_max)) continue;
      if (!block_may_match(spec_.span, entry.zone, *part.index)) continue;
      TRY(context_.check());
      const BlockPtr block = TRY(context_.block(part.segment, i));
      if (!block) continue;
      std::vector<uint32_t> rows(block->batch.span_count());
      std::iota(rows.begin(), rows.end(), 0U);
      TRY(add_rows(part, block->batch, rows));
      TRY(account());
    }
    return {};
  }

  /// Requires: rows of one trace stand together.
  Result<void> add_rows(const Part& part, const data::Batch& batch, std::span<const uint32_t> rows) {
    const std::vector<uint32_t> wanted = select(part, batch, rows);
    BatchColumns columns(plan_, batch, aggregation_.values());
    for (size_t at = 0; at < wanted.size(); at += kAggregatedRows) {
      columns.read(std::span(wanted).subspan(at, std::min<size_t>(kAggregatedRows, wanted.size() - at)), columns_);
      TRY(aggregation_.add(columns_));
    }
    return {};
  }

  std::vector<uint32_t> select(const Part& part, const data::Batch& batch, std::span<const uint32_t> rows) {
    const std::vector<data::TraceId>& ids = batch.spans.trace_id;
    std::optional<SpanMatcher> matcher;
    if (!spec_.span.always()) matcher.emplace(spec_.span, batch);
    RowHasher hasher(batch);
    std::vector<uint32_t> wanted;
    wanted.reserve(rows.size());
    for (size_t begin = 0; begin < rows.size();) {
      size_t end = begin + 1;
      while (end < rows.size() && ids[rows[end]] == ids[rows[begin]]) ++end;
      const auto run = rows.subspan(begin, end - begin);
      const bool copies = may_have_copies(part, batch, run);
      for (const uint32_t row : run) {
        const UnixNanos start = batch.spans.start_unix_nanos[row];
        if (start < spec_.time.from || start > spec_.time.to) continue;
        if (matcher && !matcher->matches(row)) continue;
        if (!copies || counted_.insert(hasher.hash(row))) wanted.push_back(row);
      }
      begin = end;
    }
    return wanted;
  }

  bool may_have_copies(const Part& part, const data::Batch& batch, std::span<const uint32_t> run) const {
    if (!part.alone && shared_->may_be_shared(trace_fingerprint(batch.spans.trace_id[run[0]]))) return true;
    return part.batch && may_repeat(batch, run);
  }

  static bool may_repeat(const data::Batch& batch, std::span<const uint32_t> run) {
    if (run.size() > kRepeatsComparedMax) return true;
    for (size_t i = 1; i < run.size(); ++i) {
      const data::SpanId& id = batch.spans.span_id[run[i]];
      for (size_t j = 0; j < i; ++j) {
        if (batch.spans.span_id[run[j]] == id) return true;
      }
    }
    return false;
  }

  Result<void> account() {
    return context_.use_memory(aggregation_.byte_size() + counted_.byte_size() + (shared_ ? shared_->byte_size() : 0) +
                               parts_.capacity() * sizeof(Part));
  }

  ScanContext& context_;
  const AggregatePlan& plan_;
  const data::AggregateSpec& spec_;
  Aggregation aggregation_;
  AggregateRows columns_;
  std::vector<Part> parts_;
  std::optional<SharedTraces> shared_;  // where some part is not alone
  CountedRows counted_;
};

}  // namespace

Result<data::AggregateEnd> scan_aggregate(const Snapshot& snapshot, const data::AggregateSpec& spec,
                                          const ScanServices& services) {
  const AggregatePlan plan = TRY(AggregatePlan::make(spec));
  ScanContext context(snapshot, services, spec.deadline_steady_nanos, spec.cancel);
  TRY(context.check());
  data::AggregateEnd out;
  TRY(SpanAggregator(context, plan).run(out));
  out.damages = std::move(context.end.damages);
  out.stats = context.end.stats;
  return out;
}

}  // namespace sextant::persist
