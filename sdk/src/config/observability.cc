#include "config/observability.h"

#include <algorithm>

namespace sextant::config {
namespace {

using std::chrono::milliseconds;
using wiring::ExporterKind;
using wiring::Settings;

/// A switch that is not there is off if another one is there, unless the signal has a table; where none is, all signals
/// are on.
void read_switches(Section& section, Settings& settings) {
  struct Switch {
    wiring::SignalSettings* signal;
    std::string_view key;
    std::string_view other;
  };
  // `metrics` and `logging` may be the tables of that name instead.
  const bool metrics_table = section.kind("metrics") == Node::Kind::kMap;
  const bool logging_table = section.kind("logging") == Node::Kind::kMap;
  const Switch switches[] = {{&settings.traces, "tracing", "enable_tracing"},
                             {&settings.metrics, metrics_table ? "" : "metrics", "enable_metrics"},
                             {&settings.logs, logging_table ? "" : "logging", "enable_logging"}};
  bool any = false;
  bool on[3] = {false, metrics_table, logging_table};
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string_view key =
        switches[i].key.empty() ? switches[i].other : section.either(switches[i].key, switches[i].other);
    any = section.boolean(key, on[i]) || any;
  }
  if (!any) return;
  for (std::size_t i = 0; i < 3; ++i) switches[i].signal->on = on[i];
}

void read_service(Section& section, Settings& settings) {
  section.text("service_name", settings.service_name);
  section.text("service_version", settings.service_version);
  section.text("deployment_environment", settings.deployment_environment);
  HttpHeaders attributes;
  section.pairs("resource_attributes", attributes);
  for (auto& [key, value] : attributes) settings.resource.push_back({key, value});
}

std::vector<ExporterKind> exporters_of(Section& section, bool& named) {
  static constexpr std::pair<std::string_view, ExporterKind> kKinds[] = {{"otlp", ExporterKind::kOtlp},
                                                                         {"console", ExporterKind::kConsole},
                                                                         {"stdout", ExporterKind::kConsole},
                                                                         {"datadog", ExporterKind::kDatadog}};
  std::vector<std::string> names;
  if (section.kind("exporter") == Node::Kind::kList) {
    section.texts("exporter", names);
  } else if (std::string one; section.text("exporter", one)) {
    names.push_back(std::move(one));
  }
  named = !names.empty();
  std::vector<ExporterKind> kinds;
  for (const std::string& name : names) {
    const auto known =
        std::find_if(std::begin(kKinds), std::end(kKinds), [&](const auto& kind) { return kind.first == name; });
    if (known != std::end(kKinds)) {
      kinds.push_back(known->second);
    } else if (name != "none") {
      section.wrong("exporter", "is '" + name + "', and takes otlp, datadog, console or none, or a list of these");
    }
  }
  return kinds;
}

bool read_endpoint(Section& section, std::string_view key, std::string& out) {
  std::string value;
  if (!section.text(key, value)) return false;
  const Result<wiring::Endpoint> endpoint = wiring::parse_endpoint(value);
  if (!endpoint) {
    section.wrong(key, "is '" + value + "', and " + endpoint.error());
    return false;
  }
  out = value;
  return true;
}

void read_headers(Section& section, wiring::OtlpPart& otlp) {
  const std::string_view key = section.either("headers", "otlp_headers");
  HttpHeaders headers;
  if (!section.pairs(key, headers)) return;
  for (const auto& [name, value] : headers) {
    if (const std::string problem = wiring::problem_of_header(name, value); !problem.empty())
      section.wrong(key, problem);
  }
  otlp.headers = std::move(headers);
}

void read_tls(Section section, wiring::OtlpPart& otlp) {
  std::string file;
  if (section.text("ca_file", file)) otlp.authorities_file = file;
  if (section.text("cert_file", file)) otlp.certificate_file = file;
  if (section.text("key_file", file)) otlp.key_file = file;
  section.finish();
}

void read_otlp(Section& section, wiring::OtlpPart& otlp) {
  static constexpr std::pair<std::string_view, wiring::OtlpProtocol> kProtocols[] = {
      {"http/protobuf", wiring::OtlpProtocol::kHttpProtobuf},
      {"http/json", wiring::OtlpProtocol::kHttpJson},
      {"grpc", wiring::OtlpProtocol::kGrpc}};
  static constexpr std::pair<std::string_view, Compression> kCompressions[] = {{"none", Compression::kNone},
                                                                               {"gzip", Compression::kGzip}};
  milliseconds timeout{};
  if (section.duration(section.either("timeout", "otlp_timeout"), milliseconds(1), timeout)) otlp.timeout = timeout;
  section.word("protocol", otlp.protocol, kProtocols);
  section.word("compression", otlp.compression, kCompressions);
  bool insecure = true;  // an address without a scheme is plain here: these files never ask for more
  section.boolean("insecure", insecure);
  otlp.insecure = insecure;
  read_headers(section, otlp);
  read_tls(section.section("tls"), otlp);
}

/// Returns whether OTLP is asked for, by name or by address.
bool read_exporters(Section& section, Settings& settings) {
  bool named = false;
  const std::vector<ExporterKind> kinds = exporters_of(section, named);
  const auto has = [&](ExporterKind kind) { return std::find(kinds.begin(), kinds.end(), kind) != kinds.end(); };
  std::string endpoint;
  const bool addressed = read_endpoint(section, section.either("endpoint", "otlp_endpoint"), endpoint);
  read_otlp(section, settings.otlp);
  const bool datadog = has(ExporterKind::kDatadog);
  if (addressed && datadog && !has(ExporterKind::kOtlp)) {
    settings.datadog_endpoint = wiring::parse_endpoint(endpoint).value().url("http");
  } else if (addressed) {
    settings.otlp.endpoint = endpoint;
  }
  if (std::string agent; read_endpoint(section, "datadog_endpoint", agent))
    settings.datadog_endpoint = wiring::parse_endpoint(agent).value().url("http");
  if (named) {
    settings.traces.exporters = kinds;
    std::vector<ExporterKind> others = kinds;  // a trace agent takes traces alone
    others.erase(std::remove(others.begin(), others.end(), ExporterKind::kDatadog), others.end());
    settings.metrics.exporters = others;
    settings.logs.exporters = others;
  }
  return addressed || has(ExporterKind::kOtlp);
}

void read_sampler(Section& section, Settings& settings) {
  wiring::SamplerSettings& sampler = settings.sampler;
  const std::string_view key = section.either("sampling_rate", "trace_sample_rate");
  double rate = 0;
  const bool rated = section.number(key, 0, 1, rate);
  if (rated) {
    sampler.kind = wiring::SamplerSettings::Kind::kRatio;
    sampler.ratio = rate;
  }
  std::string strategies;
  if (section.text("sampling_strategies", strategies)) {
    const bool address = strategies.find("://") != std::string::npos;
    if (std::string checked; address && !read_endpoint(section, "sampling_strategies", checked)) return;
    sampler.kind = address ? wiring::SamplerSettings::Kind::kRemote : wiring::SamplerSettings::Kind::kFile;
    sampler.remote = strategies;
    if (!rated) sampler.ratio = 0.001;  // what Jaeger's clients begin with
  }
  section.duration("sampling_interval", milliseconds(100), sampler.interval);
}

void read_llm(Section section, wiring::LlmSettings& llm) {
  static constexpr std::pair<std::string_view, const char*> kProviders[] = {{"langfuse", "langfuse"}};
  if (!section.present()) return;
  llm.enabled = true;
  section.boolean("enabled", llm.enabled);
  llm.provider = "langfuse";
  section.word("provider", llm.provider, kProviders);
  read_endpoint(section, "endpoint", llm.endpoint);
  // Keys of what is switched off need not be there.
  if (!llm.enabled) {
    section.accept("public_key");
    section.accept("secret_key");
  } else {
    const bool has_public = section.text("public_key", llm.public_key);
    const bool has_secret = section.text("secret_key", llm.secret_key);
    for (const auto& [there, key] : {std::pair(has_public, "public_key"), std::pair(has_secret, "secret_key")}) {
      if (!there && !section.has(key)) section.wrong("provider", std::string("langfuse needs a ") + key);
    }
  }
  section.finish();
}

void read_ports(Section& section, Settings& settings) {
  std::uint64_t port = 0;
  std::string host = "0.0.0.0";  // who scrapes and who probes sits on another machine
  section.text("metrics_host", host);
  if (section.integer("metrics_port", 0, UINT16_MAX, port)) {
    settings.metric_settings.prometheus_host = host;
    settings.metric_settings.prometheus_port = static_cast<std::uint16_t>(port);
    // Who is scraped is not sent to as well: what takes these files' traces takes no metrics.
    settings.metrics.exporters = {ExporterKind::kPrometheus};
  }
  if (section.integer("health_port", 0, UINT16_MAX, port)) settings.health_port = static_cast<std::uint16_t>(port);
}

void read_propagators(Section& section, Settings& settings) {
  static constexpr std::string_view kKnown[] = {"tracecontext", "baggage", "b3", "b3multi", "jaeger"};
  std::vector<std::string> names;
  if (!section.texts("propagators", names)) return;
  for (const std::string& name : names) {
    if (std::find(std::begin(kKnown), std::end(kKnown), name) == std::end(kKnown))
      section.wrong("propagators", "names '" + name + "', and takes tracecontext, baggage, b3, b3multi and jaeger");
  }
  settings.propagators = std::move(names);
}

}  // namespace

FileChoices read_observability(Section& section, Settings& settings) {
  FileChoices choices;
  read_switches(section, settings);
  read_service(section, settings);
  const bool otlp = read_exporters(section, settings);
  read_ports(section, settings);
  read_sampler(section, settings);
  read_propagators(section, settings);
  section.duration("span_timeout", milliseconds(1), settings.span_timeout);
  section.boolean("debug", settings.verbose);
  section.duration("metrics_export_interval", milliseconds(1), settings.metric_settings.interval);
  read_llm(section.section("llm_observability"), settings.llm);
  choices.otlp_was_asked_for = otlp || !settings.llm.enabled || section.has("exporter");
  if (section.kind("metrics") == Node::Kind::kMap) {
    Section metrics = section.section("metrics");
    read_metrics(metrics, settings);
  }
  if (section.kind("logging") == Node::Kind::kMap) {
    Section logging = section.section("logging");
    read_logging(logging, settings.log_settings);
  }
  section.finish();
  return choices;
}

}  // namespace sextant::config
