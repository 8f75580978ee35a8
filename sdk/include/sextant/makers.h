// How configured things are made that the core does not hold: TLS, gRPC and the like come with components, each of
// which offers its own entry. What no maker stands for is reported where it is asked for, by name.
#pragma once

#include <functional>
#include <string>

#include "sextant/exporter.h"
#include "sextant/otlp_http.h"
#include "sextant/transport.h"

namespace sextant {

/// Paths of PEM files; empty: what the system trusts, and no certificate of the client's own.
struct TlsFiles {
  std::string authorities;
  std::string certificate;
  std::string key;
};

/// A receiver of OTLP over gRPC.
struct OtlpGrpcTarget {
  std::string address;  // host:port
  bool tls = false;
  TlsFiles tls_files;
  HttpHeaders headers;
  Compression compression = Compression::kNone;
  bool traces = true;
  bool metrics = true;
  bool logs = true;
};

struct Makers {
  std::function<HttpTransportPtr(const TlsFiles& files)> https;
  std::function<ExporterPtr(const OtlpGrpcTarget& target)> otlp_grpc;
  /// Prints what it is given; called with the signals that it is to take.
  std::function<ExporterPtr(bool traces, bool metrics, bool logs)> console;
  /// Of a Datadog trace agent, `http://host:port`.
  std::function<ExporterPtr(const std::string& endpoint)> datadog;
};

}  // namespace sextant
