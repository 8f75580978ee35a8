// Bounds of the store's queues and pools, each with its reason.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sextant::persist {

/// Batches that wait for the log. Memory is bounded by the ledger; this bounds the time the last of them waits.
inline constexpr size_t kQueueBatchesMax = 4096;

/// Batches that share one write and one sync. More of them only make the first wait.
inline constexpr size_t kGroupBatchesMax = 1024;

/// Buffers of encoded batches that are kept for the next ones, and the largest that is. Not in the ledger: 4 MiB at
/// most.
inline constexpr size_t kPooledPayloadsMax = 4;
inline constexpr uint64_t kPooledPayloadBytesMax = 1ULL << 20;

/// Heads that wait to be sealed. One is being written while the next one fills; when sealing is slower than that, the
/// newest head grows instead: more and more slowly, because batches are made to wait, until the ledger refuses them.
inline constexpr size_t kFrozenHeadsMax = 2;

/// Heads that a start leaves to be sealed: more than a server at its limit has when it is killed, so that the next one
/// is ready soon.
inline constexpr size_t kReplayedHeadsMax = 5;

/// Records that are read ahead of the one that is taken in at a start, and threads that decode them.
inline constexpr size_t kReplayAheadRecordsMax = 64;
inline constexpr uint64_t kReplayAheadBytesMax = 16ULL << 20;
inline constexpr unsigned kReplayThreadsMax = 4;

/// How long a group of batches waits when the newest head is full and cannot be frozen; with its fullness squared, up
/// to this multiple.
inline constexpr uint64_t kPaceNanos = 10'000'000;
inline constexpr double kPaceFullMax = 25;

/// Memory that sealing keeps for itself, so that a full ledger can be emptied: row references, one block, its bytes.
inline constexpr uint64_t kSealReserveBytes = 16ULL << 20;

/// Share of the ledger that the reserve may take at most, when the ledger is small.
inline constexpr uint64_t kSealReserveShare = 16;

/// Share of the ledger that what was read of segments may take, to be read again without the disk.
inline constexpr uint64_t kCacheShare = 8;

/// Merging is behind when there are rows, or segments, for so many merges.
inline constexpr uint64_t kMergeDebt = 3;

/// Longest wait before a merge that failed is tried again.
inline constexpr uint64_t kCompactWaitNanosMax = 600ULL * 1'000'000'000;

/// What a merge keeps of its inputs: the dictionaries and blocks of texts of those that are read at once.
inline constexpr uint64_t kMergeCacheBytes = 32ULL << 20;

/// The quota holds at least so many segments of the largest size that merging makes.
inline constexpr uint64_t kQuotaSegments = 16;

/// When idle, segments are merged if all but the largest together have at least this share (one in so many) of its
/// rows: what is written again then stays within a few times of what came in.
inline constexpr uint64_t kCompactGrowthShare = 4;

/// Least time between the removal of two partitions by age. When the wall clock jumps ahead, everything looks old: this
/// leaves time to notice.
inline constexpr uint64_t kPartitionRemovalNanos = 60ULL * 1'000'000'000;

/// Share of the disk that the store may fill when no number is configured.
inline constexpr uint64_t kQuotaPercent = 80;

/// The small text files of a store (FORMAT, sealed).
inline constexpr uint64_t kSmallFileBytesMax = 4096;

}  // namespace sextant::persist
