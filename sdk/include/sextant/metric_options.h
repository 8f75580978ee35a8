// How metrics are aggregated and how often they are sent.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sextant/metrics.h"

namespace sextant {

enum class Aggregation : std::uint8_t {
  kDefault,  // sums for counters, the last value for gauges, buckets for histograms
  kDrop,
  kSum,                   // of counters and histograms
  kLastValue,             // of gauges
  kExplicitHistogram,     // of counters and histograms: buckets with given bounds
  kExponentialHistogram,  // of the same: base-2 buckets that fit themselves to the values
};

/// Which instruments, and what becomes of them. All criteria that are set must fit; each view that fits makes a stream
/// of its own; an instrument that none fits is taken as it is.
struct MetricView {
  // Which instruments.
  std::string instrument_name;  // `*`: any number of characters, `?`: one; case does not count; empty: any
  std::optional<InstrumentKind> instrument_kind;
  std::string instrument_unit;
  std::string meter_name;
  std::string meter_version;
  std::string meter_schema_url;

  // What becomes of them; what is not set stays as it is.
  std::string name;  // requires an instrument_name without wildcards
  std::string description;
  std::optional<std::vector<std::string>> include_attributes;  // only these keys are kept
  std::vector<std::string> exclude_attributes;
  Aggregation aggregation = Aggregation::kDefault;
  std::vector<double> bounds;       // upper bounds, ascending; given: kDefault means kExplicitHistogram for histograms
  std::uint32_t max_buckets = 160;  // of exponential histograms: 2 to 1024
  int max_scale = 20;               // -10 to 20
  bool record_min_max = true;       // of histograms
  std::size_t cardinality_limit = 0;  // points of one stream; 0: as MetricOptions say
};

/// What a point of a sum or a histogram covers.
enum class Temporality : std::uint8_t {
  kCumulative,  // all since the series began
  kDelta,       // what came since the last collection; up-down counters stay cumulative
  kLowMemory    // delta where that needs no memory: counters and histograms, but not observable ones
};

enum class ExemplarFilter : std::uint8_t {
  kTraceBased,  // measurements made within a sampled span
  kAlwaysOn,
  kAlwaysOff
};

struct MetricOptions {
  bool on = true;
  std::chrono::milliseconds interval{60'000};  // between two exports
  std::chrono::milliseconds timeout{30'000};   // of one attempt to send
  std::size_t batch_points_max = 8'192;        // a larger collection is sent in several requests
  Temporality temporality = Temporality::kCumulative;
  std::vector<MetricView> views;
  /// Attributes of all streams whose view says nothing of its own: only these keys are kept (empty: all), and never
  /// those.
  std::vector<std::string> include_attributes;
  std::vector<std::string> exclude_attributes;
  ExemplarFilter exemplar_filter = ExemplarFilter::kTraceBased;
  /// Points of one stream; what comes beyond is added to the point with the attribute `otel.metric.overflow`, which
  /// counts as one of them. At least 1.
  std::size_t cardinality_limit = 2'000;
  /// kExplicitHistogram or kExponentialHistogram: what kDefault means for histograms.
  Aggregation histogram_aggregation = Aggregation::kExplicitHistogram;
};

/// Counts since the SDK was started.
struct MetricStats {
  std::uint64_t refused = 0;      // measurements: NaN, infinite, or negative where that cannot be
  std::uint64_t unrecorded = 0;   // measurements: memory was out
  std::uint64_t overflowed = 0;   // lookups of attribute sets that went into an overflow point
  std::size_t series = 0;         // that exist
  std::uint64_t collections = 0;  // by all readers
};

}  // namespace sextant
