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
#include "persist/scan/shared_rows.h"
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
  RowRanges shared = {};   // of a segment: rows of traces that lie in other parts too
  RowRanges deleted = {};  // of a segment: rows that do not count at all
};

using StripeNumbers = std::vector<uint32_t>;

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
    TRY(collect_parts());
    mark_shared_traces();
    TRY(add_segments());
    for (const Part& part : parts_) {
      if (!part.batch) continue;
      TRY(context_.check());
      TRY(add_batch(part));
    }
    aggregation_.finish(out);
    return {};
  }

 private:
  bool may_start_within(UnixNanos start_min, UnixNanos end_max) const {
    return start_min <= spec_.time.to && end_max >= spec_.time.from;
  }

  Result<void> collect_parts() {
    for (uint32_t number = 0; number < context_.segment_count(); ++number) {
      const SegmentInfo& info = context_.segment(number).info();
      if (!may_start_within(info.start_min, info.end_max)) continue;
      if (auto contents = context_.contents(number)) {
        RowRanges deleted = TRY(context_.deleted_rows(number));
        // Looking for them may have made a damaged index anew.
        contents = context_.contents(number);
        if (!contents) continue;
        parts_.push_back({info.start_min, info.end_max, nullptr, std::move(contents), number, {}, std::move(deleted)});
      }
    }
    for (const auto& head : context_.snapshot().heads) {
      for (HeadBatchPtr& batch : head->batches()) {
        if (!may_start_within(batch->start_min, batch->end_max)) continue;
        parts_.push_back({batch->start_min, batch->end_max, std::move(batch), nullptr});
      }
    }
    return {};
  }

  static bool overlap(const Part& a, const Part& b) { return a.start_min <= b.end_max && b.start_min <= a.end_max; }

  void mark_shared_traces() {
    std::vector<uint32_t> heads;
    for (const Part& part : parts_) {
      if (!part.batch) continue;
      for (const TraceGroup& group : part.batch->groups) heads.push_back(trace_fingerprint(group.trace_id));
    }
    std::ranges::sort(heads);
    std::vector<bool> marks(heads.size());
    for (size_t i = 0; i + 1 < heads.size(); ++i) {
      if (heads[i] == heads[i + 1]) marks[i] = marks[i + 1] = true;
    }
    mark_shared_in_segments(heads, marks);
    for (size_t i = 0; i < heads.size(); ++i) {
      if (marks[i]) shared_in_heads_.push_back(heads[i]);
    }
    shared_bytes_ = shared_in_heads_.capacity() * sizeof(uint32_t);
    for (const Part& part : parts_) shared_bytes_ += part.shared.byte_size() + part.deleted.byte_size();
  }

  /// Segments stand before heads in `parts_`.
  void mark_shared_in_segments(std::span<const uint32_t> heads, std::vector<bool>& head_marks) {
    for (size_t i = 0; i < parts_.size() && !parts_[i].batch; ++i) {
      Part& part = parts_[i];
      const SegmentIndex& index = part.contents->index();
      share_with_heads(part, heads, head_marks);
      for (size_t j = 0; j < i; ++j) {
        Part& other = parts_[j];
        if (!overlap(part, other)) continue;
        const SegmentIndex& other_index = other.contents->index();
        const auto common =
            context_.segment(part.segment).common_traces(index, context_.segment(other.segment), other_index);
        for (const uint32_t trace : common->a) part.shared.add(index.traces[trace]);
        for (const uint32_t trace : common->b) other.shared.add(other_index.traces[trace]);
      }
    }
    for (Part& part : parts_) part.shared.sort();
  }

  static void share_with_heads(Part& part, std::span<const uint32_t> heads, std::vector<bool>& head_marks) {
    if (heads.empty()) return;
    const std::vector<TraceEntry>& traces = part.contents->index().traces;
    std::vector<bool> marks(traces.size());
    mark_common(traces, heads, marks);
    mark_common(heads, traces, head_marks);
    for (size_t i = 0; i < traces.size(); ++i) {
      if (marks[i]) part.shared.add(traces[i]);
    }
  }

  Result<void> add_batch(const Part& part) {
    context_.end.stats.rows_read += part.batch->rows.size();
    TRY(add_rows(*part.batch));
    return account();
  }

  /// Many stripes with a second thread, which gets half of each segment's at most, and none with shared traces: what
  /// was counted already is known to one thread.
  Result<void> add_segments() {
    std::vector<StripeNumbers> own(parts_.size());
    std::vector<StripeNumbers> lent(parts_.size());
    size_t lent_count = 0;
    for (size_t i = 0; i < parts_.size() && !parts_[i].batch; ++i) {
      share_stripes(parts_[i], own[i], lent[i]);
      lent_count += lent[i].size();
    }
    if (lent_count < kLentStripesMin || !context_.may_use_second_thread()) {
      for (size_t i = 0; i < parts_.size(); ++i) own[i].insert(own[i].end(), lent[i].begin(), lent[i].end());
      return add_stripes(parts_, own);
    }
    ScanContext context(context_, ScanContext::kHelper);
    SpanAggregator helper(context, plan_);
    Result<void> helped;
    Result<void> done;
    {
      const auto help = [&] { helped = helper.add_stripes(parts_, lent); };
      const auto thread = start_thread(help);
      done = add_stripes(parts_, own);
      if (!thread) help();
    }
    TRY(done);
    TRY(helped);
    context_.take(context.end);
    TRY(aggregation_.merge(helper.aggregation_));
    return account();
  }

  void share_stripes(const Part& part, StripeNumbers& own, StripeNumbers& lent) const {
    const std::vector<BlockEntry>& blocks = part.contents->index().blocks;
    for (uint32_t i = 0; i < blocks.size(); ++i) {
      (is_free_of_copies(part, blocks[i]) && lent.size() < blocks.size() / 2 ? lent : own).push_back(i);
    }
  }

  static bool is_free_of_copies(const Part& part, const BlockEntry& block) {
    return !part.shared.meet(block.first_row, block.first_row + block.rows);
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

  /// Stripes of each part.
  Result<void> add_stripes(const std::vector<Part>& parts, const std::vector<StripeNumbers>& stripes) {
    for (size_t i = 0; i < stripes.size(); ++i) {
      if (!stripes[i].empty()) TRY(add_stripes(parts[i], stripes[i]));
    }
    return {};
  }

  Result<void> add_stripes(const Part& part, const StripeNumbers& stripes) {
    const SegmentIndex& index = part.contents->index();
    StripeFilter filter(spec_.span, *part.contents);
    const Result<bool> may_match = filter.segment_may_match();
    if (!may_match) TRY(context_.note_damage(may_match.error()));
    if (!may_match.value_or(true)) return {};
    StripeColumns columns(plan_, *part.contents, aggregation_.values());
    for (const uint32_t i : stripes) {
      const BlockEntry& entry = index.blocks[i];
      if (!may_start_within(entry.zone.start_min, entry.zone.start_max)) continue;
      if (!block_may_match(spec_.span, entry.zone, index)) continue;
      if (!filter.stripe_may_match(i).value_or(true)) continue;  // what is damaged was noted
      std::optional<StripeReader> stripe = TRY(context_.stripe(part.segment, i));
      if (!stripe) continue;
      Result<WantedRows> wanted = select_in_stripe(part, entry, filter, *stripe);
      Result<void> loaded = wanted ? columns.load(entry.zone, *stripe) : std::unexpected(wanted.error());
      if (!loaded) {
        TRY(context_.note_damage(loaded.error()));
        continue;
      }
      TRY(wanted->all ? aggregation_.add(columns.all()) : add_wanted(columns, wanted->rows));
      TRY(account());
    }
    return {};
  }

  /// Rows of a stripe that match, lie in time and were not counted yet.
  Result<WantedRows> select_in_stripe(const Part& part, const BlockEntry& block, StripeFilter& filter,
                                      StripeReader& stripe) {
    const bool inside = block.zone.start_min >= spec_.time.from && block.zone.start_max <= spec_.time.to;
    const bool whole = !part.deleted.meet(block.first_row, block.first_row + block.rows);
    if (spec_.span.always() && inside && whole && is_free_of_copies(part, block)) {
      return WantedRows{.all = true, .rows = {}};
    }
    WantedRows wanted;
    if (spec_.span.always()) {
      wanted.rows.resize(stripe.rows());
      std::iota(wanted.rows.begin(), wanted.rows.end(), 0U);
    } else {
      wanted.rows = TRY(filter.matching_rows(stripe)).list();
    }
    if (!whole) {
      std::erase_if(wanted.rows, [&](uint32_t row) { return part.deleted.contains(block.first_row + row); });
    }
    if (!inside) {
      const auto starts = TRY(stripe.starts());
      std::erase_if(wanted.rows, [&](uint32_t r) { return starts[r] < spec_.time.from || starts[r] > spec_.time.to; });
    }
    if (!is_free_of_copies(part, block)) TRY(leave_out_counted(part, block, wanted.rows));
    return wanted;
  }

  /// Of traces that lie in other parts too, only rows that were not counted there.
  Result<void> leave_out_counted(const Part& part, const BlockEntry& block, std::vector<uint32_t>& wanted) {
    std::vector<uint32_t> kept;
    std::vector<uint32_t> shared;
    for (const uint32_t row : wanted) (part.shared.contains(block.first_row + row) ? shared : kept).push_back(row);
    if (shared.empty()) return {};
    data::Batch batch;
    TRY(context_.segment(part.segment).read_rows(*part.contents, block, shared, batch));
    RowHasher hasher(batch);
    const auto alone = static_cast<ptrdiff_t>(kept.size());
    for (uint32_t i = 0; i < shared.size(); ++i) {
      if (counted_.insert(hasher.hash(i))) kept.push_back(shared[i]);
    }
    std::ranges::inplace_merge(kept, kept.begin() + alone);
    wanted = std::move(kept);
    return {};
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

  Result<void> add_rows(const HeadBatch& head) {
    const std::vector<uint32_t> wanted = select(head);
    BatchColumns columns(plan_, head.batch, aggregation_.values());
    return add_wanted(columns, wanted);
  }

  std::vector<uint32_t> select(const HeadBatch& head) {
    const data::Batch& batch = head.batch;
    const std::span<const uint32_t> rows = head.rows;  // those of one trace stand together
    const Tombstones* deleted = context_.snapshot().deleted.get();
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
      begin = end;
      if (deleted != nullptr && deleted->cover(ids[run[0]], head.sequence)) continue;
      const bool copies = may_have_copies(batch, run);
      for (const uint32_t row : run) {
        const UnixNanos start = batch.spans.start_unix_nanos[row];
        if (start < spec_.time.from || start > spec_.time.to) continue;
        if (matcher && !matcher->matches(row)) continue;
        if (!copies || counted_.insert(hasher.hash(row))) wanted.push_back(row);
      }
    }
    return wanted;
  }

  bool may_have_copies(const data::Batch& batch, std::span<const uint32_t> run) const {
    return std::ranges::binary_search(shared_in_heads_, trace_fingerprint(batch.spans.trace_id[run[0]])) ||
           may_repeat(batch, run);
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
    return context_.use_memory(aggregation_.byte_size() + counted_.byte_size() + shared_bytes_ +
                               parts_.capacity() * sizeof(Part));
  }

  ScanContext& context_;
  const AggregatePlan& plan_;
  const data::AggregateSpec& spec_;
  Aggregation aggregation_;
  AggregateRows columns_;
  std::vector<Part> parts_;
  std::vector<uint32_t> shared_in_heads_;  // fingerprints of traces of heads that lie in other parts too, ascending
  uint64_t shared_bytes_ = 0;              // of what is known of shared traces
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
