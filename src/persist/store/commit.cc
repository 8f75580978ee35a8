// The log's thread: takes the batches that wait, writes them as one group, syncs, makes them visible, answers.
#include <algorithm>
#include <chrono>
#include <utility>

#include "base/core/check.h"
#include "persist/store/impl.h"
#include "persist/store/limits.h"

namespace sextant::persist {
namespace {

std::chrono::nanoseconds nanos(uint64_t count) {
  return std::chrono::nanoseconds(static_cast<int64_t>(count));
}

}  // namespace

void Store::Impl::run_log(const std::stop_token& stop) {
  std::vector<Pending> items;
  while (wait_for_work(stop, items)) {
    commit_waiting(std::move(items));
    items.clear();
    release_sealed();
    sync_if_due();
  }
}

/// Waits for batches, or for the next sync to be due. A batch that comes alone is taken at once. When the last group
/// was larger, its senders are likely to send again: then it waits for as many, but not longer than the group's time
/// since the last commit. False when the store closes and nothing is left.
bool Store::Impl::wait_for_work(const std::stop_token& stop, std::vector<Pending>& items) {
  auto queue = queue_.lock();
  const auto some = [&] { return !queue->items.empty() || queue->work; };
  if (settings_.durability == Durability::kRelaxed && writer_->has_unsynced()) {
    queue_.wait_for(queue, stop, nanos(settings_.relaxed_sync_nanos), some);
  } else {
    queue_.wait(queue, stop, some);
  }
  const uint64_t since = clock_.steady_nanos() - last_commit_steady_.load();
  if (!queue->items.empty() && last_group_ > 1 && since < settings_.group_wait_nanos) {
    const auto enough = [&] { return queue->items.size() >= last_group_ || queue->bytes >= settings_.group_bytes; };
    queue->wake_at = last_group_;
    queue_.wait_for(queue, stop, nanos(settings_.group_wait_nanos - since), enough);
    queue->wake_at = 1;
  }
  if (const uint64_t pace = queue->items.empty() ? 0 : pace_nanos(); pace > 0) {
    queue_.wait_for(queue, stop, nanos(pace), [&] { return queue->work; });
  }
  queue->work = false;
  items.swap(queue->items);
  queue->bytes = 0;
  counters_.queue.set(0);
  return !items.empty() || !stop.stop_requested();
}

/// How long the next group waits because sealing does not keep up: the more, the fuller the head that cannot be frozen
/// yet. Senders that wait for their answers then send at the speed of sealing, and neither memory nor what a start has
/// to read again grows with the time that they send; none of them feels more than a little of it. Senders that do not
/// wait fill the ledger in the end, and are refused.
uint64_t Store::Impl::pace_nanos() const {
  if (clock_.steady_nanos() < seal_retry_at_steady_) return 0;  // the disk refuses: nothing would be won
  const auto view = view_.lock();
  if (view->frozen.size() < kFrozenHeadsMax) return 0;
  const HeadTable::Totals totals = view->active->totals();
  const double full = std::max(static_cast<double>(totals.bytes) / static_cast<double>(settings_.seal_bytes),
                               static_cast<double>(totals.spans) / static_cast<double>(settings_.seal_spans));
  return static_cast<uint64_t>(std::min(full * full, kPaceFullMax) * static_cast<double>(kPaceNanos));
}

/// Memory that was used a moment ago is in the caches, and costs no page faults.
std::string Store::Impl::take_payload() {
  auto free = payloads_.lock();
  if (free->empty()) return {};
  std::string payload = std::move(free->back());
  free->pop_back();
  return payload;
}

void Store::Impl::give_back_payload(std::string&& payload) {
  if (payload.capacity() > kPooledPayloadBytesMax) return;
  payload.clear();
  auto free = payloads_.lock();
  if (free->size() < kPooledPayloadsMax) free->push_back(std::move(payload));
}

void Store::Impl::commit_waiting(std::vector<Pending> items) {
  if (items.empty()) return;
  if (items.size() <= kGroupBatchesMax) return commit(items);
  for (size_t begin = 0; begin < items.size(); begin += kGroupBatchesMax) {
    const size_t end = std::min(items.size(), begin + kGroupBatchesMax);
    std::vector<Pending> part(std::make_move_iterator(items.begin() + static_cast<ptrdiff_t>(begin)),
                              std::make_move_iterator(items.begin() + static_cast<ptrdiff_t>(end)));
    commit(part);
  }
}

void Store::Impl::commit(std::vector<Pending>& items) {
  if (auto error = refusal()) return refuse(items, *error);
  uint64_t bytes = 0;
  for (const Pending& item : items) bytes += item.payload.size();
  const Result<void> written = write_group(items);
  last_commit_steady_ = clock_.steady_nanos();
  last_group_ = items.size();
  log_files_ = writer_->file_count();
  log_file_bytes_ = writer_->file_bytes();
  if (!written) {
    const bool full = written.error().code() == ErrorCode::kDiskFull;
    const Error error(full ? ErrorCode::kDiskFull : ErrorCode::kUnavailable,
                      "the log cannot be written: " + written.error().message());
    note_health(error);
    return refuse(items, error);
  }
  note_health(std::nullopt);
  counters_.log_bytes.add(bytes);
  publish(items);
}

/// Writes, and syncs when batches are acknowledged after that only. A disk that refused is given one more chance, with
/// a fresh file; what the first one holds is never trusted.
Result<void> Store::Impl::write_group(std::vector<Pending>& items) {
  Result<void> result;
  for (int attempt = 0; attempt < 2; ++attempt) {
    number(items);
    result = writer_->write(entries_);
    if (result && settings_.durability == Durability::kSync) result = timed_sync();
    if (result) return result;
    counters_.log_failures.add();
    if (result.error().code() == ErrorCode::kDiskFull) return result;
  }
  return result;
}

/// Gives the batches their sequence numbers. None is ever given twice, not even to the same batch that is written
/// again: what a file in doubt holds of the first attempt is then an equal copy with a number of its own, which reading
/// collapses, and never stands in the way of the second.
void Store::Impl::number(std::vector<Pending>& items) {
  const UnixNanos arrival = clock_.unix_nanos();
  entries_.clear();
  for (Pending& item : items) {
    item.head->sequence = next_sequence_++;
    item.head->arrival = arrival;
    entries_.push_back({item.head->sequence, arrival, item.checksum, item.payload});
  }
}

Result<void> Store::Impl::timed_sync() {
  const uint64_t begin = clock_.steady_nanos();
  Result<void> synced = writer_->sync();
  last_sync_steady_ = clock_.steady_nanos();
  counters_.sync_seconds.observe_nanos(last_sync_steady_ - begin);
  return synced;
}

/// Visible before acknowledged.
void Store::Impl::publish(std::vector<Pending>& items) {
  for (Pending& item : items) {
    const uint64_t payload = item.payload.capacity();
    give_back_payload(std::exchange(item.payload, {}));
    CHECK(item.head->hold.resize(item.head->hold.bytes() - payload));
  }
  bool frozen = false;
  {
    auto view = view_.lock();
    for (const Pending& item : items) {
      view->active->append(item.head);
      view->sequence = item.head->sequence;
    }
    frozen = freeze_if_due(*view, false);
  }
  if (frozen) wake_background();
  for (Pending& item : items) {
    counters_.stored.add(item.head->rows.size());
    item.done({});
  }
}

void Store::Impl::refuse(std::vector<Pending>& items, const Error& error) {
  for (Pending& item : items) {
    counters_.refused.add(item.head->rows.size());
    item.head.reset();
    item.done(std::unexpected(error));
  }
}

/// After a failure batches are refused at once for a while, so that a broken disk is not asked for each of them.
std::optional<Error> Store::Impl::refusal() const {
  const auto health = health_.lock();
  if (!health->refused || clock_.steady_nanos() >= health->retry_at_steady) return std::nullopt;
  return health->refused;
}

void Store::Impl::note_health(std::optional<Error> refused) {
  auto health = health_.lock();
  const bool was_refused = health->refused.has_value();
  const bool is_refused = refused.has_value();
  if (!was_refused && !is_refused) return;
  if (is_refused) health->retry_at_steady = clock_.steady_nanos() + settings_.retry_wait_nanos;
  health->refused = std::move(refused);
  const std::string message = health->refused ? health->refused->message() : "";
  health.unlock();
  counters_.writable.set(is_refused ? 0 : 1);
  if (is_refused && !was_refused) log_.error("batches are refused", {{"reason", message}});
  if (!is_refused) log_.info("batches are accepted again");
}

void Store::Impl::sync_if_due() {
  if (settings_.durability != Durability::kRelaxed || !writer_->has_unsynced()) return;
  if (clock_.steady_nanos() - last_sync_steady_ < settings_.relaxed_sync_nanos) return;
  const Result<void> synced = timed_sync();
  if (synced) return;
  // What was acknowledged since the last sync may not be on the disk. It is in memory still: a segment saves it.
  counters_.log_failures.add();
  note_health(Error(ErrorCode::kUnavailable, "the log cannot be synced: " + synced.error().message()));
  seal_forced_ = true;
  wake_background();
}

void Store::Impl::release_sealed() {
  writer_->release(sealed_sequence_);
  if (trim_log_.exchange(false)) writer_->drop_spares();
  log_files_ = writer_->file_count();
  log_file_bytes_ = writer_->file_bytes();
}

}  // namespace sextant::persist
