// Names and labels as Prometheus takes them (OpenTelemetry, "Prometheus and OpenMetrics compatibility").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metrics/stream.h"
#include "sextant/prometheus.h"

namespace sextant::metrics {

/// A UCUM unit as Prometheus writes it out: `seconds` for `s`, `bytes_per_second` for `By/s`; empty where names do not
/// carry it (`{request}`, and `1` of anything but gauges).
std::string prometheus_unit(std::string_view unit, bool of_gauge);

/// The name of a metric family; a counter's has `_total` at its end where it has been given that.
std::string prometheus_name(const Stream& stream, PrometheusNames names);

using Labels = std::vector<std::pair<std::string, std::string>>;

/// Attributes, which are the KeyValue messages in one field, as labels, `prefix` before each name. Of keys that become
/// the same label, all values count, with ';' between them. Values that are no texts are written as JSON has them.
void add_labels(Labels& labels, std::string_view message, std::uint32_t field, std::string_view prefix = {});

/// What an AnyValue holds: a text as it is, else as in JSON.
std::string value_as_text(std::string_view any_value);

}  // namespace sextant::metrics
