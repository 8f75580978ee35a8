#include "wiring/env.h"

#include <algorithm>

#include "wiring/env_reader.h"

namespace sextant::wiring {
namespace {

constexpr std::uint64_t kItemsMax = 10'000'000;  // of a queue: a sanity limit

void read_service(EnvReader& reader, Settings& settings) {
  if (const auto value = reader.text("OTEL_RESOURCE_ATTRIBUTES")) {
    const Result<std::vector<ResourceAttribute>> pairs = parse_pairs(*value);
    if (!pairs) {
      reader.wrong("OTEL_RESOURCE_ATTRIBUTES", *value,
                   "takes key=value,key2=value2 with percent-encoded values, and " + pairs.error());
    } else {
      for (const ResourceAttribute& pair : *pairs) {
        // What a file said of these by keys of their own is less than what the environment says.
        if (pair.key == "service.name") settings.service_name = pair.value;
        if (pair.key == "service.version") settings.service_version = pair.value;
        if (pair.key == "deployment.environment.name") settings.deployment_environment = pair.value;
        settings.resource.push_back(pair);
      }
    }
  }
  reader.text("OTEL_SERVICE_NAME", settings.service_name);
}

void read_diagnostics(EnvReader& reader, Settings& settings) {
  static constexpr Word<LogLevel> kLevels[] = {{"none", LogLevel::kOff},    {"error", LogLevel::kError},
                                               {"warn", LogLevel::kWarn},   {"info", LogLevel::kInfo},
                                               {"debug", LogLevel::kDebug}, {"verbose", LogLevel::kDebug},
                                               {"warning", LogLevel::kWarn}};
  reader.word("OTEL_LOG_LEVEL", settings.diagnostic_level, kLevels);
}

void read_propagators(EnvReader& reader, std::vector<std::string>& propagators) {
  static constexpr std::string_view kKnown[] = {"tracecontext", "baggage", "b3", "b3multi", "jaeger", "none"};
  const auto value = reader.text("OTEL_PROPAGATORS");
  if (!value) return;
  std::vector<std::string> names;
  for (std::string& name : split(to_lower(*value), ',')) {
    if (std::find(std::begin(kKnown), std::end(kKnown), name) == std::end(kKnown)) {
      reader.wrong("OTEL_PROPAGATORS", name, "takes a list of tracecontext, baggage, b3, b3multi and jaeger, or none");
    } else if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(std::move(name));
    }
  }
  if (names.empty()) return;
  const auto none = std::find(names.begin(), names.end(), "none");
  if (none != names.end()) {
    if (names.size() > 1) reader.say("OTEL_PROPAGATORS names none beside others: nothing is propagated");
    names.clear();
  }
  propagators = std::move(names);
}

void read_exporters(EnvReader& reader, std::string_view name, SignalSettings& signal, bool prometheus) {
  const auto value = reader.text(name);
  if (!value) return;
  std::vector<ExporterKind> kinds;
  bool none = false;
  for (const std::string& word : split(to_lower(*value), ',')) {
    if (word == "none") {
      none = true;
    } else if (word == "otlp") {
      kinds.push_back(ExporterKind::kOtlp);
    } else if (word == "console" || word == "logging") {
      kinds.push_back(ExporterKind::kConsole);
    } else if (word == "prometheus" && prometheus) {
      kinds.push_back(ExporterKind::kPrometheus);
    } else {
      reader.wrong(name, word,
                   std::string("takes a list of otlp, console") + (prometheus ? ", prometheus" : "") + ", or none");
    }
  }
  if (none && !kinds.empty()) reader.say(std::string(name) + " names none beside others: nothing is exported");
  if (!none && kinds.empty()) return;
  std::sort(kinds.begin(), kinds.end());
  kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
  signal.exporters = none ? std::vector<ExporterKind>{} : std::move(kinds);
}

/// OTEL_BSP_* or OTEL_BLRP_*.
void read_batching(EnvReader& reader, const std::string& prefix, QueueOptions& queue,
                   std::optional<Milliseconds>& timeout) {
  reader.milliseconds(prefix + "_SCHEDULE_DELAY", 1, queue.delay);
  reader.timeout(prefix + "_EXPORT_TIMEOUT", timeout);
  reader.integer(prefix + "_MAX_QUEUE_SIZE", queue.items_max, 1, kItemsMax);
  reader.integer(prefix + "_MAX_EXPORT_BATCH_SIZE", queue.batch_items_max, 1, kItemsMax);
  if (queue.batch_items_max > queue.items_max) {
    if (reader.text(prefix + "_MAX_EXPORT_BATCH_SIZE")) {
      reader.say(prefix + "_MAX_EXPORT_BATCH_SIZE is " + std::to_string(queue.batch_items_max) +
                 ", more than the queue holds: " + std::to_string(queue.items_max) + " is used");
    }
    queue.batch_items_max = queue.items_max;
  }
}

/// A limit for spans alone wins over the one for everything, whichever is less.
void read_limits(EnvReader& reader, Limits& spans, LogSettings& logs) {
  reader.integer("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", spans.value_length_max, 0, UINT32_MAX);
  reader.integer("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", logs.value_length_max, 0, UINT32_MAX);
  reader.integer("OTEL_ATTRIBUTE_COUNT_LIMIT", spans.attributes_max, 0, UINT32_MAX);
  reader.integer("OTEL_ATTRIBUTE_COUNT_LIMIT", logs.attributes_max, 0, UINT32_MAX);
  reader.integer("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", spans.value_length_max, 0, UINT32_MAX);
  reader.integer("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", spans.attributes_max, 0, UINT32_MAX);
  reader.integer("OTEL_SPAN_EVENT_COUNT_LIMIT", spans.events_max, 0, UINT32_MAX);
  reader.integer("OTEL_SPAN_LINK_COUNT_LIMIT", spans.links_max, 0, UINT32_MAX);
  reader.integer("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", spans.event_attributes_max, 0, UINT32_MAX);
  reader.integer("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", spans.link_attributes_max, 0, UINT32_MAX);
  reader.integer("OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", logs.value_length_max, 0, UINT32_MAX);
  reader.integer("OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", logs.attributes_max, 0, UINT32_MAX);
}

}  // namespace

std::vector<std::string> read_environment(const Environment& environment, Settings& settings) {
  EnvReader reader(environment);
  read_diagnostics(reader, settings);
  reader.boolean("OTEL_SDK_DISABLED", settings.disabled);
  read_service(reader, settings);
  read_propagators(reader, settings.propagators);
  read_sampler(reader, settings.sampler);
  read_limits(reader, settings.span_limits, settings.log_settings);
  read_batching(reader, "OTEL_BSP", settings.span_queue, settings.traces.export_timeout);
  read_batching(reader, "OTEL_BLRP", settings.log_settings.queue, settings.logs.export_timeout);
  read_exporters(reader, "OTEL_TRACES_EXPORTER", settings.traces, false);
  read_exporters(reader, "OTEL_METRICS_EXPORTER", settings.metrics, true);
  read_exporters(reader, "OTEL_LOGS_EXPORTER", settings.logs, false);
  read_otlp(reader, settings);
  read_metrics(reader, settings);
  return reader.take_problems();
}

}  // namespace sextant::wiring
