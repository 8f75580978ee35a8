// The periodic reader: everything that was measured, as export requests, every so often and whenever a flush asks.
#pragma once

#include <string>

#include "export/pipeline.h"
#include "export/queue_source.h"
#include "metrics/reader.h"
#include "sextant/metric_options.h"

namespace sextant::metrics {

/// Thread-confined to the pipeline's.
class MetricSource final : public exporting::Source {
 public:
  /// After install().
  MetricSource(const MetricOptions& options, exporting::EncodedResource resource);
  std::int64_t due_ns() const noexcept override { return due_ns_; }
  void gather(Extent extent, std::int64_t now_ns, const std::function<void(Batch)>& sink) override;

 private:
  const std::int64_t interval_ns_;
  const std::chrono::milliseconds timeout_;
  const std::size_t points_max_;
  const exporting::EncodedResource resource_;
  std::int64_t due_ns_;
  Reader reader_;
};

}  // namespace sextant::metrics
