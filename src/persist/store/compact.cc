// Merges segments in the background: few large ones cost less, on the disk and to every question, than many small ones.
//
// Neighbours by sequence become one segment that covers their whole range. It is published before they are removed;
// when the process dies in between, the next start finds them inside its range and removes them.
#include <algorithm>

#include "base/core/check.h"
#include "base/sys/random.h"
#include "persist/segment/segment_merge.h"
#include "persist/store/impl.h"
#include "persist/store/limits.h"

namespace sextant::persist {
namespace {

std::string partition_of(const Segment& segment) {
  return segment.path().substr(0, segment.path().rfind('/'));
}

}  // namespace

/// The oldest neighbours that are worth merging. `idle`: nothing is waiting, so that less has to be gained; what was
/// sealed and is not worth it is written again by itself then, so that no text stays as it was sealed.
std::vector<std::shared_ptr<Segment>> Store::Impl::choose_to_compact(bool idle) const {
  std::vector<std::shared_ptr<Segment>> chosen;
  uint64_t rows = 0;
  uint64_t bytes = 0;
  const auto enough = [&] { return rows >= settings_.compact_rows || chosen.size() >= settings_.compact_segments; };
  // A large one with little to add to it is not worth writing again.
  const auto worth = [&] {
    uint64_t largest = 0;
    for (const auto& segment : chosen) largest = std::max(largest, segment->info().rows);
    return chosen.size() >= 2 && (enough() || (idle && (rows - largest) * kCompactGrowthShare >= largest));
  };
  const auto take = [&] {
    if (worth()) return true;
    const auto last_merged = std::ranges::find_if(chosen.rbegin(), chosen.rend(),
                                                  [](const auto& segment) { return segment->info().level > 0; });
    chosen.erase(chosen.begin(), last_merged.base());
    if (!idle) chosen.clear();
    return !chosen.empty();
  };
  const uint64_t bytes_max = merged_bytes_max();
  const auto view = view_.lock();
  for (const auto& segment : view->segments) {
    const bool small = is_to_merge(*segment);
    const bool fits = chosen.empty() || (partition_of(*chosen.back()) == partition_of(*segment) &&
                                         bytes + segment->file_bytes() <= bytes_max);
    if (!small || !fits) {
      if (take()) return chosen;
      chosen.clear();
      rows = bytes = 0;
      if (!small && idle && segment->info().level == 0 && !not_to_compact_.contains(segment->path())) return {segment};
      if (!small) continue;
    }
    chosen.push_back(segment);
    rows += segment->info().rows;
    bytes += segment->file_bytes();
    if (enough() && chosen.size() >= 2) return chosen;
  }
  take();
  return chosen;
}

/// Retention removes whole segments: none may be much of what may be kept.
uint64_t Store::Impl::merged_bytes_max() const {
  return std::min(settings_.compact_bytes, quota_bytes_ / kQuotaSegments);
}

/// True when the segment is small enough to become part of a larger one.
bool Store::Impl::is_to_merge(const Segment& segment) const {
  return segment.info().rows < settings_.compact_rows / 2 && segment.file_bytes() < merged_bytes_max() / 2 &&
         !not_to_compact_.contains(segment.path());
}

/// True when there is so much to merge that sealing has to wait for it now and then.
bool Store::Impl::is_merging_behind() const {
  if (clock_.steady_nanos() < compact_retry_at_steady_) return false;  // waiting would not help
  uint64_t rows = 0;
  uint64_t segments = 0;
  const auto view = view_.lock();
  for (const auto& segment : view->segments) {
    if (!is_to_merge(*segment)) continue;
    rows += segment->info().rows;
    ++segments;
  }
  return rows >= settings_.compact_rows * kMergeDebt || segments >= uint64_t{settings_.compact_segments} * kMergeDebt;
}

void Store::Impl::compact_if_due() {
  const uint64_t now = clock_.steady_nanos();
  if (now < compact_retry_at_steady_ || stopping_) return;
  auto inputs = choose_to_compact(is_idle());
  if (inputs.empty()) inputs = choose_to_rewrite();
  if (inputs.empty()) return;
  const Result<void> compacted = compact(inputs);
  if (compacted) compact_wait_nanos_ = 0;
  if (compacted || stopping_) return;
  counters_.compact_failures.add();
  // Longer each time: what fails after minutes of work, for want of memory say, must not be all that is done.
  compact_wait_nanos_ = std::max(settings_.retry_wait_nanos, std::min(compact_wait_nanos_ * 2, kCompactWaitNanosMax));
  compact_retry_at_steady_ = clock_.steady_nanos() + compact_wait_nanos_;
  log_.error("segments could not be merged", {{"reason", compacted.error().message()}});
  if (compacted.error().code() != ErrorCode::kDataLoss) return;
  // Whichever of them is damaged: they are read as they are.
  note_damage(compacted.error().message());
  for (const auto& input : inputs) not_to_compact_.insert(input->path());
}

Result<void> Store::Impl::compact(const std::vector<std::shared_ptr<Segment>>& inputs) {
  const uint64_t begin = clock_.steady_nanos();
  const std::shared_ptr<Segment> merged = TRY(merge_inputs(inputs));
  // Nothing is left of them: they may have been the last that told what is sealed.
  if (!merged) TRY(remember_sealed(sealed_sequence_));
  {
    // In one step, so that no reader sees a span twice or not at all.
    auto view = view_.lock();
    const auto first = std::ranges::find(view->segments, inputs.front());
    CHECK(first != view->segments.end());
    *first = merged;
    for (size_t i = 1; i < inputs.size(); ++i) std::erase(view->segments, inputs[i]);
    std::erase(view->segments, nullptr);
  }
  deleted_unsure_ = true;
  counters_.compactions.add();
  counters_.compact_seconds.observe_nanos(clock_.steady_nanos() - begin);
  log_.info("merged segments", {{"segment", merged ? merged->path() : "none is left"},
                                {"inputs", inputs.size()},
                                {"spans", merged ? merged->info().rows : 0},
                                {"bytes", merged ? merged->file_bytes() : 0}});
  const Result<void> removed = remove_inputs(inputs, merged ? merged->path() : "");
  if (!removed) files_left_ = true;
  return removed;
}

Result<void> Store::Impl::remove_inputs(const std::vector<std::shared_ptr<Segment>>& inputs,
                                        const std::string& merged_path) {
  for (const auto& input : inputs) {
    // The name says which batches and when: of one that was written again it is the same, and the file is replaced.
    if (input->path() != merged_path) TRY(files_.remove(input->path()));
  }
  const std::string partition = partition_of(*inputs.front());
  TRY(files_.sync_directory(partition));
  return remove_if_empty(partition);
}

Result<std::shared_ptr<Segment>> Store::Impl::merge_inputs(const std::vector<std::shared_ptr<Segment>>& inputs) {
  SegmentInfo info;
  info.first_sequence = inputs.front()->info().first_sequence;
  info.last_sequence = inputs.back()->info().last_sequence;
  info.first_arrival = UINT64_MAX;
  for (const auto& input : inputs) {
    info.level = std::max(info.level, input->info().level + 1);
    info.first_arrival = std::min(info.first_arrival, input->info().first_arrival);
    info.last_arrival = std::max(info.last_arrival, input->info().last_arrival);
  }
  info.file_id = settings_.scheduling == Scheduling::kCaller ? (info.last_sequence * 0x9E3779B97F4A7C15) ^ info.level
                                                             : system_random();
  const std::shared_ptr<const Tombstones> deleted = view_.lock()->deleted;
  LedgerHold hold = ledger_.open();
  SliceCache cache(std::min(kMergeCacheBytes, ledger_.limit_bytes() / kCacheShare), ledger_);
  return publish_segment(
      partition_of(*inputs.front()), info, Effort::kSmall, [&](SegmentWriter& writer) -> Result<SegmentInfo> {
        uint64_t merged = 0;
        const auto between = [&](uint64_t rows) -> Result<void> {
          merged += rows;
          // When merging is behind, as many rows are merged as are sealed; batches wait for it (pace_nanos).
          if (merged >= last_sealed_rows_ || !is_merging_behind()) {
            seal_what_waits();
            merged = 0;
          }
          if (stopping_) return fail(ErrorCode::kUnavailable, "the store is closing");
          if (hold.resize(writer.byte_size())) return {};
          return fail(ErrorCode::kResourceExhausted, "memory is full: merging needs {} bytes", writer.byte_size());
        };
        auto segments = TRY(reopened(inputs, cache));
        return merge_segments(std::move(segments), deleted ? *deleted : Tombstones(), writer, between);
      });
}

/// The inputs read once more through a cache of the merge's own: what it reads once must not push out what questions
/// read again and again, nor stay in memory.
Result<std::vector<std::shared_ptr<Segment>>> Store::Impl::reopened(const std::vector<std::shared_ptr<Segment>>& inputs,
                                                                    SliceCache& cache) {
  std::vector<std::shared_ptr<Segment>> segments;
  for (const auto& input : inputs) {
    segments.push_back(TRY(open_segment(input->path(), input->path().substr(input->path().rfind('/') + 1), cache)));
  }
  return segments;
}

/// After a start: segments whose range lies inside that of a whole one were merged into it. Where both are merged and
/// of the same level, the smaller one's merge failed in the end, and what it was made of became part of the other. One
/// that was mended has level 0, and takes nobody's place.
Result<void> Store::Impl::drop_merged() {
  std::vector<std::shared_ptr<Segment>> merged;
  {
    const auto view = view_.lock();
    const auto inside = [&](const std::shared_ptr<Segment>& segment) {
      return std::ranges::any_of(view->segments, [&](const std::shared_ptr<Segment>& other) {
        const SegmentInfo& inner = segment->info();
        const SegmentInfo& outer = other->info();
        const bool larger = outer.last_sequence - outer.first_sequence > inner.last_sequence - inner.first_sequence;
        const bool later = outer.level > inner.level || (outer.level == inner.level && outer.level > 0 && larger);
        return later && outer.rows > 0 && outer.first_sequence <= inner.first_sequence &&
               outer.last_sequence >= inner.last_sequence;
      });
    };
    for (const auto& segment : view->segments) {
      if (inside(segment)) merged.push_back(segment);
    }
  }
  for (const auto& segment : merged) {
    log_.info("a segment that was merged is removed", {{"segment", segment->path()}});
    TRY(files_.remove(segment->path()));
    std::erase(view_.lock()->segments, segment);
  }
  return {};
}

}  // namespace sextant::persist
