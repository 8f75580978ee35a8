#include "wiring/signal_options.h"

#include <algorithm>
#include <utility>

namespace sextant::wiring {
namespace {

/// `http_duration` names all instruments that have these words in this order, whatever stands between them.
std::string pattern_of(const std::string& words) {
  std::string pattern = "*" + words + "*";
  std::replace(pattern.begin(), pattern.end(), '_', '*');
  return pattern;
}

LogTimeFormat time_format_of(LogSettings::TimeFormat format) {
  using From = LogSettings::TimeFormat;
  switch (format) {
    case From::kRfc3339:
      return LogTimeFormat::kRfc3339;
    case From::kUnix:
      return LogTimeFormat::kUnix;
    case From::kUnixMs:
      return LogTimeFormat::kUnixMs;
    case From::kUnixNs:
      return LogTimeFormat::kUnixNs;
  }
  return LogTimeFormat::kRfc3339;
}

Severity severity_of(const std::string& level) {
  constexpr std::pair<const char*, Severity> kLevels[] = {{"trace", Severity::kTrace}, {"debug", Severity::kDebug},
                                                          {"info", Severity::kInfo},   {"warn", Severity::kWarn},
                                                          {"error", Severity::kError}, {"fatal", Severity::kFatal}};
  for (const auto& [name, severity] : kLevels) {
    if (level == name) return severity;
  }
  return Severity::kInfo;
}

double rate_of(const LogSettings& settings, const char* level) {
  const auto found = settings.rates.find(level);
  return found != settings.rates.end() ? found->second : 1;
}

LogOutput output_of(const LogSettings& settings) {
  LogOutput output = log_output(settings.output);
  output.format = settings.format == LogSettings::Format::kJson ? LogFormat::kJson : LogFormat::kText;
  output.time_format = time_format_of(settings.timestamp_format);
  output.include_trace_id = settings.include_trace_id;
  output.include_span_id = settings.include_span_id;
  output.time_key = settings.timestamp_key;
  output.level_key = settings.level_key;
  output.message_key = settings.message_key;
  output.trace_id_key = settings.trace_id_key;
  output.span_id_key = settings.span_id_key;
  return output;
}

}  // namespace

MetricOptions metric_options(const Settings& settings) {
  const MetricSettings& given = settings.metric_settings;
  MetricOptions options;
  options.on = settings.metrics.on;
  options.interval = given.interval;
  if (settings.metrics.export_timeout) options.timeout = *settings.metrics.export_timeout;
  options.temporality = given.temporality;
  options.exemplar_filter = given.exemplars;
  options.include_attributes = given.include_labels;
  options.exclude_attributes = given.exclude_labels;
  if (given.histograms == HistogramKind::kExponential)
    options.histogram_aggregation = Aggregation::kExponentialHistogram;
  for (const auto& [words, bounds] : given.buckets) {
    MetricView view;
    view.instrument_name = pattern_of(words);
    view.instrument_kind = InstrumentKind::kHistogram;
    view.bounds = bounds;
    options.views.push_back(std::move(view));
  }
  return options;
}

LogOptions log_options(const Settings& settings) {
  const LogSettings& given = settings.log_settings;
  LogOptions options;
  options.enabled = settings.logs.on;
  options.exported = !settings.logs.exporters.empty();
  if (given.level) options.least = severity_of(*given.level);
  options.trace_sample_rate = rate_of(given, "trace");
  options.debug_sample_rate = rate_of(given, "debug");
  options.info_sample_rate = rate_of(given, "info");
  options.attributes_max = given.attributes_max;
  options.value_length_max = given.value_length_max;
  options.queue = given.queue;
  if (given.lines && given.output != "none") options.outputs.push_back(output_of(given));
  return options;
}

PropagatorPtr propagators_from(const Settings& settings, std::vector<std::string>& notes) {
  std::string names;
  for (const std::string& name : settings.propagators) names += (names.empty() ? "" : ",") + name;
  Result<PropagatorPtr> made = propagators_by_name(names.empty() ? "none" : names);
  if (made) return *made;
  notes.push_back(made.error() + ": the default ones are used");
  return nullptr;
}

}  // namespace sextant::wiring
