// What a store is told when it is opened. Made by wiring from the configuration; the defaults are the product's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace sextant::persist {

/// When a batch is acknowledged.
enum class Durability : uint8_t {
  kSync,     // after fdatasync
  kRelaxed,  // after the write; synced within relaxed_sync_nanos
  kOff,      // after the write; synced when the operating system likes, and when sealed
};

/// Who does the work that is not the caller's.
enum class Scheduling : uint8_t {
  kThreads,  // the store's own threads
  kCaller,   // whoever calls Store::tick(): simulations, in which every step has its place
};

/// Value.
struct StoreSettings {
  std::string data_dir = "data";
  Durability durability = Durability::kSync;
  Scheduling scheduling = Scheduling::kThreads;

  /// Segments whose newest batch arrived longer ago are removed.
  uint64_t retention_age_nanos = 14ULL * 24 * 3600 * 1'000'000'000;
  /// Above this many bytes on disk the oldest segments are removed. Unset: 80 % of the disk.
  std::optional<uint64_t> retention_bytes_max;

  /// Size of a log file. The unsealed data of the head lies in as many as it needs. Small, because what is reserved and
  /// not used yet counts on the disk like data: with the spare ones 12 to 24 MiB of a store.
  uint64_t log_file_bytes = 8ULL << 20;
  /// Log files kept for use when their data is sealed: what one head needs.
  uint32_t log_files_spare_max = 2;

  /// The head is sealed when it reaches one of these. Age bounds how long data lives in the log only; it is long
  /// because every seal makes a segment, and small segments cost every question.
  uint64_t seal_bytes = 32ULL << 20;
  uint64_t seal_spans = 131'072;
  uint64_t seal_age_nanos = 3600ULL * 1'000'000'000;

  /// When nothing was stored for compact_idle_nanos, a head of at least so many spans or bytes is sealed: smaller on
  /// the disk, and merged soon.
  uint64_t seal_idle_spans = 1024;
  uint64_t seal_idle_bytes = 4ULL << 20;

  /// Rows of a segment that are encoded together, column by column. Few of them, and single traces cost less to read;
  /// many, and columns are smaller.
  uint32_t block_rows = 8192;

  /// Segments that follow each other are merged: as soon as together they have so many rows, or there are so many of
  /// them, or nothing was stored for so long. None is merged again once it has half of the rows.
  uint64_t compact_rows = 1'000'000;
  uint64_t compact_bytes = 1ULL << 30;
  uint32_t compact_segments = 32;
  uint64_t compact_idle_nanos = 500'000'000;

  /// When nothing was asked for so long, what was read of segments is let go of. Long enough for a page that asks anew
  /// every few seconds; what follows is read from the operating system's cache.
  uint64_t forget_idle_nanos = 5ULL * 1'000'000'000;

  /// Segments with deleted spans are written again without them: when nothing was stored or deleted for
  /// compact_idle_nanos, or this long after the deletion.
  uint64_t erase_wait_nanos = 600ULL * 1'000'000'000;

  /// Longest that a batch waits for others to share its sync, and the bytes at which it waits no longer.
  uint64_t group_wait_nanos = 5'000'000;
  uint64_t group_bytes = 1ULL << 20;
  /// Durability::kRelaxed: longest time between a write and its sync.
  uint64_t relaxed_sync_nanos = 250'000'000;
  /// After the disk refused, how long until it is tried again.
  uint64_t retry_wait_nanos = 1'000'000'000;
  /// How often retention looks.
  uint64_t retention_interval_nanos = 10ULL * 1'000'000'000;
};

}  // namespace sextant::persist
