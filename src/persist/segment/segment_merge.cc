#include "persist/segment/segment_merge.h"

#include <algorithm>
#include <list>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "base/core/check.h"
#include "data/genai/summarize.h"
#include "persist/format/limits.h"
#include "persist/format/row_order.h"
#include "persist/segment/segment_target.h"

namespace sextant::persist {
namespace {

/// Rows between two calls of `between`.
constexpr uint64_t kRowsBetween = 4096;
/// Stripes that are held decoded for each input. Traces come in the inputs' own order, but for those that are in
/// several: one for the place at hand, one for what lies behind.
constexpr size_t kStripesHeld = 2;

/// Blocks of texts that words are learned from: some megabytes tell nearly as much as all.
constexpr uint64_t kBlocksLearnedFrom = 96;

/// A trace's part in one input.
struct Part {
  data::TraceId id;
  UnixNanos start;
  uint32_t input;
  uint32_t run;  // in the input's list of runs
};

/// Parts [begin, end) of one trace.
struct Trace {
  UnixNanos start;
  uint32_t begin;
  uint32_t end;
};

/// A stripe whose codes are the written segment's.
struct DecodedStripe {
  DecodedStripe(uint32_t number, uint32_t row_count, SegmentTables& tables)
      : block(number), numbers(row_count), source(rows, tables, RowSource::Codes::kOfSegment) {
    std::iota(numbers.begin(), numbers.end(), 0);
  }
  uint32_t block;
  std::vector<uint32_t> numbers;  // of all rows
  data::Batch rows;
  RowSource source;
};

/// Rows of a decoded stripe that follow each other; the stripe is held as long as they are needed.
struct Stretch {
  std::shared_ptr<DecodedStripe> stripe;
  uint32_t begin;
  uint32_t count;
};

/// A row of a decoded stripe. Lifetime: that of the stripe.
struct MergedRow {
  DecodedStripe* stripe;
  uint32_t row;
  uint64_t start() const { return stripe->rows.spans.start_unix_nanos[row]; }
  const data::SpanId& span_id() const { return stripe->rows.spans.span_id[row]; }
};

/// One segment that is merged. Thread-confined.
class Input {
 public:
  Input(std::shared_ptr<Segment> segment, std::shared_ptr<SegmentContents> contents, SegmentTables& tables)
      : segment_(std::move(segment)), contents_(std::move(contents)), tables_(tables), target_(*contents_, tables) {
    const SegmentIndex& index = contents_->index();
    by_run_.resize(index.traces.size());
    for (const TraceEntry& trace : index.traces) by_run_[trace.run] = {trace.first_row, trace.rows};
  }

  SegmentContents& contents() { return *contents_; }
  /// Counts runs that are still to be taken over; true when it was the last.
  void expect_run() { ++runs_left_; }
  bool finish_run() { return --runs_left_ == 0; }

  /// A run as it lies there; its chunk is kept for the neighbours. Lifetime: until the next call.
  Result<const RunLine*> run(uint32_t number) {
    const SegmentIndex& index = contents_->index();
    const uint32_t chunk = Segment::chunk_of(index, number);
    if (chunk != chunk_) {
      lines_ = TRY(segment_->read_run_lines(index, chunk));
      chunk_ = chunk;
    }
    return &lines_.runs[number - index.chunks[chunk].first_run];
  }

  /// Appends where the rows of the run's trace are.
  Result<void> rows(uint32_t run, std::vector<Stretch>& out) {
    const auto [first_row, count] = by_run_[run];
    const std::vector<BlockEntry>& blocks = contents_->index().blocks;
    for (uint32_t i = contents_->index().block_of(first_row); i < blocks.size(); ++i) {
      const BlockEntry& block = blocks[i];
      if (block.first_row >= first_row + count) break;
      const uint32_t begin = std::max(first_row, block.first_row) - block.first_row;
      const uint32_t end = std::min(first_row + count - block.first_row, block.rows);
      std::shared_ptr<DecodedStripe> stripe = TRY(decoded(i));
      out.push_back({std::move(stripe), begin, end - begin});
    }
    return {};
  }

  /// The same rows as a batch that says what they mean.
  Result<void> readable_rows(uint32_t run, data::Batch& out) {
    const auto [first_row, count] = by_run_[run];
    const std::vector<BlockEntry>& blocks = contents_->index().blocks;
    for (uint32_t i = contents_->index().block_of(first_row); i < blocks.size(); ++i) {
      const BlockEntry& block = blocks[i];
      if (block.first_row >= first_row + count) break;
      std::vector<uint32_t> rows;
      for (uint32_t row = std::max(first_row, block.first_row);
           row < std::min(first_row + count, block.first_row + block.rows); ++row) {
        rows.push_back(row - block.first_row);
      }
      TRY(segment_->read_rows(*contents_, block, rows, out));
    }
    return {};
  }

 private:
  Result<std::shared_ptr<DecodedStripe>> decoded(uint32_t number) {
    const auto known = std::ranges::find(stripes_, number, [](const auto& stripe) { return stripe->block; });
    if (known != stripes_.end()) {
      stripes_.splice(stripes_.begin(), stripes_, known);
      return stripes_.front();
    }
    const BlockEntry& block = contents_->index().blocks[number];
    auto stripe = std::make_shared<DecodedStripe>(number, block.rows, tables_);
    StripeReader reader = TRY(segment_->stripe(*contents_, block, StripeAccess::kOnce));
    TRY(reader.read_rows(stripe->numbers, target_, stripe->rows));
    stripes_.push_front(stripe);
    if (stripes_.size() > kStripesHeld) stripes_.pop_back();
    return stripe;
  }

  std::shared_ptr<Segment> segment_;
  std::shared_ptr<SegmentContents> contents_;
  SegmentTables& tables_;
  SegmentTarget target_;
  uint32_t runs_left_ = 0;
  std::vector<std::pair<uint32_t, uint32_t>> by_run_;  // first row and rows
  uint32_t chunk_ = UINT32_MAX;
  Segment::RunLines lines_;                            // of chunk_
  std::list<std::shared_ptr<DecodedStripe>> stripes_;  // used last in front
};

bool lists_equal(const data::Batch& a, const data::AttributeList& left, const data::Batch& b,
                 const data::AttributeList& right, uint32_t count) {
  return left.shape == right.shape && std::equal(a.attribute_values.begin() + left.values_begin,
                                                 a.attribute_values.begin() + left.values_begin + count,
                                                 b.attribute_values.begin() + right.values_begin);
}

/// Compares rows whose codes are of one segment: equal codes are equal values. Thread-confined.
class RowComparison {
 public:
  explicit RowComparison(const SegmentTables& tables) : tables_(tables) {}

  bool equal(const MergedRow& left, const MergedRow& right) const {
    const data::Batch& a = left.stripe->rows;
    const data::Batch& b = right.stripe->rows;
    return scalars_equal(a.spans, left.row, b.spans, right.row) &&
           lists(a, a.spans.attributes[left.row], b, b.spans.attributes[right.row]) &&
           events_equal(a, left.row, b, right.row) && links_equal(a, left.row, b, right.row);
  }

  /// Equal rows hash equally; that is all that is asked of it.
  static uint64_t hash(const MergedRow& row) {
    const data::SpanColumns& s = row.stripe->rows.spans;
    const auto values = row.stripe->rows.attribute_values.data() + s.attributes[row.row].values_begin;
    const uint64_t first = s.attributes[row.row].shape == data::ShapeTable::kEmpty ? 0 : *values;
    return ((s.end_unix_nanos[row.row] * 31 + s.name[row.row]) * 31 + s.status_message[row.row]) * 31 + first +
           s.attributes[row.row].shape;
  }

 private:
  bool lists(const data::Batch& a, const data::AttributeList& left, const data::Batch& b,
             const data::AttributeList& right) const {
    return lists_equal(a, left, b, right, tables_.globals().shapes.key_count(left.shape));
  }

  static bool scalars_equal(const data::SpanColumns& a, uint32_t i, const data::SpanColumns& b, uint32_t j) {
    return a.span_id[i] == b.span_id[j] && a.parent_span_id[i] == b.parent_span_id[j] &&
           a.start_unix_nanos[i] == b.start_unix_nanos[j] && a.end_unix_nanos[i] == b.end_unix_nanos[j] &&
           a.name[i] == b.name[j] && a.trace_state[i] == b.trace_state[j] &&
           a.status_message[i] == b.status_message[j] && a.kind[i] == b.kind[j] && a.status[i] == b.status[j] &&
           a.flags[i] == b.flags[j] && a.resource[i] == b.resource[j] && a.scope[i] == b.scope[j] &&
           a.dropped_attributes[i] == b.dropped_attributes[j] && a.dropped_events[i] == b.dropped_events[j] &&
           a.dropped_links[i] == b.dropped_links[j];
  }

  bool events_equal(const data::Batch& a, uint32_t row_a, const data::Batch& b, uint32_t row_b) const {
    const data::RowRange left = a.events_of(row_a);
    const data::RowRange right = b.events_of(row_b);
    if (left.size() != right.size()) return false;
    for (uint32_t i = 0; i < left.size(); ++i) {
      const uint32_t l = left.begin + i;
      const uint32_t r = right.begin + i;
      if (a.events.time_unix_nanos[l] != b.events.time_unix_nanos[r] || a.events.name[l] != b.events.name[r] ||
          a.events.dropped_attributes[l] != b.events.dropped_attributes[r] ||
          !lists(a, a.events.attributes[l], b, b.events.attributes[r])) {
        return false;
      }
    }
    return true;
  }

  bool links_equal(const data::Batch& a, uint32_t row_a, const data::Batch& b, uint32_t row_b) const {
    const data::RowRange left = a.links_of(row_a);
    const data::RowRange right = b.links_of(row_b);
    if (left.size() != right.size()) return false;
    for (uint32_t i = 0; i < left.size(); ++i) {
      const uint32_t l = left.begin + i;
      const uint32_t r = right.begin + i;
      if (a.links.trace_id[l] != b.links.trace_id[r] || a.links.span_id[l] != b.links.span_id[r] ||
          a.links.trace_state[l] != b.links.trace_state[r] || a.links.flags[l] != b.links.flags[r] ||
          a.links.dropped_attributes[l] != b.links.dropped_attributes[r] ||
          !lists(a, a.links.attributes[l], b, b.links.attributes[r])) {
        return false;
      }
    }
    return true;
  }

  const SegmentTables& tables_;
};

/// Puts the histories of a run's parts together: at every moment the earliest start known then.
std::vector<data::StartChange> merged_starts(const std::vector<const RunPart*>& parts) {
  std::vector<data::StartChange> all;
  for (const RunPart* part : parts) all.insert(all.end(), part->starts.begin(), part->starts.end());
  std::ranges::stable_sort(all, {}, &data::StartChange::sequence);
  std::vector<data::StartChange> starts;
  for (const data::StartChange& change : all) note_start(starts, change.sequence, change.start);
  return starts;
}

/// Thread-confined.
class Merge {
 public:
  Merge(std::vector<std::shared_ptr<Segment>>&& segments, const Tombstones& deleted, SegmentWriter& writer,
        const std::function<Result<void>(uint64_t rows)>& between)
      : segments_(std::move(segments)),
        deleted_(deleted),
        writer_(writer),
        between_(between),
        comparison_(writer.tables()) {}

  Result<SegmentInfo> run() {
    TRY(open_inputs());
    TRY(learn_words());
    for (const Trace& trace : traces()) {
      if (trace.end - trace.begin == 1) {
        TRY(copy(parts_[trace.begin]));
      } else {
        TRY(join(std::span(parts_).subspan(trace.begin, trace.end - trace.begin)));
      }
      stretches_.clear();
      for (uint32_t i = trace.begin; i < trace.end; ++i) {
        std::unique_ptr<Input>& input = inputs_[parts_[i].input];
        if (input->finish_run()) input.reset();
      }
    }
    return writer_.finish();
  }

 private:
  Result<void> open_inputs() {
    for (auto& segment : segments_) {
      auto contents = TRY(segment->contents());
      const SegmentIndex& index = contents->index();
      const uint64_t last_sequence = segment->info().last_sequence;
      if (!index.damages.empty()) return fail(ErrorCode::kDataLoss, "{}", index.damages.front());
      Input& input =
          *inputs_.emplace_back(std::make_unique<Input>(std::move(segment), std::move(contents), writer_.tables()));
      const auto number = static_cast<uint32_t>(inputs_.size() - 1);
      for (uint32_t run = 0; run < index.run_count(); ++run) {
        const RunLine* line = TRY(input.run(run));
        if (deleted_.cover(line->trace_id, last_sequence)) {
          leaves_out_ = true;
          continue;
        }
        parts_.push_back({line->trace_id, line->start, number, run});
        input.expect_run();
      }
    }
    segments_.clear();
    return {};
  }

  /// From blocks spread evenly over all inputs; not from blocks with texts that were deleted, of which nothing may
  /// stay.
  Result<void> learn_words() {
    if (leaves_out_) return {};
    uint64_t blocks = 0;
    for (const auto& input : inputs_) blocks += input->contents().index().text_blocks.size();
    if (blocks == 0) return {};
    const uint64_t step = std::max<uint64_t>(1, blocks / kBlocksLearnedFrom);
    std::vector<std::shared_ptr<const std::string>> kept;
    std::vector<std::string_view> sample;
    uint64_t number = 0;
    for (const auto& input : inputs_) {
      for (uint32_t block = 0; block < input->contents().index().text_blocks.size(); ++block, ++number) {
        if (number % step != 0) continue;
        kept.push_back(TRY(input->contents().text_block(block)));
        sample.push_back(*kept.back());
      }
    }
    writer_.use_vocabulary(TextVocabulary::learn(sample));
    return {};
  }

  std::vector<Trace> traces() {
    std::ranges::sort(parts_,
                      [](const Part& a, const Part& b) { return a.id != b.id ? a.id < b.id : a.input < b.input; });
    std::vector<Trace> traces;
    for (uint32_t i = 0; i < parts_.size(); ++i) {
      if (i == 0 || parts_[i].id != parts_[i - 1].id) traces.push_back({parts_[i].start, i, i});
      traces.back().start = std::min(traces.back().start, parts_[i].start);
      traces.back().end = i + 1;
    }
    std::ranges::sort(traces, [&](const Trace& a, const Trace& b) {
      return a.start != b.start ? a.start < b.start : parts_[a.begin].id < parts_[b.begin].id;
    });
    return traces;
  }

  /// A trace that lies in one input goes over as it is.
  Result<void> copy(const Part& part) {
    Input& input = *inputs_[part.input];
    TRY(input.rows(part.run, stretches_));
    for (const Stretch& stretch : stretches_) {
      const std::span<const uint32_t> rows = stretch.stripe->numbers;
      TRY(write(*stretch.stripe, rows.subspan(stretch.begin, stretch.count)));
    }
    writer_.end_trace(*TRY(input.run(part.run)));
    return {};
  }

  Result<void> join(std::span<const Part> parts) {
    data::Batch readable;
    std::vector<RunPart> runs;
    for (const Part& part : parts) {
      Input& input = *inputs_[part.input];
      TRY(input.rows(part.run, stretches_));
      TRY(input.readable_rows(part.run, readable));
      ByteReader line(TRY(input.run(part.run))->bytes);
      runs.push_back(decode_run(line));
    }
    for (const MergedRow& row : sorted_rows()) TRY(write(*row.stripe, std::span(&row.row, 1)));
    std::vector<const RunPart*> pointers;
    RunPart joined;
    for (const RunPart& run : runs) {
      pointers.push_back(&run);
      joined.last_sequence = std::max(joined.last_sequence, run.last_sequence);
    }
    joined.summary = summary_of(readable);
    for (const RunPart& run : runs) {
      joined.summary.last_arrival = std::max(joined.summary.last_arrival, run.summary.last_arrival);
    }
    joined.starts = merged_starts(pointers);
    writer_.end_trace(joined);
    return {};
  }

  /// From the spans themselves, copies once: parts do not know each other's.
  static data::RunSummary summary_of(const data::Batch& batch) {
    std::vector<RowRef> rows;
    for (uint32_t row = 0; row < batch.span_count(); ++row) rows.push_back({&batch, row});
    sort_and_collapse(rows);
    data::GenAiReader reader(batch);
    data::RunSummarizer summarizer;
    for (const RowRef& ref : rows) summarizer.add(reader, ref.row);
    return summarizer.finish();
  }

  /// The rows of all stretches by their start, copies once.
  std::vector<MergedRow> sorted_rows() const {
    std::vector<MergedRow> rows;
    for (const Stretch& stretch : stretches_) {
      for (uint32_t i = 0; i < stretch.count; ++i) rows.push_back({stretch.stripe.get(), stretch.begin + i});
    }
    std::ranges::stable_sort(rows, [](const MergedRow& a, const MergedRow& b) {
      return a.start() != b.start() ? a.start() < b.start() : a.span_id() < b.span_id();
    });
    std::vector<MergedRow> kept;
    for (size_t begin = 0; begin < rows.size();) {
      size_t end = begin + 1;
      while (end < rows.size() && rows[end].start() == rows[begin].start() &&
             rows[end].span_id() == rows[begin].span_id()) {
        ++end;
      }
      keep_different(std::span(rows).subspan(begin, end - begin), kept);
      begin = end;
    }
    return kept;
  }

  /// Of copies of one span those that differ. A retry makes two; a hostile client as many as it likes.
  void keep_different(std::span<const MergedRow> copies, std::vector<MergedRow>& kept) const {
    std::unordered_multimap<uint64_t, const MergedRow*> seen;
    for (const MergedRow& row : copies) {
      const uint64_t hash = copies.size() == 1 ? 0 : RowComparison::hash(row);
      const auto [from, to] = seen.equal_range(hash);
      if (std::any_of(from, to, [&](const auto& entry) { return comparison_.equal(row, *entry.second); })) continue;
      seen.emplace(hash, &row);
      kept.push_back(row);
    }
  }

  Result<void> write(DecodedStripe& stripe, std::span<const uint32_t> rows) {
    TRY(writer_.add_rows(stripe.source, rows));
    unannounced_ += rows.size();
    if (unannounced_ >= kRowsBetween) TRY(between_(std::exchange(unannounced_, 0)));
    return {};
  }

  std::vector<std::shared_ptr<Segment>> segments_;  // not opened yet
  const Tombstones& deleted_;
  bool leaves_out_ = false;  // something was deleted
  SegmentWriter& writer_;
  const std::function<Result<void>(uint64_t rows)>& between_;
  RowComparison comparison_;
  std::vector<std::unique_ptr<Input>> inputs_;  // nullptr: all of it was taken over
  std::vector<Part> parts_;
  std::vector<Stretch> stretches_;  // of the trace at hand
  uint64_t unannounced_ = 0;        // rows written since between_() was called
};

}  // namespace

Result<SegmentInfo> merge_segments(std::vector<std::shared_ptr<Segment>>&& inputs, const Tombstones& deleted,
                                   SegmentWriter& writer, const std::function<Result<void>(uint64_t rows)>& between) {
  return Merge(std::move(inputs), deleted, writer, between).run();
}

}  // namespace sextant::persist
