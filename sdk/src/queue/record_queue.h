// From the threads of the program to the one that gathers: records, in the order in which each thread wrote them.
//
// Every thread writes into chunks of its own and shares no line of memory with another writer; only every sixteenth
// record touches the common count. Nothing is allocated once there are chunks enough, no writer ever waits, and what
// finds no room is counted.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/waker.h"
#include "queue/chunk_pool.h"

namespace sextant::queue {

/// A record as the reader sees it. The tag is what the writer gave (which instrumentation scope).
struct Record {
  std::uint32_t tag = 0;
  std::uint32_t place = 0;  // among those taken together
  std::string_view bytes;
};

struct QueueSettings {
  std::size_t items_max = 2048;
  std::size_t bytes_max = std::size_t{16} << 20;
  std::size_t wake_at = 512;  // items that wake the reader
};

class RecordQueue;

/// One thread's part of a queue.
struct alignas(64) Lane {
  // Of the writer.
  Chunk* tail = nullptr;
  std::uint32_t write_at = 0;
  std::uint32_t unaccounted = 0;  // written since the common count was told
  std::uint32_t step = 0;         // so many may be written until the next look at it
  std::atomic<std::uint64_t> written{0};
  std::atomic<std::uint64_t> dropped{0};
  RecordQueue* queue = nullptr;
  // Of the reader.
  alignas(64) Chunk* head = nullptr;
  std::atomic<Chunk*> first{nullptr};
  std::uint32_t read_at = 0;
  std::uint64_t taken = 0;
  std::atomic<bool> abandoned{false};  // its thread has ended
};

class RecordQueue {
 public:
  /// The waker is of the thread that reads.
  RecordQueue(const QueueSettings& settings, Waker& waker);
  ~RecordQueue();
  RecordQueue(const RecordQueue&) = delete;
  RecordQueue& operator=(const RecordQueue&) = delete;

  /// A lane for the calling thread; null without memory. Takes a lock: once for a thread.
  Lane* open_lane() noexcept;
  /// The lane's thread writes no more; what it wrote is still read.
  void abandon(Lane* lane) noexcept { lane->abandoned.store(true, std::memory_order_release); }

  /// Thread: the lane's. Where the record goes: `bytes` of room, to be followed by commit() with the same number; null
  /// where the queue is full or closed, which is counted.
  char* begin(Lane* lane, std::size_t bytes) noexcept;
  void commit(Lane* lane, std::uint32_t tag, std::size_t bytes) noexcept;

  /// Thread: the reader. Appends up to `items_max` records; the bytes stay valid until release().
  void take(std::size_t items_max, std::vector<Record>& out);
  /// Gives back the room of all that was taken.
  void release() noexcept;

  /// From now on everything is refused and counted, until the queue is opened with new settings. A record whose writing
  /// had begun still comes.
  void close() noexcept { closed_.store(true, std::memory_order_seq_cst); }
  void open(const QueueSettings& settings) noexcept;
  /// In the child of a fork, with lanes_mutex() held: forgets what was queued, which is the parent's to send, and every
  /// lane. The calling thread must not use its lane any more. Memory of what was being written by threads that are gone
  /// stays lost.
  void forget_all() noexcept;
  std::mutex& lanes_mutex() noexcept { return lanes_mutex_; }  // to be held over a fork
  /// An estimate: what writers have not told yet is missing, at most 15 each.
  std::size_t queued() const noexcept;
  std::uint64_t dropped() noexcept;
  std::uint64_t written() noexcept;

 private:
  struct Header {
    std::uint32_t bytes;
    std::uint32_t tag;
  };
  static constexpr std::uint32_t kStep = 16;  // records between two looks at the common count

  bool account(Lane* lane) noexcept;
  bool next_chunk(Lane* lane, std::size_t bytes) noexcept;
  void take_from(Lane& lane, std::size_t items_max, std::vector<Record>& out);
  void retire_abandoned() noexcept;

  std::atomic<std::size_t> items_max_;
  std::atomic<std::size_t> wake_at_;
  Waker& waker_;
  ChunkPool pool_;
  std::mutex lanes_mutex_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::uint64_t retired_dropped_ = 0;  // of lanes that are no more
  std::uint64_t retired_written_ = 0;
  std::vector<Chunk*> emptied_;  // of the reader: to be given back by release()
  std::size_t first_lane_ = 0;   // of the reader: where the next take() begins, so that no lane starves
  std::size_t taken_ = 0;
  std::atomic<std::uint32_t> lane_count_{0};
  std::atomic<bool> closed_{false};
  alignas(64) std::atomic<std::int64_t> accounted_{0};
  std::atomic<bool> woken_{false};
};

}  // namespace sextant::queue
