// Batches out of a queue of records: when one is full, when the oldest has waited long enough, or when asked.
#pragma once

#include <chrono>
#include <string>

#include "export/pipeline.h"
#include "queue/record_queue.h"

namespace sextant::exporting {

struct BatchSettings {
  std::chrono::milliseconds delay{5'000};
  std::size_t items_max = 512;
  std::size_t bytes_max = std::size_t{8} << 20;  // well below what receivers refuse (OTLP: 64 MiB)
};

/// Resource as OTLP has it, encoded, and its schema.
struct EncodedResource {
  std::string bytes;
  std::string schema_url;
};

/// Thread-confined to the pipeline's.
class QueueSource final : public Source {
 public:
  QueueSource(Signal signal, queue::RecordQueue& queue, const BatchSettings& settings, EncodedResource resource);
  std::int64_t due_ns() const noexcept override { return due_ns_; }
  void gather(Extent extent, std::int64_t now_ns, const std::function<void(Batch)>& sink) override;

 private:
  std::size_t take_batches(const std::function<void(Batch)>& sink);

  const Signal signal_;
  queue::RecordQueue& queue_;
  const BatchSettings settings_;
  const EncodedResource resource_;
  std::int64_t due_ns_;
  std::vector<queue::Record> records_;
  std::vector<queue::Record> part_;
};

}  // namespace sextant::exporting
