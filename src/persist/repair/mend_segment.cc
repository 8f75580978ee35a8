#include "persist/repair/mend_segment.h"

#include <algorithm>
#include <list>
#include <numeric>

#include "base/sys/random.h"
#include "data/genai/summarize.h"
#include "persist/repair/limits.h"
#include "persist/segment/segment_writer.h"

namespace sextant::persist {

Result<std::unique_ptr<SegmentState>> SegmentState::look(Files& files, const std::string& path,
                                                         const std::string& name) {
  std::unique_ptr<SegmentState> state(new SegmentState(kRepairBytesMax, kRepairCacheBytesMax));
  const auto note = [self = state.get()](const std::string& damage) { self->damages_.push_back(damage); };
  state->segment_ = TRY(Segment::open(files, path, name, state->ledger_, state->cache_, note));
  TRY_CONTEXT(state->read_everything(), path);
  return state;
}

/// All frames by their checksums, then everything in the way in which questions read it.
Result<void> SegmentState::read_everything() {
  damages_ = TRY(segment_->verify());
  auto contents = TRY(segment_->contents());
  for (uint32_t chunk = 0; chunk < Segment::chunk_count(contents->index()); ++chunk) {
    const auto runs = segment_->read_runs(contents->index(), chunk);
    if (runs) continue;
    if (runs.error().code() != ErrorCode::kDataLoss) return std::unexpected(runs.error());
    note(runs.error());
    contents = TRY(segment_->contents());  // made again
    break;
  }
  const auto names = segment_->read_names();
  if (!names) return std::unexpected(names.error());
  contents = TRY(segment_->contents());
  const std::vector<std::string>& rebuilt = contents->index().damages;
  damages_.insert(damages_.end(), rebuilt.begin(), rebuilt.end());
  for (const BlockEntry& block : contents->index().blocks) read_stripe(*contents, block);
  return {};
}

/// Row by row where the whole cannot be read at once: a lost text costs those that have it.
void SegmentState::read_stripe(SegmentContents& contents, const BlockEntry& block) {
  Stripe stripe{block, {}};
  const Result<data::Batch> whole = segment_->read_block(contents, block);
  if (whole) {
    stripe.rows.resize(block.rows);
    std::iota(stripe.rows.begin(), stripe.rows.end(), 0U);
  } else {
    note(whole.error());
    if (!segment_->stripe(contents, block, StripeAccess::kWhole)) return;
    for (uint32_t row = 0; row < block.rows; ++row) {
      data::Batch one;
      if (segment_->read_rows(contents, block, std::span(&row, 1), one)) stripe.rows.push_back(row);
    }
  }
  rows_readable_ += stripe.rows.size();
  if (!stripe.rows.empty()) stripes_.push_back(std::move(stripe));
}

/// Of a stripe what is readable, with what writing needs of it.
struct SegmentState::Decoded {
  Decoded(uint32_t number, data::Batch&& rows, SegmentTables& tables)
      : stripe(number), batch(std::move(rows)), source(batch, tables), reader(batch) {}

  uint32_t stripe;
  data::Batch batch;
  RowSource source;
  data::GenAiReader reader;
};

/// Thread-confined.
class SegmentState::Rewrite {
 public:
  Rewrite(SegmentState& state, SegmentContents& contents, SegmentWriter& writer)
      : state_(state), contents_(contents), writer_(writer) {}

  Result<void> add(const Trace& trace) {
    data::RunSummarizer summarizer;
    for (const auto& [stripe, place] : trace.rows) {
      Decoded& decoded = *TRY(this->decoded(stripe));
      TRY(writer_.add_rows(decoded.source, std::span(&place, 1)));
      summarizer.add(decoded.reader, place);
    }
    RunHistory history = state_.history_of(trace);
    RunPart part;
    part.summary = summarizer.finish();
    part.summary.last_arrival = history.last_arrival;
    part.last_sequence = history.last_sequence;
    part.starts = std::move(history.starts);
    writer_.end_trace(part);
    return {};
  }

 private:
  Result<Decoded*> decoded(uint32_t number) {
    const auto known = std::ranges::find(held_, number, [](const auto& one) { return one->stripe; });
    if (known != held_.end()) {
      held_.splice(held_.begin(), held_, known);
      return held_.front().get();
    }
    const Stripe& stripe = state_.stripes_[number];
    data::Batch batch;
    TRY(state_.segment_->read_rows(contents_, stripe.block, stripe.rows, batch));
    held_.push_front(std::make_unique<Decoded>(number, std::move(batch), writer_.tables()));
    if (held_.size() > kRepairStripesMax) held_.pop_back();
    return held_.front().get();
  }

  SegmentState& state_;
  SegmentContents& contents_;
  SegmentWriter& writer_;
  std::list<std::unique_ptr<Decoded>> held_;  // used last in front
};

/// In the order in which a segment has them: where a trace lost its first rows it starts later now.
Result<std::vector<SegmentState::Trace>> SegmentState::readable_traces() {
  const auto contents = TRY(segment_->contents());
  std::vector<Trace> traces;
  for (uint32_t number = 0; number < stripes_.size(); ++number) {
    data::Batch batch;
    TRY(segment_->read_rows(*contents, stripes_[number].block, stripes_[number].rows, batch));
    for (uint32_t place = 0; place < batch.span_count(); ++place) {
      const data::TraceId& id = batch.spans.trace_id[place];
      if (traces.empty() || traces.back().id != id) traces.push_back({id, UINT64_MAX, {}});
      Trace& trace = traces.back();
      trace.start = std::min(trace.start, batch.spans.start_unix_nanos[place]);
      trace.rows.emplace_back(number, place);
    }
  }
  std::ranges::sort(traces, {}, [](const Trace& trace) { return std::pair(trace.start, trace.id); });
  return traces;
}

/// When the trace's batches came, as far as its run still says so.
RunHistory SegmentState::history_of(const Trace& trace) {
  RunHistory history{{{info().first_sequence, trace.start}}, info().last_sequence, info().last_arrival};
  const auto index = segment_->index();
  if (!index) return history;
  for (const TraceEntry& entry : Segment::find(**index, trace.id)) {
    const Result<RunPart> run = segment_->read_run(**index, entry.run);
    if (!run || run->summary.trace_id != trace.id) continue;
    history.last_sequence = run->last_sequence;
    history.last_arrival = run->summary.last_arrival;
    history.starts = run->starts;
    if (history.starts.back().start != trace.start) history.starts = {{run->first_sequence(), trace.start}};
  }
  return history;
}

Result<void> SegmentState::write_readable(Files& files, const std::string& path) {
  const auto contents = TRY(segment_->contents());
  SegmentInfo fresh;
  fresh.file_id = system_random();
  // Level 0: what was merged into a segment that lost rows may still be there, and must not be removed for it.
  fresh.level = 0;
  fresh.first_sequence = info().first_sequence;
  fresh.last_sequence = info().last_sequence;
  fresh.first_arrival = info().first_arrival;
  fresh.last_arrival = info().last_arrival;
  SegmentWriterSettings settings;
  settings.effort = Effort::kSmall;
  const auto writer = TRY(SegmentWriter::create(files, path, fresh, settings));
  Rewrite rewrite(*this, *contents, *writer);
  for (const Trace& trace : TRY(readable_traces())) TRY(rewrite.add(trace));
  TRY(writer->finish());
  return {};
}

}  // namespace sextant::persist
