// Sums up spans: walks heads and blocks, leaves out what was counted already, and hands columns to an Aggregation.
#include <algorithm>
#include <numeric>
#include <optional>
#include <system_error>
#include <thread>

#include "persist/scan/aggregation.h"
#include "persist/scan/batch_columns.h"
#include "persist/scan/copy_filter.h"
#include "persist/scan/filter.h"
#include "persist/scan/limits.h"
#include "persist/scan/scan_context.h"
#include "persist/scan/stripe_columns.h"
#include "persist/scan/stripe_filter.h"

namespace sextant::persist {
namespace {

/// A head's batch or a segment that the question looks into. In a segment no two rows are equal; in a batch they may
/// be.
struct Part {
  UnixNanos start_min = 0;
  UnixNanos end_max = 0;
  HeadBatchPtr batch;
  std::shared_ptr<SegmentContents> contents;  // where there is no batch
  uint32_t segment = 0;
  bool alone = false;  // no other part has spans of that time: no copies either
};

/// Rows of a stripe that count.
struct WantedRows {
  bool all = false;
  std::vector<uint32_t> rows;  // where not all do
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
      if (auto contents = context_.contents(number)) {
        parts_.push_back({info.start_min, info.end_max, nullptr, std::move(contents), number});
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
      if (!part.alone) traces += part.batch ? part.batch->groups.size() : part.contents->index().traces.size();
    }
    if (traces == 0) return;
    shared_.emplace(traces);
    for (const Part& part : parts_) {
      if (part.alone) continue;
      if (part.batch) {
        for (const TraceGroup& group : part.batch->groups) shared_->add(trace_fingerprint(group.trace_id));
      } else {
        for (const TraceEntry& trace : part.contents->index().traces) shared_->add(trace.fingerprint);
      }
    }
  }

  Result<void> add_batch(const Part& part) {
    context_.end.stats.rows_read += part.batch->rows.size();
    TRY(add_rows(part, part.batch->batch, part.batch->rows));
    return account();
  }

  Result<void> add_segment(const Part& part) {
    const auto stripes = static_cast<uint32_t>(part.contents->index().blocks.size());
    // What was counted already is known to one thread only.
    const bool shared = part.alone && stripes >= kSharedStripesMin && context_.may_use_second_thread();
    if (!shared) return add_stripes(part, 0, stripes);
    ScanContext context(context_, ScanContext::kHelper);
    SpanAggregator helper(context, plan_);
    Result<void> helped;
    Result<void> done;
    {
      const auto help = [&] { helped = helper.add_stripes(part, stripes / 2, stripes); };
      const auto thread = start_thread(help);
      done = add_stripes(part, 0, stripes / 2);
      if (!thread) help();
    }
    TRY(done);
    TRY(helped);
    context_.take(context.end);
    TRY(aggregation_.merge(helper.aggregation_));
    return account();
  }

  /// Nothing when the system gives no thread.
  template <typename Function>
  static std::optional<std::jthread> start_thread(const Function& function) {
    try {
      return std::jthread(function);
    } catch (const std::system_error&) {
      return std::nullopt;
    }
  }

  Result<void> add_stripes(const Part& part, uint32_t begin, uint32_t end) {
    const SegmentIndex& index = part.contents->index();
    StripeFilter filter(spec_.span, *part.contents);
    const Result<bool> may_match = filter.segment_may_match();
    if (!may_match) TRY(context_.note_damage(may_match.error()));
    if (!may_match.value_or(true)) return {};
    StripeColumns columns(plan_, *part.contents, aggregation_.values());
    for (uint32_t i = begin; i < end; ++i) {
      const BlockEntry& entry = index.blocks[i];
      if (!may_start_within(entry.zone.start_min, entry.zone.start_max)) continue;
      if (!block_may_match(spec_.span, entry.zone, index)) continue;
      std::optional<StripeReader> stripe = TRY(context_.stripe(part.segment, i));
      if (!stripe) continue;
      Result<WantedRows> wanted = select_in_stripe(part, entry, filter, *stripe);
      Result<void> loaded = wanted ? columns.load(entry.zone, *stripe) : std::unexpected(wanted.error());
      if (!loaded) {
        TRY(context_.note_damage(loaded.error()));
        continue;
      }
      TRY(wanted->all ? add_all(columns, stripe->rows()) : add_wanted(columns, wanted->rows));
      TRY(account());
    }
    return {};
  }

  /// Rows of a stripe that match, lie in time and were not counted yet.
  Result<WantedRows> select_in_stripe(const Part& part, const BlockEntry& block, StripeFilter& filter,
                                      StripeReader& stripe) {
    const bool inside = block.zone.start_min >= spec_.time.from && block.zone.start_max <= spec_.time.to;
    if (spec_.span.always() && inside && part.alone) return WantedRows{.all = true, .rows = {}};
    WantedRows wanted;
    if (spec_.span.always()) {
      wanted.rows.resize(stripe.rows());
      std::iota(wanted.rows.begin(), wanted.rows.end(), 0U);
    } else {
      wanted.rows = TRY(filter.matching_rows(stripe)).list();
    }
    if (!inside) {
      const auto starts = TRY(stripe.starts());
      std::erase_if(wanted.rows, [&](uint32_t r) { return starts[r] < spec_.time.from || starts[r] > spec_.time.to; });
    }
    if (!part.alone) TRY(leave_out_counted(part, block, stripe, wanted.rows));
    return wanted;
  }

  /// Of traces that lie in other parts too, only rows that were not counted there.
  Result<void> leave_out_counted(const Part& part, const BlockEntry& block, StripeReader& stripe,
                                 std::vector<uint32_t>& wanted) {
    const auto begins = TRY(stripe.trace_begins());
    std::vector<uint32_t> kept;
    std::vector<uint32_t> shared;
    for (size_t i = 0; i < wanted.size();) {
      const uint32_t trace = stripe.trace_of(wanted[i]);
      size_t end = i;
      while (end < wanted.size() && wanted[end] < begins[trace + 1]) ++end;
      const data::TraceId id = TRY(stripe.trace_id(trace));
      auto& rows = shared_->may_be_shared(trace_fingerprint(id)) && TRY(is_elsewhere(part, id)) ? shared : kept;
      rows.insert(rows.end(), wanted.begin() + static_cast<ptrdiff_t>(i), wanted.begin() + static_cast<ptrdiff_t>(end));
      i = end;
    }
    if (shared.empty()) return {};
    data::Batch batch;
    TRY(context_.segment(part.segment).read_rows(*part.contents, block, shared, batch));
    RowHasher hasher(batch);
    for (uint32_t i = 0; i < shared.size(); ++i) {
      if (counted_.insert(hasher.hash(i))) kept.push_back(shared[i]);
    }
    std::ranges::sort(kept);
    wanted = std::move(kept);
    return {};
  }

  Result<bool> is_elsewhere(const Part& part, const data::TraceId& id) {
    TRY(context_.check());
    for (const auto& head : context_.snapshot().heads) {
      if (head->contains(id)) return true;
    }
    for (const Part& other : parts_) {
      if (other.batch || other.segment == part.segment) continue;
      if (!Segment::find(other.contents->index(), id).empty()) return true;
    }
    return false;
  }

  /// Hands rows over, some at a time.
  template <typename Columns>
  Result<void> add_wanted(Columns& columns, const std::vector<uint32_t>& wanted) {
    for (size_t at = 0; at < wanted.size(); at += kAggregatedRows) {
      columns.read(std::span(wanted).subspan(at, std::min<size_t>(kAggregatedRows, wanted.size() - at)), columns_);
      TRY(aggregation_.add(columns_));
    }
    return {};
  }

  Result<void> add_all(const StripeColumns& columns, uint32_t rows) {
    for (uint32_t begin = 0; begin < rows; begin += kAggregatedRows) {
      columns.read(begin, std::min(rows, begin + kAggregatedRows), columns_);
      TRY(aggregation_.add(columns_));
    }
    return {};
  }

  /// Requires: rows of one trace stand together.
  Result<void> add_rows(const Part& part, const data::Batch& batch, std::span<const uint32_t> rows) {
    const std::vector<uint32_t> wanted = select(part, batch, rows);
    BatchColumns columns(plan_, batch, aggregation_.values());
    return add_wanted(columns, wanted);
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
