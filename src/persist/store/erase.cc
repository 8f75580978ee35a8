// Deletes traces: a tombstone, durable before the answer, hides what is stored of one from then on; sealing and merging
// leave it out, and when nothing that it covers is left, the tombstone goes. See docs/adr/019-deletion.md.
//
// Invariant: a head is sealed with every tombstone that covers a part of it (sealing_ sees to that). So what a segment
// has of a trace is deleted as a whole or not at all, and its last sequence says which.
#include <algorithm>

#include "persist/format/limits.h"
#include "persist/store/impl.h"

namespace sextant::persist {
namespace {

/// Whether the segment has rows of the trace. kDataLoss: that cannot be read.
Result<bool> has_rows_of(Segment& segment, const data::TraceId& id) {
  const auto contents = TRY(segment.contents());
  for (const TraceEntry& entry : Segment::find(contents->index(), id)) {
    const RunPart part = TRY(segment.read_run(contents->index(), entry.run));
    if (part.summary.trace_id == id) return true;
  }
  return false;
}

}  // namespace

Result<void> Store::Impl::read_tombstones() {
  const std::string path = layout_.deleted_file();
  if (!TRY(files_.exists(path))) return {};
  const Result<std::string> text = read_file(files_, path, kTombstoneFileBytesMax);
  if (!text) {
    if (text.error().code() != ErrorCode::kTooLarge) return std::unexpected(text.error());
    note_damage(text.error().message() + "; traces that were deleted may be shown again");
    return {};
  }
  Tombstones::Decoded decoded = TRY_CONTEXT(Tombstones::decode(*text), path);
  for (const std::string& damage : decoded.damages) {
    note_damage(path + ": " + damage + "; traces that were deleted may be shown again");
  }
  if (decoded.tombstones.empty()) return {};
  view_.lock()->deleted = std::make_shared<const Tombstones>(std::move(decoded.tombstones));
  return {};
}

Result<void> Store::Impl::erase_trace(const data::TraceId& id) {
  if (queue_.lock()->closed) return fail(ErrorCode::kUnavailable, "the store is closing");
  const auto no_sealing = sealing_.lock();
  const Snapshot now = snapshot();
  if (!TRY(is_stored(now, id))) return fail(ErrorCode::kNotFound, "no run with trace id {} is stored", id.hex());
  auto all = now.deleted ? std::make_shared<Tombstones>(*now.deleted) : std::make_shared<Tombstones>();
  all->add({id, now.sequence, clock_.unix_nanos()});
  if (all->size() > kTombstonesMax) {
    return fail(ErrorCode::kResourceExhausted,
                "{} deleted traces wait to be removed from the disk, and more are not kept; try again later",
                kTombstonesMax);
  }
  TRY(save_tombstones(std::move(all)));
  ++view_.lock()->deletions;
  last_erase_steady_ = clock_.steady_nanos();
  deleted_unsure_ = true;
  trimmed_ = false;
  return {};
}

/// Makes the tombstones durable, then true for every snapshot from now on.
Result<void> Store::Impl::save_tombstones(std::shared_ptr<const Tombstones> all) {
  const std::string path = layout_.deleted_file();
  tombstones_in_doubt_ = true;
  if (!all || all->empty()) {
    all = nullptr;
    if (TRY(files_.exists(path))) TRY(files_.remove(path));
    TRY(files_.sync_directory(layout_.tenant));
  } else {
    TRY(write_file_atomically(files_, path, all->encode()));
  }
  tombstones_in_doubt_ = false;
  view_.lock()->deleted = std::move(all);
  return {};
}

/// After an error nobody knows which tombstones a start would find. Until the file says again what is in memory no head
/// may be sealed: the segment would have of a trace what the file says is deleted, beside what is not.
Result<void> Store::Impl::settle_tombstones() {
  if (!tombstones_in_doubt_) return {};
  std::shared_ptr<const Tombstones> all = view_.lock()->deleted;
  return save_tombstones(std::move(all));
}

Result<bool> Store::Impl::is_stored(const Snapshot& now, const data::TraceId& id) const {
  const uint64_t deleted = now.deleted ? now.deleted->deleted_up_to(id) : 0;
  for (const auto& head : now.heads) {
    if (!head->find(id, deleted).empty()) return true;
  }
  for (const auto& segment : now.segments) {
    if (segment->info().last_sequence <= deleted) continue;
    const Result<bool> found = has_rows_of(*segment, id);
    // Of what is damaged some may be read, now or when it is mended.
    const bool perhaps = !found && found.error().code() == ErrorCode::kDataLoss;
    if (perhaps || TRY(found)) return true;
  }
  return false;
}

/// Finds the segments that have deleted rows, and forgets tombstones that cover nothing any more.
void Store::Impl::look_for_deleted() {
  if (!deleted_unsure_.exchange(false)) return;
  to_rewrite_.clear();
  const uint64_t sealed = sealed_sequence_;  // before the snapshot, which has its segments
  const Snapshot now = snapshot();
  if (!now.deleted) return;
  std::vector<Tombstone> done;
  for (const Tombstone& tombstone : now.deleted->list()) {
    // What is not sealed may be in a head, and what a start replays.
    bool left = sealed < tombstone.sequence;
    for (const auto& segment : now.segments) {
      if (segment->info().last_sequence > tombstone.sequence) continue;
      const Result<bool> found = has_rows_of(*segment, tombstone.trace_id);
      if (found && !*found) continue;
      left = true;
      if (!found) {
        deleted_unsure_ = deleted_unsure_ || found.error().code() != ErrorCode::kDataLoss;
      } else if (!not_to_compact_.contains(segment->path()) &&
                 std::ranges::find(to_rewrite_, segment) == to_rewrite_.end()) {
        to_rewrite_.push_back(segment);
      }
    }
    if (!left) done.push_back(tombstone);
  }
  // Files that lie about might be read by the next start, with rows that a tombstone has to hide.
  if (done.empty() || files_left_) return;
  const Result<void> forgotten = forget_tombstones(done);
  if (forgotten) return;
  deleted_unsure_ = true;
  log_.warn("tombstones could not be removed", {{"reason", forgotten.error().message()}});
}

Result<void> Store::Impl::forget_tombstones(const std::vector<Tombstone>& done) {
  const auto no_sealing = sealing_.lock();
  const std::shared_ptr<const Tombstones> known = view_.lock()->deleted;
  auto left = std::make_shared<Tombstones>(*known);
  for (const Tombstone& tombstone : done) left->remove(tombstone);
  TRY(save_tombstones(std::move(left)));
  log_.info("deleted traces are gone from the segments", {{"traces", done.size()}});
  return {};
}

/// One segment with deleted rows, when there is time for it, or when that was so for long enough.
std::vector<std::shared_ptr<Segment>> Store::Impl::choose_to_rewrite() const {
  if (to_rewrite_.empty()) return {};
  const std::shared_ptr<const Tombstones> deleted = view_.lock()->deleted;
  if (!deleted) return {};
  const bool quiet = is_idle() && clock_.steady_nanos() - last_erase_steady_ >= settings_.compact_idle_nanos;
  const UnixNanos now = clock_.unix_nanos();
  const bool overdue = now > deleted->oldest() && now - deleted->oldest() >= settings_.erase_wait_nanos;
  if (!quiet && !overdue) return {};
  return {to_rewrite_.front()};
}

}  // namespace sextant::persist
