#include "config/declarative.h"

#include <algorithm>

namespace sextant::config {
namespace {

using std::chrono::milliseconds;
using wiring::Settings;

void read_format(Section& root) {
  std::string format;
  if (!root.text("file_format", format)) return root.wrong("file_format", "takes a version, such as \"1.0\"");
  if (format.substr(0, 2) != "1.") root.wrong("file_format", "is '" + format + "': this SDK reads 1.x");
}

void read_log_level(Section& root, Settings& settings) {
  static constexpr std::pair<std::string_view, LogLevel> kLevels[] = {
      {"trace", LogLevel::kDebug}, {"debug", LogLevel::kDebug}, {"info", LogLevel::kInfo},
      {"warn", LogLevel::kWarn},   {"error", LogLevel::kError}, {"fatal", LogLevel::kError}};
  root.word("log_level", settings.diagnostic_level, kLevels);
}

void add_attribute(Settings& settings, std::string name, std::string value) {
  if (name == "service.name") settings.service_name = value;
  settings.resource.push_back({std::move(name), std::move(value)});
}

void read_resource(Section section, Settings& settings) {
  std::string list;
  if (section.text("attributes_list", list) && !list.empty()) {
    const Result<std::vector<ResourceAttribute>> pairs = wiring::parse_pairs(list);
    if (!pairs) {
      section.wrong("attributes_list", pairs.error());
    } else {
      for (const ResourceAttribute& pair : *pairs) add_attribute(settings, pair.key, pair.value);
    }
  }
  for (Section& attribute : section.sections("attributes")) {
    std::string name;
    std::string value;
    if (!attribute.text("name", name)) attribute.wrong("name", "is missing");
    attribute.text("value", value);
    attribute.accept("type");
    attribute.finish();
    if (!name.empty()) add_attribute(settings, name, value);
  }
  section.accept("schema_url");
  section.accept("detection/development");
  section.finish();
}

void read_propagator(Section section, Settings& settings) {
  static constexpr std::string_view kKnown[] = {"tracecontext", "baggage", "b3", "b3multi", "jaeger"};
  if (!section.present()) return;
  std::vector<std::string> names;
  const auto add = [&](std::string_view key, const std::string& name) {
    if (name == "none") return;
    if (std::find(std::begin(kKnown), std::end(kKnown), name) == std::end(kKnown))
      return section.wrong(key, "names '" + name + "', and takes tracecontext, baggage, b3, b3multi and jaeger");
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (Section& item : section.sections("composite")) {
    for (const std::string& name : item.keys()) add("composite", name);
  }
  std::string list;
  if (section.text("composite_list", list)) {
    for (const std::string& name : wiring::split(list, ',')) add("composite_list", name);
  }
  settings.propagators = std::move(names);
  section.finish();
}

template <class Number>
void read_count(Section& section, std::string_view key, Number& out) {
  std::uint64_t value = 0;
  if (section.integer(key, 0, UINT32_MAX, value)) out = static_cast<Number>(value);
}

void read_attribute_limits(Section section, Settings& settings) {
  for (const bool spans : {true, false}) {
    read_count(section, "attribute_value_length_limit",
               spans ? settings.span_limits.value_length_max : settings.log_settings.value_length_max);
    read_count(section, "attribute_count_limit",
               spans ? settings.span_limits.attributes_max : settings.log_settings.attributes_max);
  }
  section.finish();
}

void read_span_limits(Section section, Limits& limits) {
  read_count(section, "attribute_value_length_limit", limits.value_length_max);
  read_count(section, "attribute_count_limit", limits.attributes_max);
  read_count(section, "event_count_limit", limits.events_max);
  read_count(section, "link_count_limit", limits.links_max);
  read_count(section, "event_attribute_count_limit", limits.event_attributes_max);
  read_count(section, "link_attribute_count_limit", limits.link_attributes_max);
  section.finish();
}

/// `batch` or `simple`; the latter is a batch that hardly waits, for nothing here exports on the program's own threads.
void read_processor(Section processor, wiring::SignalSettings& signal, QueueOptions& queue) {
  constexpr milliseconds kSimpleDelay{10};
  const std::string kind = only_key(processor, {"batch", "simple"});
  if (kind.empty()) return;
  Section section = processor.section(kind);
  if (kind == "simple") {
    queue.delay = kSimpleDelay;
  } else {
    section.milliseconds("schedule_delay", 1, queue.delay);
    if (milliseconds timeout{}; section.milliseconds("export_timeout", 0, timeout)) signal.export_timeout = timeout;
    std::uint64_t items = 0;
    if (section.integer("max_queue_size", 1, 10'000'000, items)) queue.items_max = items;
    if (section.integer("max_export_batch_size", 1, 10'000'000, items)) queue.batch_items_max = items;
    if (queue.batch_items_max > queue.items_max) {
      if (section.has("max_export_batch_size")) section.wrong("max_export_batch_size", "is more than the queue holds");
      queue.batch_items_max = queue.items_max;
    }
  }
  if (section.has("exporter")) {
    read_declared_exporter(section.section("exporter"), signal, nullptr);
  } else {
    processor.wrong(kind, "has no exporter");
  }
  section.finish();
}

void read_tracer_provider(Section section, Settings& settings) {
  if (!section.present()) {
    settings.traces.on = false;
    return;
  }
  for (Section& processor : section.sections("processors"))
    read_processor(processor, settings.traces, settings.span_queue);
  read_span_limits(section.section("limits"), settings.span_limits);
  if (section.has("sampler")) read_declared_sampler(section.section("sampler"), settings.sampler);
  section.finish();
}

void read_logger_provider(Section section, Settings& settings) {
  if (!section.present()) {
    settings.logs.on = false;
    return;
  }
  for (Section& processor : section.sections("processors"))
    read_processor(processor, settings.logs, settings.log_settings.queue);
  Section limits = section.section("limits");
  read_count(limits, "attribute_value_length_limit", settings.log_settings.value_length_max);
  read_count(limits, "attribute_count_limit", settings.log_settings.attributes_max);
  limits.finish();
  section.finish();
}

void read_reader(Section reader, Settings& settings) {
  const std::string kind = only_key(reader, {"periodic", "pull"});
  if (kind.empty()) return;
  Section section = reader.section(kind);
  if (kind == "periodic") {
    section.milliseconds("interval", 1, settings.metric_settings.interval);
    if (milliseconds timeout{}; section.milliseconds("timeout", 0, timeout)) settings.metrics.export_timeout = timeout;
  }
  if (section.has("exporter")) {
    read_declared_exporter(section.section("exporter"), settings.metrics, &settings.metric_settings);
  } else {
    reader.wrong(kind, "has no exporter");
  }
  section.finish();
}

void read_meter_provider(Section section, Settings& settings) {
  static constexpr std::pair<std::string_view, ExemplarFilter> kFilters[] = {
      {"trace_based", ExemplarFilter::kTraceBased},
      {"always_on", ExemplarFilter::kAlwaysOn},
      {"always_off", ExemplarFilter::kAlwaysOff}};
  if (!section.present()) {
    settings.metrics.on = false;
    return;
  }
  for (Section& reader : section.sections("readers")) read_reader(reader, settings);
  section.word("exemplar_filter", settings.metric_settings.exemplars, kFilters);
  section.finish();
}

}  // namespace

std::string only_key(Section& section, const std::vector<std::string_view>& kinds) {
  std::string expected;
  for (const std::string_view kind : kinds) expected.append(expected.empty() ? "" : ", ").append(kind);
  const std::vector<std::string> keys = section.keys();
  if (keys.size() == 1 && std::find(kinds.begin(), kinds.end(), keys[0]) != kinds.end()) {
    section.accept(keys[0]);
    return keys[0];
  }
  if (keys.empty()) {
    section.fail("takes one of " + expected);
  } else {
    const std::string& key = keys.size() > 1 ? keys[1] : keys[0];
    const std::string near = wiring::nearest(key, kinds);
    section.wrong(key, (keys.size() > 1 ? "stands beside another one: exactly one of " : "is not known here: one of ") +
                           expected + " is expected" +
                           (keys.size() > 1 || near.empty() ? "" : "; did you mean " + near + "?"));
  }
  return {};
}

void read_declarative(Section& root, Settings& settings, std::vector<std::string>& notes) {
  settings.traces.exporters.clear();
  settings.metrics.exporters.clear();
  settings.logs.exporters.clear();
  read_format(root);
  root.boolean("disabled", settings.disabled);
  read_log_level(root, settings);
  read_attribute_limits(root.section("attribute_limits"), settings);
  read_resource(root.section("resource"), settings);
  read_propagator(root.section("propagator"), settings);
  read_tracer_provider(root.section("tracer_provider"), settings);
  read_meter_provider(root.section("meter_provider"), settings);
  read_logger_provider(root.section("logger_provider"), settings);
  for (const std::string& key : root.keys()) {
    if (key.find("instrumentation") != 0 && key != "distribution") continue;
    root.accept(key);
    notes.push_back("the section '" + key + "' is for libraries that instrument others, of which the SDK has none");
  }
  root.finish();
}

}  // namespace sextant::config
