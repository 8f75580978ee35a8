// Lists runs, newest first.
//
// A run stands in the list where its earliest span starts, whatever part of the store that span lies in. Each head and
// segment gives the places of its own parts, newest first; they are merged. A part that is not its run's first one
// leads to the run's place further down, which is remembered until the merge arrives there.
#include <algorithm>
#include <set>

#include "persist/scan/filter.h"
#include "persist/scan/limits.h"
#include "persist/scan/run_matcher.h"
#include "persist/scan/run_sources.h"
#include "persist/scan/scan_context.h"

namespace sextant::persist {
namespace {

using data::ScanSpec;
using data::TraceId;

/// Thread-confined.
class RunLister {
 public:
  RunLister(ScanContext& context, const ScanSpec& spec, data::ScanSink& sink)
      : context_(context), spec_(spec), sink_(sink), matcher_(context, spec.span) {
    bounds_.sequence = spec.after ? spec.after->sequence : context.snapshot().sequence;
    bounds_.deleted = context.snapshot().deleted.get();
    if (spec.after) below_ = RunKey{spec.after->start, spec.after->trace_id};
  }

  Result<void> list() {
    if (!spec_.run.trace_ids.empty()) return list_named();
    open_sources();
    while (!done_) {
      TRY(context_.check());
      const auto key = TRY(next_key());
      if (!key) break;
      if (last_key_ && *key == *last_key_) continue;
      last_key_ = key;
      TRY(visit(*key));
    }
    return {};
  }

 private:
  /// The few runs asked for by id, in their order.
  Result<void> list_named() {
    std::set<RunKey, std::greater<>> keys;
    for (const TraceId& id : spec_.run.trace_ids) {
      const auto start = place_of(TRY(context_.parts(id)));
      if (start) keys.insert({*start, id});
    }
    for (const RunKey& key : keys) {
      if (done_ || (below_ && key >= *below_)) continue;
      TRY(emit_if_wanted(key, TRY(context_.parts(key.trace_id))));
    }
    return {};
  }

  void open_sources() {
    const bool filtered = !spec_.span.always();
    // Where parts are left out, a run's first one may be among them; its other parts must then be seen, though they
    // stand above the place where the page begins.
    from_top_ = spec_.time.from > 0 || filtered;
    if (!filtered) bounds_.end_min = spec_.time.from;
    if (!from_top_) bounds_.below = below_;
    // As things stand now, runs that start after the range cannot match.
    if (!from_top_ && !spec_.after && spec_.time.to < UINT64_MAX) bounds_.below = RunKey{spec_.time.to + 1, {}};
    for (uint32_t number = 0; number < context_.segment_count(); ++number) {
      const SegmentInfo& info = context_.segment(number).info();
      if (info.first_sequence > bounds_.sequence || (!filtered && !is_in_time(number))) continue;
      // A segment made since the page's moment gives the places of then, and what of them matches is asked for singly.
      const bool by_match = filtered && info.last_sequence <= bounds_.sequence;
      sources_.push_back({by_match ? matching_segment_runs(context_, number, matcher_, bounds_)
                                   : segment_runs(context_, number, bounds_),
                          number, filtered && !by_match});
    }
    for (const auto& head : context_.snapshot().heads) {
      sources_.push_back(
          {filtered ? matching_head_runs(*head, spec_.span, bounds_) : head_runs(*head, bounds_), kHead, false});
    }
  }

  bool is_in_time(uint32_t segment) const { return context_.segment(segment).info().end_max >= spec_.time.from; }

  /// Takes the newest place from sources and remembered ones.
  Result<std::optional<RunKey>> next_key() {
    for (;;) {
      Source* newest = nullptr;
      for (Source& source : sources_) {
        const auto key = source.runs->peek();
        if (key && (newest == nullptr || *key > *newest->runs->peek())) newest = &source;
      }
      const bool from_deferred =
          !deferred_.empty() && (newest == nullptr || *deferred_.begin() >= *newest->runs->peek());
      if (from_deferred) {
        const RunKey key = *deferred_.begin();
        deferred_.erase(deferred_.begin());
        return key;
      }
      if (newest == nullptr) return std::nullopt;
      if (newest->runs->is_bound()) {
        TRY(newest->runs->resolve());
        continue;
      }
      const RunKey key = *newest->runs->peek();
      newest->runs->pop();
      if (TRY(is_candidate(*newest, key))) return key;
    }
  }

  static constexpr uint32_t kHead = UINT32_MAX;
  struct Source {
    std::unique_ptr<RunSource> runs;
    uint32_t segment;  // kHead: a head
    bool ask;          // whether each of its runs matches
  };
  /// With a filter, only parts that have a matching span lead to a run. One that ended before the range can only
  /// belong to a run in it if that has another part there.
  Result<bool> is_candidate(const Source& source, const RunKey& key) {
    if (source.segment != kHead && context_.is_deleted(source.segment, key.trace_id)) return false;
    if (spec_.span.always() || source.segment == kHead) return true;
    TRY(context_.check());
    if (source.ask && !TRY(matcher_.segment_has_match(source.segment, key.trace_id))) return false;
    if (is_in_time(source.segment)) return true;
    for (const auto& head : context_.snapshot().heads) {
      if (head->contains(key.trace_id)) return true;
    }
    for (uint32_t number = 0; number < context_.segment_count(); ++number) {
      if (!is_in_time(number)) continue;
      const auto contents = context_.contents(number);
      if (contents && !Segment::find(contents->index(), key.trace_id).empty()) return true;
    }
    return false;
  }

  Result<void> visit(const RunKey& key) {
    std::vector<RunPart> parts = TRY(context_.parts(key.trace_id));
    const auto start = place_of(parts);
    if (!start) return {};
    const RunKey place{*start, key.trace_id};
    if (below_ && place >= *below_) return {};
    // Above the key only where damage has just taken the first part away.
    if (place >= key) return emit_if_wanted(key, std::move(parts));
    deferred_.insert(place);
    return {};
  }

  std::optional<UnixNanos> place_of(const std::vector<RunPart>& parts) const {
    std::optional<UnixNanos> place;
    for (const RunPart& part : parts) {
      const auto start = start_as_of(part.starts, bounds_.sequence);
      if (start && (!place || *start < *place)) place = start;
    }
    return place;
  }

  Result<void> emit_if_wanted(const RunKey& place, std::vector<RunPart> parts) {
    if (parts.empty()) return {};
    data::RunSummary run = parts.front().summary;
    for (size_t i = 1; i < parts.size(); ++i) data::merge(run, parts[i].summary);
    if (!spec_.time.overlaps(run.start, run.end) || !run_matches(spec_.run, run)) return {};
    if (!spec_.span.always() && !TRY(matcher_.run_has_match(place.trace_id))) return {};
    if (emitted_ >= spec_.rows_max) {
      // There is a further one: the page ends with the last that was given.
      context_.end.next = last_emitted_;
      done_ = true;
      return {};
    }
    if (parts.size() > 1 && run.span_count <= kRebuiltSpansMax) {
      // Parts do not know each other's spans: copies would count twice.
      const GatheredRows rows = TRY(context_.gather(place.trace_id));
      const UnixNanos last_arrival = run.last_arrival;
      if (!rows.rows.empty()) run = summarize_rows(rows);
      run.last_arrival = last_arrival;
    }
    ++emitted_;
    last_emitted_ = data::RunCursor{bounds_.sequence, place.start, place.trace_id};
    if (sink_.on_run(std::move(run)) == data::ScanSink::Next::kStop) {
      context_.end.next = last_emitted_;
      done_ = true;
    }
    return {};
  }

  ScanContext& context_;
  const ScanSpec& spec_;
  data::ScanSink& sink_;
  RunMatcher matcher_;
  RunBounds bounds_;
  std::optional<RunKey> below_;
  bool from_top_ = false;
  std::vector<Source> sources_;
  std::set<RunKey, std::greater<>> deferred_;
  std::optional<RunKey> last_key_;
  std::optional<data::RunCursor> last_emitted_;
  uint64_t emitted_ = 0;
  bool done_ = false;
};

}  // namespace

Result<void> scan_runs(ScanContext& context, const ScanSpec& spec, data::ScanSink& sink) {
  return RunLister(context, spec, sink).list();
}

}  // namespace sextant::persist
