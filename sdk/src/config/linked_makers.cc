#include "config/linked_makers.h"

#include <utility>

#ifdef SEXTANT_WITH_HTTP
#include "sextant/http.h"
#endif
#ifdef SEXTANT_WITH_GRPC
#include "sextant/otlp_grpc.h"
#endif

namespace sextant::config {

Makers with_linked_makers(Makers makers) {
#ifdef SEXTANT_WITH_HTTP
  if (!makers.https) {
    makers.https = [](const TlsFiles& files) {
      TlsHttpSettings settings;
      settings.ca_file = files.authorities;
      settings.client_certificate_file = files.certificate;
      settings.client_key_file = files.key;
      return tls_http(std::move(settings));
    };
  }
#endif
#ifdef SEXTANT_WITH_GRPC
  if (!makers.otlp_grpc) {
    makers.otlp_grpc = [](const OtlpGrpcTarget& target) {
      OtlpGrpcSettings settings;
      settings.endpoint = (target.tls ? "https://" : "http://") + target.address;
      settings.headers = target.headers;
      settings.compression = target.compression;
      settings.traces = target.traces;
      settings.metrics = target.metrics;
      settings.logs = target.logs;
      settings.ca_file = target.tls_files.authorities;
      settings.client_certificate_file = target.tls_files.certificate;
      settings.client_key_file = target.tls_files.key;
      return otlp_grpc(std::move(settings));
    };
  }
#endif
  return makers;
}

}  // namespace sextant::config
