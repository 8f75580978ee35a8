#include "wiring/otlp_target.h"

#include "wiring/scalars.h"

namespace sextant::wiring {
namespace {

const SignalSettings& of(const Settings& settings, Signal signal) {
  return signal == Signal::kTraces ? settings.traces : signal == Signal::kMetrics ? settings.metrics : settings.logs;
}

const char* path_of(Signal signal) {
  return signal == Signal::kTraces ? "/v1/traces" : signal == Signal::kMetrics ? "/v1/metrics" : "/v1/logs";
}

template <class T>
T first_of(const std::optional<T>& own, const std::optional<T>& general, T otherwise) {
  return own ? *own : general ? *general : otherwise;
}

void place(OtlpTarget& target, const OtlpPart& own, const OtlpPart& general, Signal signal) {
  const std::string text = first_of<std::string>(own.endpoint, general.endpoint, "http://127.0.0.1:4318");
  Result<Endpoint> endpoint = parse_endpoint(text);
  if (!endpoint) endpoint = parse_endpoint("http://127.0.0.1:4318");  // whoever filled the settings has said so
  const bool grpc_port = endpoint->port == kGrpcPort;
  target.protocol =
      first_of(own.protocol, general.protocol, grpc_port ? OtlpProtocol::kGrpc : OtlpProtocol::kHttpProtobuf);
  const bool plain = first_of(own.insecure, general.insecure, target.protocol != OtlpProtocol::kGrpc);
  target.scheme = !endpoint->scheme.empty() ? endpoint->scheme : plain ? "http" : "https";
  target.host = endpoint->host;
  target.port = endpoint->port;
  target.address = endpoint->host_and_port();
  target.url = endpoint->url(target.scheme);
  if (own.endpoint) return;
  while (target.url.back() == '/') target.url.pop_back();
  target.url += path_of(signal);
}

}  // namespace

bool OtlpTarget::same_receiver(const OtlpTarget& other) const noexcept {
  return protocol == other.protocol && address == other.address && scheme == other.scheme && headers == other.headers &&
         timeout == other.timeout && compression == other.compression &&
         tls_files.authorities == other.tls_files.authorities && tls_files.certificate == other.tls_files.certificate &&
         tls_files.key == other.tls_files.key;
}

OtlpTarget target_of(const Settings& settings, Signal signal) {
  return target_of(settings, signal, of(settings, signal).otlp);
}

OtlpTarget target_of(const Settings& settings, Signal signal, const OtlpPart& part) {
  const std::optional<Milliseconds>& export_timeout = of(settings, signal).export_timeout;
  const OtlpPart& general = settings.otlp;
  OtlpTarget target;
  place(target, part, general, signal);
  target.headers = first_of(part.headers, general.headers, HttpHeaders{});
  target.timeout = first_of(part.timeout, general.timeout, kOtlpTimeout);
  if (export_timeout && *export_timeout < target.timeout) target.timeout = *export_timeout;
  target.compression = first_of(part.compression, general.compression, Compression::kNone);
  target.tls_files.authorities = first_of<std::string>(part.authorities_file, general.authorities_file, {});
  target.tls_files.certificate = first_of<std::string>(part.certificate_file, general.certificate_file, {});
  target.tls_files.key = first_of<std::string>(part.key_file, general.key_file, {});
  return target;
}

OtlpTarget over_http_instead(const OtlpTarget& target, Signal signal) {
  OtlpTarget other = target;
  other.protocol = OtlpProtocol::kHttpProtobuf;
  other.port = kHttpPort;
  other.address = target.host + ":" + std::to_string(kHttpPort);
  other.url = target.scheme + "://" + other.address + path_of(signal);
  return other;
}

}  // namespace sextant::wiring
