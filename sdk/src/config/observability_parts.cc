// The tables below `observability`.
#include <algorithm>

#include "config/observability.h"

namespace sextant::config {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kBuckets = "_buckets";
constexpr std::string_view kSampleRate = "_sample_rate";
constexpr std::size_t kBoundsMax = 1'000;  // of one histogram

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() > end.size() && text.substr(text.size() - end.size()) == end;
}

void read_buckets(Section& section, const std::string& key, wiring::MetricSettings& metrics) {
  std::vector<double> bounds;
  if (!section.numbers(key, bounds)) return;
  if (std::adjacent_find(bounds.begin(), bounds.end(), [](double a, double b) { return a >= b; }) != bounds.end())
    return section.wrong(key, "takes bounds that grow from each to the next");
  if (bounds.size() > kBoundsMax) return section.wrong(key, "takes at most 1000 bounds");
  metrics.buckets[key.substr(0, key.size() - kBuckets.size())] = std::move(bounds);
}

}  // namespace

void read_metrics(Section& section, wiring::Settings& settings) {
  static constexpr std::pair<std::string_view, Temporality> kTemporalities[] = {
      {"cumulative", Temporality::kCumulative}, {"delta", Temporality::kDelta}, {"lowmemory", Temporality::kLowMemory}};
  wiring::MetricSettings& metrics = settings.metric_settings;
  for (const std::string& key : section.keys()) {
    if (ends_with(key, kBuckets)) read_buckets(section, key, metrics);
  }
  section.texts("include_labels", metrics.include_labels);
  section.texts("exclude_labels", metrics.exclude_labels);
  section.duration("export_interval", milliseconds(1), metrics.interval);
  if (milliseconds timeout{}; section.duration("export_timeout", milliseconds(1), timeout))
    settings.metrics.export_timeout = timeout;
  section.word("temporality", metrics.temporality, kTemporalities);
  section.finish();
}

void read_logging(Section& section, wiring::LogSettings& log) {
  using Format = wiring::LogSettings::Format;
  using TimeFormat = wiring::LogSettings::TimeFormat;
  static constexpr std::pair<std::string_view, const char*> kLevels[] = {{"trace", "trace"}, {"debug", "debug"},
                                                                         {"info", "info"},   {"warn", "warn"},
                                                                         {"error", "error"}, {"fatal", "fatal"}};
  static constexpr std::pair<std::string_view, Format> kFormats[] = {{"json", Format::kJson}, {"text", Format::kText}};
  static constexpr std::pair<std::string_view, TimeFormat> kTimeFormats[] = {{"rfc3339", TimeFormat::kRfc3339},
                                                                             {"unix", TimeFormat::kUnix},
                                                                             {"unix_ms", TimeFormat::kUnixMs},
                                                                             {"unix_ns", TimeFormat::kUnixNs}};
  log.lines = true;
  section.word("level", log.level, kLevels);
  section.word("format", log.format, kFormats);
  section.text("output", log.output);
  section.boolean("include_trace_id", log.include_trace_id);
  section.boolean("include_span_id", log.include_span_id);
  section.word("timestamp_format", log.timestamp_format, kTimeFormats);
  section.text("timestamp_key", log.timestamp_key);
  section.text("level_key", log.level_key);
  section.text("message_key", log.message_key);
  section.text("trace_id_key", log.trace_id_key);
  section.text("span_id_key", log.span_id_key);
  for (const auto& [level, name] : kLevels) {
    double rate = 1;
    if (section.number(std::string(level).append(kSampleRate), 0, 1, rate)) log.rates[name] = rate;
  }
  section.finish();
}

}  // namespace sextant::config
