#include "queue/record_queue.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace sextant::queue {
namespace {

constexpr std::size_t kAlignment = 8;

void add_one(std::atomic<std::uint64_t>& count) noexcept {  // by the only thread that writes it
  count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

/// Why: the reader's core still has these lines from the last time round. Asked for now, they come while the program
/// does something else, and not while the next record is written. Past the end of a chunk it is without effect.
void fetch_for_writing(const char* from) noexcept {
  constexpr std::size_t kLineBytes = 64;
  constexpr std::size_t kLines = 6;  // a span of some attributes
  for (std::size_t i = 1; i <= kLines; ++i) __builtin_prefetch(from + i * kLineBytes, 1);
}

}  // namespace

RecordQueue::RecordQueue(const QueueSettings& settings, Waker& waker) : waker_(waker), pool_(settings.bytes_max) {
  open(settings);
}

RecordQueue::~RecordQueue() {
  for (const auto& lane : lanes_) {
    Chunk* chunk = lane->head != nullptr ? lane->head : lane->first.load(std::memory_order_acquire);
    while (chunk != nullptr) {
      Chunk* const next = chunk->next.load(std::memory_order_acquire);
      pool_.give_back(chunk);
      chunk = next;
    }
  }
}

void RecordQueue::open(const QueueSettings& settings) noexcept {
  items_max_.store(std::max<std::size_t>(settings.items_max, 1), std::memory_order_relaxed);
  pool_.set_bytes_max(settings.bytes_max);
  wake_at_.store(std::clamp<std::size_t>(settings.wake_at, 1, items_max_), std::memory_order_relaxed);
  closed_.store(false, std::memory_order_seq_cst);
}

Lane* RecordQueue::open_lane() noexcept {
  std::unique_ptr<Lane> lane(new (std::nothrow) Lane);
  if (lane == nullptr) return nullptr;
  lane->queue = this;
  const std::lock_guard<std::mutex> lock(lanes_mutex_);
  lanes_.push_back(std::move(lane));
  const auto count = static_cast<std::uint32_t>(lanes_.size());
  lane_count_.store(count, std::memory_order_relaxed);
  pool_.set_holders(count);
  return lanes_.back().get();
}

char* RecordQueue::begin(Lane* lane, std::size_t bytes) noexcept {
  const std::size_t needed = sizeof(Header) + bytes;
  const bool accepted = !closed_.load(std::memory_order_relaxed) && (lane->unaccounted < lane->step || account(lane));
  if (accepted &&
      ((lane->tail != nullptr && lane->tail->capacity - lane->write_at >= needed) || next_chunk(lane, needed))) {
    return lane->tail->data() + lane->write_at + sizeof(Header);
  }
  add_one(lane->dropped);
  return nullptr;
}

void RecordQueue::commit(Lane* lane, std::uint32_t tag, std::size_t bytes) noexcept {
  const Header header{static_cast<std::uint32_t>(bytes), tag};
  std::memcpy(lane->tail->data() + lane->write_at, &header, sizeof(header));
  const std::size_t end = lane->write_at + sizeof(header) + bytes;
  lane->write_at = static_cast<std::uint32_t>(
      std::min<std::size_t>((end + kAlignment - 1) & ~(kAlignment - 1), lane->tail->capacity));
  ++lane->unaccounted;
  add_one(lane->written);
  lane->tail->committed.store(lane->write_at, std::memory_order_release);
  fetch_for_writing(lane->tail->data() + lane->write_at);
}

/// Tells the common count, and asks it how many more may be written until the next look. Far from the limit that is a
/// step that all lanes together cannot overrun; near it, one.
bool RecordQueue::account(Lane* lane) noexcept {
  std::int64_t queued = accounted_.load(std::memory_order_relaxed);
  if (lane->unaccounted != 0)
    queued = accounted_.fetch_add(lane->unaccounted, std::memory_order_relaxed) + lane->unaccounted;
  lane->unaccounted = 0;
  const auto limit = static_cast<std::int64_t>(items_max_.load(std::memory_order_relaxed));
  if (queued >= static_cast<std::int64_t>(wake_at_.load(std::memory_order_relaxed)) &&
      !woken_.load(std::memory_order_relaxed) && !woken_.exchange(true, std::memory_order_relaxed)) {
    waker_.wake();
  }
  if (queued >= limit) {
    lane->step = 0;
    return false;
  }
  const std::int64_t spread = std::int64_t{kStep} * (lane_count_.load(std::memory_order_relaxed) + 1);
  const std::int64_t until_wake = static_cast<std::int64_t>(wake_at_.load(std::memory_order_relaxed)) - queued;
  lane->step = limit - queued > spread ? kStep : 1;
  // So that the one thread of a small program wakes the reader with the very record that fills a batch.
  if (until_wake > 0 && until_wake < lane->step) lane->step = static_cast<std::uint32_t>(until_wake);
  return true;
}

bool RecordQueue::next_chunk(Lane* lane, std::size_t bytes) noexcept {
  Chunk* chunk = pool_.take(bytes);
  if (chunk == nullptr) return false;
  if (lane->tail == nullptr) {
    lane->first.store(chunk, std::memory_order_release);
  } else {
    lane->tail->next.store(chunk, std::memory_order_release);
  }
  lane->tail = chunk;
  lane->write_at = 0;
  return true;
}

void RecordQueue::take(std::size_t items_max, std::vector<Record>& out) {
  woken_.store(false, std::memory_order_relaxed);
  const std::lock_guard<std::mutex> lock(lanes_mutex_);
  const std::size_t before = out.size();
  for (std::size_t i = 0; i < lanes_.size() && out.size() - before < items_max; ++i) {
    Lane& lane = *lanes_[(first_lane_ + i) % lanes_.size()];
    take_from(lane, items_max - (out.size() - before), out);
  }
  ++first_lane_;
  taken_ += out.size() - before;
  retire_abandoned();
}

void RecordQueue::take_from(Lane& lane, std::size_t items_max, std::vector<Record>& out) {
  if (lane.head == nullptr) lane.head = lane.first.load(std::memory_order_acquire);
  while (lane.head != nullptr) {
    const std::uint32_t committed = lane.head->committed.load(std::memory_order_acquire);
    for (; lane.read_at < committed; --items_max, ++lane.taken) {
      if (items_max == 0) return;
      Header header{};
      std::memcpy(&header, lane.head->data() + lane.read_at, sizeof(header));
      out.push_back({header.tag,
                     static_cast<std::uint32_t>(out.size()),
                     {lane.head->data() + lane.read_at + sizeof(header), header.bytes}});
      const std::size_t end = lane.read_at + sizeof(header) + header.bytes;
      lane.read_at = static_cast<std::uint32_t>(
          std::min<std::size_t>((end + kAlignment - 1) & ~(kAlignment - 1), lane.head->capacity));
    }
    Chunk* const next = lane.head->next.load(std::memory_order_acquire);
    if (next == nullptr) return;
    if (lane.head->committed.load(std::memory_order_acquire) != lane.read_at) continue;
    emptied_.push_back(lane.head);
    lane.head = next;
    lane.read_at = 0;
  }
}

/// Requires: lanes_mutex_ held. A lane goes when its thread has ended and all that it wrote has been taken.
void RecordQueue::retire_abandoned() noexcept {
  for (std::size_t i = 0; i < lanes_.size();) {
    Lane& lane = *lanes_[i];
    const bool done =
        lane.abandoned.load(std::memory_order_acquire) && lane.taken == lane.written.load(std::memory_order_relaxed);
    if (!done) {
      ++i;
      continue;
    }
    if (lane.head != nullptr) emptied_.push_back(lane.head);
    accounted_.fetch_add(lane.unaccounted, std::memory_order_relaxed);
    retired_written_ += lane.written.load(std::memory_order_relaxed);
    retired_dropped_ += lane.dropped.load(std::memory_order_relaxed);
    lanes_[i] = std::move(lanes_.back());
    lanes_.pop_back();
  }
  lane_count_.store(static_cast<std::uint32_t>(lanes_.size()), std::memory_order_relaxed);
}

void RecordQueue::release() noexcept {
  for (Chunk* chunk : emptied_) pool_.give_back(chunk);
  emptied_.clear();
  accounted_.fetch_sub(static_cast<std::int64_t>(taken_), std::memory_order_relaxed);
  taken_ = 0;
}

void RecordQueue::forget_all() noexcept {
  for (auto& lane : lanes_) {
    lane.release();  // why: its chunks may be half in the hands of the reader, which is gone
  }
  lanes_.clear();
  emptied_.clear();
  taken_ = 0;
  retired_written_ = retired_dropped_ = 0;
  lane_count_.store(0, std::memory_order_relaxed);
  accounted_.store(0, std::memory_order_relaxed);
  woken_.store(false, std::memory_order_relaxed);
  pool_.forget_all();
}

std::size_t RecordQueue::queued() const noexcept {
  const std::int64_t queued = accounted_.load(std::memory_order_relaxed);
  return queued > 0 ? static_cast<std::size_t>(queued) : 0;
}

std::uint64_t RecordQueue::dropped() noexcept {
  const std::lock_guard<std::mutex> lock(lanes_mutex_);
  std::uint64_t sum = retired_dropped_;
  for (const auto& lane : lanes_) sum += lane->dropped.load(std::memory_order_relaxed);
  return sum;
}

std::uint64_t RecordQueue::written() noexcept {
  const std::lock_guard<std::mutex> lock(lanes_mutex_);
  std::uint64_t sum = retired_written_;
  for (const auto& lane : lanes_) sum += lane->written.load(std::memory_order_relaxed);
  return sum;
}

}  // namespace sextant::queue
