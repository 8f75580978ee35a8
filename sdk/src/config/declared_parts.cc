// Samplers and exporters of OpenTelemetry's declarative configuration.
#include <algorithm>

#include "config/declarative.h"

namespace sextant::config {
namespace {

using std::chrono::milliseconds;
using wiring::ExporterKind;
using Kind = wiring::SamplerSettings::Kind;

void read_simple_sampler(Section& holder, const std::string& kind, wiring::SamplerSettings& sampler) {
  Section section = holder.section(kind);
  if (kind == "always_on") sampler.kind = Kind::kAlwaysOn;
  if (kind == "always_off") sampler.kind = Kind::kAlwaysOff;
  if (kind == "trace_id_ratio_based" || kind == "probability/development") {
    sampler.kind = Kind::kRatio;
    sampler.ratio = 1;
    section.number("ratio", 0, 1, sampler.ratio);
  }
  if (kind == "jaeger_remote/development") {
    sampler.kind = Kind::kRemote;
    sampler.ratio = 0.001;
    sampler.remote = "http://127.0.0.1:5778/sampling";
    if (section.text("endpoint", sampler.remote)) {
      if (const auto endpoint = wiring::parse_endpoint(sampler.remote); !endpoint)
        section.wrong("endpoint", "is '" + sampler.remote + "', and " + endpoint.error());
    }
    section.milliseconds("interval", 100, sampler.interval);
    if (section.has("initial_sampler")) {
      wiring::SamplerSettings initial;
      read_declared_sampler(section.section("initial_sampler"), initial);
      sampler.ratio = initial.kind == Kind::kAlwaysOn ? 1 : initial.kind == Kind::kAlwaysOff ? 0 : initial.ratio;
    }
  }
  section.finish();
}

void read_tls(Section section, wiring::OtlpPart& part) {
  std::string file;
  if (section.text("ca_file", file)) part.authorities_file = file;
  if (section.text("cert_file", file)) part.certificate_file = file;
  if (section.text("key_file", file)) part.key_file = file;
  if (bool insecure = false; section.boolean("insecure", insecure)) part.insecure = insecure;
  section.finish();
}

void read_headers(Section& section, wiring::OtlpPart& part) {
  HttpHeaders headers;
  std::string list;
  if (section.text("headers_list", list) && !list.empty()) {
    const Result<std::vector<ResourceAttribute>> pairs = wiring::parse_pairs(list);
    if (!pairs) return section.wrong("headers_list", pairs.error());
    for (const ResourceAttribute& pair : *pairs) headers.emplace_back(pair.key, pair.value);
  }
  for (Section& header : section.sections("headers")) {
    std::string name;
    std::string value;
    if (!header.text("name", name)) header.wrong("name", "is missing");
    header.text("value", value);
    header.finish();
    const auto same = [&](const auto& known) { return known.first == name; };
    headers.erase(std::remove_if(headers.begin(), headers.end(), same), headers.end());
    if (!name.empty()) headers.emplace_back(name, value);
  }
  for (const auto& [name, value] : headers) {
    if (const std::string problem = wiring::problem_of_header(name, value); !problem.empty())
      section.wrong("headers", problem);
  }
  if (!headers.empty()) part.headers = std::move(headers);
}

void read_metric_preferences(Section& section, wiring::MetricSettings& metrics) {
  static constexpr std::pair<std::string_view, Temporality> kTemporalities[] = {
      {"cumulative", Temporality::kCumulative},
      {"delta", Temporality::kDelta},
      {"low_memory", Temporality::kLowMemory}};
  static constexpr std::pair<std::string_view, wiring::HistogramKind> kHistograms[] = {
      {"explicit_bucket_histogram", wiring::HistogramKind::kExplicit},
      {"base2_exponential_bucket_histogram", wiring::HistogramKind::kExponential}};
  section.word("temporality_preference", metrics.temporality, kTemporalities);
  section.word("default_histogram_aggregation", metrics.histograms, kHistograms);
}

void read_otlp(Section section, bool grpc, wiring::SignalSettings& signal, wiring::MetricSettings* metrics) {
  static constexpr std::pair<std::string_view, wiring::OtlpProtocol> kEncodings[] = {
      {"protobuf", wiring::OtlpProtocol::kHttpProtobuf}, {"json", wiring::OtlpProtocol::kHttpJson}};
  static constexpr std::pair<std::string_view, Compression> kCompressions[] = {{"none", Compression::kNone},
                                                                               {"gzip", Compression::kGzip}};
  wiring::OtlpPart part;
  part.protocol = grpc ? wiring::OtlpProtocol::kGrpc : wiring::OtlpProtocol::kHttpProtobuf;
  if (!grpc) section.word("encoding", part.protocol, kEncodings);
  std::string endpoint;
  if (section.text("endpoint", endpoint) && !endpoint.empty()) {
    if (const auto parsed = wiring::parse_endpoint(endpoint); !parsed)
      section.wrong("endpoint", "is '" + endpoint + "', and " + parsed.error());
    part.endpoint = endpoint;
  } else if (grpc) {
    part.endpoint = "http://127.0.0.1:4317";
  }
  section.word("compression", part.compression, kCompressions);
  if (milliseconds timeout{}; section.milliseconds("timeout", 0, timeout)) part.timeout = timeout;
  read_tls(section.section("tls"), part);
  read_headers(section, part);
  if (metrics != nullptr) read_metric_preferences(section, *metrics);
  section.finish();
  const auto otlp = std::find(signal.exporters.begin(), signal.exporters.end(), ExporterKind::kOtlp);
  if (otlp != signal.exporters.end()) {
    signal.further_otlp.push_back(std::move(part));
    return;
  }
  signal.exporters.push_back(ExporterKind::kOtlp);
  signal.otlp = std::move(part);
}

void read_prometheus(Section section, wiring::SignalSettings& signal, wiring::MetricSettings& metrics) {
  std::string host;
  if (section.text("host", host)) metrics.prometheus_host = host;
  std::uint64_t port = 0;
  if (section.integer("port", 0, UINT16_MAX, port)) metrics.prometheus_port = static_cast<std::uint16_t>(port);
  section.finish();
  signal.exporters.push_back(ExporterKind::kPrometheus);
}

}  // namespace

void read_declared_sampler(Section section, wiring::SamplerSettings& sampler) {
  static const std::vector<std::string_view> kSimple = {"always_on", "always_off", "trace_id_ratio_based",
                                                        "probability/development", "jaeger_remote/development"};
  std::vector<std::string_view> kinds = kSimple;
  kinds.push_back("parent_based");
  const std::string kind = only_key(section, kinds);
  sampler.follows_parent = kind == "parent_based";
  if (kind.empty()) return;
  if (!sampler.follows_parent) return read_simple_sampler(section, kind, sampler);
  Section parent = section.section(kind);
  sampler.kind = Kind::kAlwaysOn;
  if (parent.has("root")) {
    Section root = parent.section("root");
    const std::string of_root = only_key(root, kSimple);
    if (!of_root.empty()) read_simple_sampler(root, of_root, sampler);
  }
  for (const char* key :
       {"remote_parent_sampled", "remote_parent_not_sampled", "local_parent_sampled", "local_parent_not_sampled"}) {
    if (!parent.has(key)) continue;
    Section own = parent.section(key);
    const std::string usual = std::string(key).find("not") == std::string::npos ? "always_on" : "always_off";
    if (!only_key(own, {usual}).empty()) own.finish();
  }
  parent.finish();
}

void read_declared_exporter(Section section, wiring::SignalSettings& signal, wiring::MetricSettings* metrics) {
  std::vector<std::string_view> kinds = {"otlp_http", "otlp_grpc", "console"};
  if (metrics != nullptr) kinds.push_back("prometheus/development");
  const std::string kind = only_key(section, kinds);
  if (kind == "console") {
    section.section(kind).accept_everything();
    signal.exporters.push_back(ExporterKind::kConsole);
  } else if (kind == "prometheus/development") {
    read_prometheus(section.section(kind), signal, *metrics);
  } else if (!kind.empty()) {
    // A signal's own address is used as it is: the path is part of it.
    read_otlp(section.section(kind), kind == "otlp_grpc", signal, metrics);
  }
}

}  // namespace sextant::config
