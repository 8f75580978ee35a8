// Keeps batches for tests.
#include "sextant/in_memory.h"

#include <utility>

namespace sextant {

ExportResult InMemoryExporter::send(const Batch& batch, const Deadline&) {
  const std::lock_guard<std::mutex> lock(mutex_);
  batches_.push_back(batch);
  items_[static_cast<std::size_t>(batch.signal)] += batch.items;
  return {};
}

std::vector<Batch> InMemoryExporter::take() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return std::exchange(batches_, {});
}

std::size_t InMemoryExporter::items(Signal signal) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return items_[static_cast<std::size_t>(signal)];
}

}  // namespace sextant
