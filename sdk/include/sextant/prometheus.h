// All metrics as the text that Prometheus scrapes.
#pragma once

#include <cstdint>
#include <string>

namespace sextant {

enum class PrometheusFormat : std::uint8_t {
  kText,        // Prometheus text format 0.0.4
  kOpenMetrics  // OpenMetrics 1.0
};

/// What becomes of instrument names (OpenTelemetry, "Prometheus and OpenMetrics compatibility").
enum class PrometheusNames : std::uint8_t {
  kWithSuffixes,    // unit and `_total` are appended where they are missing
  kWithoutSuffixes  // nothing is appended
};

struct PrometheusOptions {
  PrometheusNames names = PrometheusNames::kWithSuffixes;
  bool target_info = true;   // a metric with the resource's attributes
  bool scope_labels = true;  // otel_scope_name and its like
};

/// What the running SDK has measured, cumulative since it started; where none runs, only the end mark that the format
/// demands. Collects, and asks callbacks. Any thread, one at a time, others wait. A counter with an exact name that
/// does not end in `_total` is of type `unknown` in OpenMetrics, which has no other way to write it. Exponential
/// histograms are written with at most 20 of their buckets, which are merged where they have more.
std::string prometheus_text(PrometheusFormat format = PrometheusFormat::kText, const PrometheusOptions& options = {});

/// For the Content-Type header.
const char* prometheus_content_type(PrometheusFormat format) noexcept;
/// What an Accept header asks for: kOpenMetrics where it names that with no less weight than plain text.
PrometheusFormat prometheus_format_for(const std::string& accept) noexcept;

}  // namespace sextant
