#include "persist/scan/run_sources.h"

#include <algorithm>

#include "persist/scan/filter.h"

namespace sextant::persist {
namespace {

constexpr data::TraceId kLastId = [] {
  data::TraceId id;
  id.bytes.fill(0xFF);
  return id;
}();

/// Keys that are all known: a heap gives the newest first, at the cost of those that are asked for. Thread-confined.
class KeyHeap final : public RunSource {
 public:
  explicit KeyHeap(std::vector<RunKey> keys) : keys_(std::move(keys)) { std::ranges::make_heap(keys_); }

  std::optional<RunKey> peek() const override { return keys_.empty() ? std::nullopt : std::optional(keys_.front()); }
  void pop() override {
    std::ranges::pop_heap(keys_);
    keys_.pop_back();
  }

 private:
  std::vector<RunKey> keys_;
};

bool passes(const RunKey& key, const RunBounds& bounds) {
  return !bounds.below || key < *bounds.below;
}

/// The list of runs of a segment, read chunk by chunk as far as it is asked for. Thread-confined.
class SegmentRuns final : public RunSource {
 public:
  SegmentRuns(ScanContext& context, uint32_t segment, const RunBounds& bounds)
      : context_(context), segment_(segment), bounds_(bounds) {
    // A run starts at the latest when the last span ends.
    next_ = RunKey{context.segment(segment).info().end_max, kLastId};
  }

  std::optional<RunKey> peek() const override { return next_; }
  bool is_bound() const override { return position_ == 0; }
  void pop() override { advance(); }

  Result<void> resolve() override {
    const auto contents = context_.contents(segment_);
    if (contents && !opened_) {
      opened_ = true;
      seek(contents->index());
    }
    while (contents && position_ == 0) {
      if (chunk_ >= Segment::chunk_count(contents->index())) break;
      if (!load_chunk()) return restart();
      if (!keys_.empty()) {
        position_ = 1;
        next_ = keys_.front();
        return {};
      }
    }
    if (position_ == 0) {
      next_.reset();
      position_ = SIZE_MAX;
    }
    return {};
  }

 private:
  /// Moves to the next key of the chunk, or to a bound above the next chunk.
  void advance() {
    last_ = next_;
    if (position_ < keys_.size()) {
      next_ = keys_[position_++];
    } else {
      position_ = 0;  // the bound: nothing after is newer than what was popped
    }
  }

  /// Skips chunks that lie before the bound altogether: their successor starts at or above it.
  void seek(const SegmentIndex& index) {
    if (!bounds_.below || index.rebuilt) return;
    const auto& chunks = index.chunks;
    while (chunk_ + 1 < chunks.size() && chunks[chunk_ + 1].start_max > bounds_.below->start) ++chunk_;
  }

  /// Fills keys_ from chunk_ and moves on to the next one. False when the chunk cannot be read.
  bool load_chunk() {
    keys_.clear();
    const auto runs = context_.runs(segment_, chunk_);
    if (!runs) return false;
    ++chunk_;
    for (const RunPart& part : *runs) {
      if (part.summary.end < bounds_.end_min) continue;
      const RunKey key{part.starts.back().start, part.summary.trace_id};
      if (passes(key, bounds_) && (!last_ || key < *last_)) keys_.push_back(key);
    }
    return true;
  }

  /// After damage: the index is made again, and the list goes on where it stood.
  Result<void> restart() {
    const auto contents = context_.reload(segment_);
    chunk_ = 0;
    if (contents && contents->index().rebuilt) return resolve();
    next_.reset();
    position_ = SIZE_MAX;
    return {};
  }

  ScanContext& context_;
  const uint32_t segment_;
  const RunBounds bounds_;
  std::optional<RunKey> next_;
  std::optional<RunKey> last_;
  std::vector<RunKey> keys_;  // of one chunk, newest first
  size_t position_ = 0;       // behind next_ in keys_; 0: next_ is a bound
  uint32_t chunk_ = 0;        // to be read next
  bool opened_ = false;
};

/// Of a segment that was made after the moment asked for: its runs may stand elsewhere than they did. All are read.
/// Thread-confined.
class SegmentRunsAsOf final : public RunSource {
 public:
  SegmentRunsAsOf(ScanContext& context, uint32_t segment, const RunBounds& bounds)
      : context_(context),
        segment_(segment),
        bounds_(bounds),
        bound_{context.segment(segment).info().end_max, kLastId} {}

  std::optional<RunKey> peek() const override { return heap_ ? heap_->peek() : std::optional(bound_); }
  bool is_bound() const override { return heap_ == nullptr; }
  void pop() override { heap_->pop(); }

  Result<void> resolve() override {
    auto contents = context_.contents(segment_);
    std::vector<RunKey> keys;
    if (contents && !collect(contents->index(), keys)) {
      keys.clear();
      contents = context_.reload(segment_);
      if (contents) collect(contents->index(), keys);
    }
    heap_ = std::make_unique<KeyHeap>(std::move(keys));
    return {};
  }

 private:
  bool collect(const SegmentIndex& index, std::vector<RunKey>& keys) {
    for (uint32_t chunk = 0; chunk < Segment::chunk_count(index); ++chunk) {
      const auto runs = context_.runs(segment_, chunk);
      if (!runs) return false;
      for (const RunPart& part : *runs) {
        const auto start = start_as_of(part.starts, bounds_.sequence);
        if (!start || part.summary.end < bounds_.end_min) continue;
        const RunKey key{*start, part.summary.trace_id};
        if (passes(key, bounds_)) keys.push_back(key);
      }
    }
    return true;
  }

  ScanContext& context_;
  const uint32_t segment_;
  const RunBounds bounds_;
  const RunKey bound_;
  std::unique_ptr<KeyHeap> heap_;
};

/// Runs with a matching span, found stripe by stripe from the newest on. Thread-confined.
class MatchingSegmentRuns final : public RunSource {
 public:
  MatchingSegmentRuns(ScanContext& context, uint32_t segment, RunMatcher& matcher, const RunBounds& bounds)
      : context_(context), segment_(segment), matcher_(matcher), bounds_(bounds) {
    next_ = RunKey{context.segment(segment).info().end_max, kLastId};
  }

  std::optional<RunKey> peek() const override { return next_; }
  bool is_bound() const override { return bound_; }

  void pop() override {
    last_ = next_;
    take_next();
  }

  /// Reads stripes until one has a run, or until the bound above the next one is lower than what was asked for.
  Result<void> resolve() override {
    const bool may_match = TRY(matcher_.segment_may_match(segment_));
    const auto contents = may_match ? context_.contents(segment_) : nullptr;
    if (!contents) {
      end();
      return {};
    }
    if (!opened_) {
      opened_ = true;
      blocks_left_ = static_cast<uint32_t>(contents->index().blocks.size());
    }
    if (blocks_left_ == 0) {
      end();
      return {};
    }
    TRY(collect(--blocks_left_));
    take_next();
    return {};
  }

 private:
  void end() {
    next_.reset();
    bound_ = false;
  }

  /// The next run that was found, or a bound above the next stripe's.
  void take_next() {
    while (!keys_.empty()) {
      const RunKey key = keys_.back();
      keys_.pop_back();
      if (!passes(key, bounds_) || (last_ && key >= *last_)) continue;
      next_ = key;
      bound_ = false;
      return;
    }
    bound_ = true;
    if (blocks_left_ == 0) {
      end();
      return;
    }
    const auto contents = context_.contents(segment_);
    const RunKey above{contents->index().blocks[blocks_left_ - 1].zone.start_max, kLastId};
    next_ = last_ ? std::min(above, *last_) : above;
  }

  /// Keys of the stripe's matching runs, the newest last.
  Result<void> collect(uint32_t block) {
    const RowSet* rows = TRY(matcher_.rows(segment_, block));
    if (rows == nullptr) return {};
    std::optional<StripeReader> stripe = TRY(context_.stripe(segment_, block));
    if (!stripe) return {};
    const Result<void> read = collect_from(*stripe, *rows);
    return read ? read : context_.note_damage(read.error());
  }

  Result<void> collect_from(StripeReader& stripe, const RowSet& rows) {
    const auto begins = TRY(stripe.trace_begins());
    uint32_t behind = 0;
    for (const uint32_t row : rows.list()) {
      if (row < behind) continue;
      const uint32_t trace = stripe.trace_of(row);
      behind = begins[trace + 1];
      const data::TraceId id = TRY(stripe.trace_id(trace));
      const auto part = context_.part_in_segment(segment_, id);
      if (part) keys_.push_back({part->starts.back().start, id});
    }
    std::ranges::sort(keys_);
    return {};
  }

  ScanContext& context_;
  const uint32_t segment_;
  RunMatcher& matcher_;
  const RunBounds bounds_;
  std::optional<RunKey> next_;
  std::optional<RunKey> last_;
  std::vector<RunKey> keys_;
  uint32_t blocks_left_ = 0;  // stripes that were not looked at
  bool bound_ = true;
  bool opened_ = false;
};

}  // namespace

std::unique_ptr<RunSource> matching_head_runs(HeadTable& head, const data::SpanFilter& filter,
                                              const RunBounds& bounds) {
  std::vector<RunKey> keys;
  for (const HeadBatchPtr& batch : head.batches()) {
    if (batch->sequence > bounds.sequence) break;
    if (!batch_may_match(filter, batch->batch)) continue;
    const SpanMatcher matcher(filter, batch->batch);
    for (const TraceGroup& group : batch->groups) {
      if (bounds.deleted != nullptr && bounds.deleted->cover(group.trace_id, batch->sequence)) continue;
      const auto rows = batch->rows_of(group);
      if (!std::ranges::any_of(rows, [&](uint32_t row) { return matcher.matches(row); })) continue;
      // The part's place, not the batch's: the run may have begun in another one.
      const uint64_t deleted = bounds.deleted == nullptr ? 0 : bounds.deleted->deleted_up_to(group.trace_id);
      const auto start = start_as_of(HeadTable::history_of(head.find(group.trace_id, deleted)), bounds.sequence);
      const RunKey key{start.value_or(group.start_min), group.trace_id};
      if (passes(key, bounds)) keys.push_back(key);
    }
  }
  return std::make_unique<KeyHeap>(std::move(keys));
}

std::unique_ptr<RunSource> matching_segment_runs(ScanContext& context, uint32_t segment, RunMatcher& matcher,
                                                 const RunBounds& bounds) {
  return std::make_unique<MatchingSegmentRuns>(context, segment, matcher, bounds);
}

std::unique_ptr<RunSource> head_runs(HeadTable& head, const RunBounds& bounds) {
  std::vector<RunKey> keys = head.run_keys(bounds.sequence, bounds.deleted);
  std::erase_if(keys, [&](const RunKey& key) { return !passes(key, bounds); });
  return std::make_unique<KeyHeap>(std::move(keys));
}

std::unique_ptr<RunSource> segment_runs(ScanContext& context, uint32_t segment, const RunBounds& bounds) {
  if (context.segment(segment).info().last_sequence > bounds.sequence) {
    return std::make_unique<SegmentRunsAsOf>(context, segment, bounds);
  }
  return std::make_unique<SegmentRuns>(context, segment, bounds);
}

}  // namespace sextant::persist
