// Removes old data: by age, and the oldest first when there is more than the quota.
#include <algorithm>

#include "persist/segment/segment_format.h"
#include "persist/store/impl.h"
#include "persist/store/limits.h"
#include "persist/store/small_files.h"

namespace sextant::persist {

uint64_t Store::Impl::quota_bytes() const {
  if (settings_.retention_bytes_max) return *settings_.retention_bytes_max;
  const Result<DiskSpace> space = files_.space(layout_.root);
  return space ? space->total_bytes / 100 * kQuotaPercent : UINT64_MAX;
}

void Store::Impl::retain() {
  quota_bytes_ = quota_bytes();
  const UnixNanos now = clock_.unix_nanos();
  const uint64_t steady = clock_.steady_nanos();
  for (;;) {
    uint64_t bytes = log_file_bytes_;
    uint64_t count = 0;
    UnixNanos oldest = 0;
    {
      const auto view = view_.lock();
      count = view->segments.size();
      for (const auto& segment : view->segments) bytes += segment->file_bytes();
      if (count > 0) oldest = view->segments.front()->info().last_arrival;
    }
    if (count == 0) return;
    const bool expired = now > oldest && now - oldest > settings_.retention_age_nanos;
    const bool over_quota = bytes > quota_bytes_;
    if (!expired && !over_quota) return;
    if (!over_quota) {
      // One partition a minute: a clock that jumped ahead must not empty the store before someone sees it.
      const std::string partition = partition_name(oldest);
      const bool pause_over =
          last_partition_removal_steady_ == 0 || steady - last_partition_removal_steady_ >= kPartitionRemovalNanos;
      if (partition != partition_being_removed_ && !pause_over) return;
      partition_being_removed_ = partition;
      last_partition_removal_steady_ = std::max<uint64_t>(steady, 1);
    }
    const Result<void> removed = remove_oldest(over_quota ? counters_.removed_by_bytes : counters_.removed_by_age);
    if (removed) continue;
    log_.error("an old segment could not be removed", {{"reason", removed.error().message()}});
    return;
  }
}

/// Readers that have it open read on; the disk space is free when the last of them is done.
Result<void> Store::Impl::remove_oldest(Counter& removed) {
  std::shared_ptr<Segment> oldest;
  bool is_last = false;
  {
    const auto view = view_.lock();
    oldest = view->segments.front();
    is_last = view->segments.size() == 1;
  }
  if (is_last) {
    // Segments tell the next start what the log need not replay; without any, this file does.
    TRY(remember_sealed(oldest->info().last_sequence));
  }
  TRY(files_.remove(oldest->path()));
  const std::string partition = oldest->path().substr(0, oldest->path().rfind('/'));
  // A tombstone that has nothing else to cover may go once the segment is gone for good.
  TRY(files_.sync_directory(partition));
  {
    auto view = view_.lock();
    std::erase(view->segments, oldest);
  }
  deleted_unsure_ = true;
  removed.add(oldest->file_bytes());
  log_.info("removed an old segment", {{"segment", oldest->path()}, {"bytes", oldest->file_bytes()}});
  return remove_if_empty(partition);
}

/// Never less than what is sealed already: the file may say more than the segments do.
Result<void> Store::Impl::remember_sealed(uint64_t sequence) {
  const uint64_t sealed = std::max(sealed_sequence_.load(), sequence);
  return write_file_atomically(files_, layout_.sealed_file(), text_with_number(kSealedPrefix, sealed));
}

Result<void> Store::Impl::remove_if_empty(const std::string& partition) {
  if (!TRY(files_.list(partition)).empty()) return {};
  return files_.remove_directory(partition);
}

}  // namespace sextant::persist
