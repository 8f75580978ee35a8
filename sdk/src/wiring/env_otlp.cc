// OTEL_EXPORTER_OTLP_* and the variables of metrics.
#include "wiring/env_reader.h"

namespace sextant::wiring {
namespace {

void read_endpoint(EnvReader& reader, const std::string& name, OtlpPart& part) {
  const std::optional<std::string> value = reader.text(name);
  if (!value) return;
  const Result<Endpoint> endpoint = parse_endpoint(*value);
  if (!endpoint) return reader.wrong(name, *value, endpoint.error());
  part.endpoint = *value;
  part.insecure.reset();  // said of the address that a file named
}

/// `key=value,…` as W3C Baggage writes it. Values are likely to be secrets.
void read_headers(EnvReader& reader, const std::string& name, std::optional<HttpHeaders>& out) {
  const std::optional<std::string> value = reader.text(name);
  if (!value) return;
  const Result<std::vector<ResourceAttribute>> pairs = parse_pairs(*value);
  if (!pairs) return reader.wrong_secret(name, pairs.error() + "; it takes key=value,key2=value2, percent-encoded");
  HttpHeaders headers;
  for (const ResourceAttribute& pair : *pairs) {
    if (const std::string problem = problem_of_header(pair.key, pair.value); !problem.empty())
      return reader.wrong_secret(name, problem);
    headers.emplace_back(pair.key, pair.value);
  }
  out = std::move(headers);
}

/// `prefix` ends in '_'.
void read_part(EnvReader& reader, const std::string& prefix, OtlpPart& part) {
  static constexpr Word<OtlpProtocol> kProtocols[] = {{"http/protobuf", OtlpProtocol::kHttpProtobuf},
                                                      {"http/json", OtlpProtocol::kHttpJson},
                                                      {"grpc", OtlpProtocol::kGrpc}};
  static constexpr Word<Compression> kCompressions[] = {{"none", Compression::kNone}, {"gzip", Compression::kGzip}};
  read_endpoint(reader, prefix + "ENDPOINT", part);
  read_headers(reader, prefix + "HEADERS", part.headers);
  reader.timeout(prefix + "TIMEOUT", part.timeout);
  reader.word(prefix + "PROTOCOL", part.protocol, kProtocols);
  reader.word(prefix + "COMPRESSION", part.compression, kCompressions);
  if (reader.text(prefix + "INSECURE")) {
    bool insecure = false;
    reader.boolean(prefix + "INSECURE", insecure);
    part.insecure = insecure;
  }
  if (auto file = reader.text(prefix + "CERTIFICATE")) part.authorities_file = std::move(file);
  if (auto file = reader.text(prefix + "CLIENT_CERTIFICATE")) part.certificate_file = std::move(file);
  if (auto file = reader.text(prefix + "CLIENT_KEY")) part.key_file = std::move(file);
}

}  // namespace

void read_otlp(EnvReader& reader, Settings& settings) {
  read_part(reader, "OTEL_EXPORTER_OTLP_", settings.otlp);
  read_part(reader, "OTEL_EXPORTER_OTLP_TRACES_", settings.traces.otlp);
  read_part(reader, "OTEL_EXPORTER_OTLP_METRICS_", settings.metrics.otlp);
  read_part(reader, "OTEL_EXPORTER_OTLP_LOGS_", settings.logs.otlp);
}

void read_metrics(EnvReader& reader, Settings& settings) {
  static constexpr Word<ExemplarFilter> kFilters[] = {{"trace_based", ExemplarFilter::kTraceBased},
                                                      {"always_on", ExemplarFilter::kAlwaysOn},
                                                      {"always_off", ExemplarFilter::kAlwaysOff}};
  static constexpr Word<Temporality> kTemporalities[] = {
      {"cumulative", Temporality::kCumulative}, {"delta", Temporality::kDelta}, {"lowmemory", Temporality::kLowMemory}};
  static constexpr Word<HistogramKind> kHistograms[] = {
      {"explicit_bucket_histogram", HistogramKind::kExplicit},
      {"base2_exponential_bucket_histogram", HistogramKind::kExponential}};
  MetricSettings& metrics = settings.metric_settings;
  reader.milliseconds("OTEL_METRIC_EXPORT_INTERVAL", 1, metrics.interval);
  reader.timeout("OTEL_METRIC_EXPORT_TIMEOUT", settings.metrics.export_timeout);
  reader.word("OTEL_METRICS_EXEMPLAR_FILTER", metrics.exemplars, kFilters);
  reader.word("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", metrics.temporality, kTemporalities);
  reader.word("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", metrics.histograms, kHistograms);
  if (auto host = reader.text("OTEL_EXPORTER_PROMETHEUS_HOST")) metrics.prometheus_host = std::move(host);
  std::uint16_t port = 0;
  if (reader.text("OTEL_EXPORTER_PROMETHEUS_PORT")) {
    const std::size_t before = reader.problems();
    reader.integer("OTEL_EXPORTER_PROMETHEUS_PORT", port, 0, UINT16_MAX);
    if (reader.problems() == before) metrics.prometheus_port = port;
  }
}

}  // namespace sextant::wiring
