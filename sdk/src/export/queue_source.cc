#include "export/queue_source.h"

#include <utility>

#include "base/clock.h"
#include "export/request.h"

namespace sextant::exporting {

QueueSource::QueueSource(Signal signal, queue::RecordQueue& queue, const BatchSettings& settings,
                         EncodedResource resource)
    : signal_(signal),
      queue_(queue),
      settings_(settings),
      resource_(std::move(resource)),
      due_ns_(monotonic_ns() + std::chrono::nanoseconds(settings.delay).count()) {}

void QueueSource::gather(Extent extent, std::int64_t now_ns, const std::function<void(Batch)>& sink) {
  const bool all = extent == Extent::kEverything || now_ns >= due_ns_;
  while (all || queue_.queued() >= settings_.items_max) {
    if (take_batches(sink) < settings_.items_max) break;
  }
  if (all) due_ns_ = now_ns + std::chrono::nanoseconds(settings_.delay).count();
}

/// Takes up to items_max records; returns how many there were. They become one batch, or several where they are large.
std::size_t QueueSource::take_batches(const std::function<void(Batch)>& sink) {
  records_.clear();
  queue_.take(settings_.items_max, records_);
  for (std::size_t begin = 0; begin < records_.size();) {
    std::size_t bytes = 0;
    part_.clear();
    do {
      bytes += records_[begin].bytes.size();
      part_.push_back(records_[begin++]);
    } while (begin < records_.size() && bytes + records_[begin].bytes.size() <= settings_.bytes_max);
    sink({signal_, part_.size(), build_request(resource_.bytes, resource_.schema_url, part_)});
  }
  queue_.release();
  return records_.size();
}

}  // namespace sextant::exporting
