// Streams: what views make of an instrument, and the series in which its measurements end up.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "metrics/attribute_set.h"
#include "metrics/instrument.h"
#include "metrics/series.h"
#include "sextant/metric_options.h"
#include "sextant/result.h"

namespace sextant::metrics {

/// Guarded by the lock of all metrics; what is not about series is immutable after construction. Lifetime: for ever, as
/// its series.
struct Stream {
  const Instrument* instrument = nullptr;
  std::uint32_t index = 0;  // among those of this start of the SDK
  std::string name;
  std::string description;
  Op op = Op::kSumInt;
  bool range_recorded = false;
  Exemplars exemplars = Exemplars::kNever;
  int scale_max = kExponentialScaleMax;
  std::uint32_t buckets = 0;
  std::size_t bound_count = 0;
  std::vector<double> bounds;  // padded with infinities
  KeyFilter filter;
  std::size_t limit = 0;

  std::vector<std::unique_ptr<Series>> series;
  std::unordered_map<std::string_view, Series*> by_attributes;  // the keys are of the series
  Series* overflow = nullptr;
  std::uint64_t harvested_epoch = 0;  // of which ranges have been given to the readers
};

/// The default bounds of OpenTelemetry's explicit-bucket histograms.
const std::vector<double>& default_bounds();

/// The attributes of the point that holds what found no room.
const std::string& overflow_attributes();

/// An error that says which view cannot be, and why.
Result<bool> check_options(const MetricOptions& options);

/// Whether text fits a pattern of characters, `*` and `?`, whatever the case.
bool matches_pattern(std::string_view pattern, std::string_view text) noexcept;

/// Streams for an instrument by the views and defaults; none where it is dropped. Their index is not set.
std::vector<std::unique_ptr<Stream>> make_streams(const Instrument& instrument, const MetricOptions& options);

}  // namespace sextant::metrics
