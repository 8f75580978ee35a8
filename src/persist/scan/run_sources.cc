#include "persist/scan/run_sources.h"

#include <algorithm>

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
    const auto index = context_.index(segment_);
    if (index && !opened_) {
      opened_ = true;
      seek(*index);
    }
    while (index && position_ == 0) {
      if (chunk_ >= Segment::chunk_count(*index)) break;
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
    const auto index = context_.reload_index(segment_);
    chunk_ = 0;
    if (index && index->rebuilt) return resolve();
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
    auto index = context_.index(segment_);
    std::vector<RunKey> keys;
    if (index && !collect(*index, keys)) {
      keys.clear();
      index = context_.reload_index(segment_);
      if (index) collect(*index, keys);
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

}  // namespace

std::unique_ptr<RunSource> head_runs(HeadTable& head, const RunBounds& bounds) {
  std::vector<RunKey> keys = head.run_keys(bounds.sequence);
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
