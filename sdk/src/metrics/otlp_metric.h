// What was collected, as OTLP has it (opentelemetry/proto/metrics/v1/metrics.proto).
#pragma once

#include <cstddef>
#include <string>

#include "metrics/reader.h"

namespace sextant::metrics {

/// A `Metric` message with the points [begin, end) of a stream.
std::string encode_metric(const Collected& collected, std::size_t begin, std::size_t end);

}  // namespace sextant::metrics
