// OTLP over HTTP: to Sextant, an OpenTelemetry Collector, or whatever else takes it.
#pragma once

#include <string>

#include "sextant/exporter.h"
#include "sextant/transport.h"

namespace sextant {

enum class Compression : std::uint8_t { kNone, kGzip };
enum class OtlpEncoding : std::uint8_t { kProtobuf, kJson };

struct OtlpHttpSettings {
  /// `/v1/traces`, `/v1/metrics` and `/v1/logs` are appended.
  std::string endpoint = "http://127.0.0.1:4318";
  /// Used as they are instead, where not empty.
  std::string traces_url;
  std::string metrics_url;
  std::string logs_url;
  HttpHeaders headers;
  Compression compression = Compression::kNone;
  OtlpEncoding encoding = OtlpEncoding::kProtobuf;
  bool traces = true;  // which signals it takes
  bool metrics = true;
  bool logs = true;
  std::string name;            // in messages and counts; the endpoint, where empty
  HttpTransportPtr transport;  // null: plain_http()
};

/// What is sent again: no connection, no answer, 429, 502, 503, 504; after the pause that Retry-After asks for
/// (OTLP 1.11, "Failures" and "Retryable Response Codes"). Anything else is refused for good.
ExporterPtr otlp_http(OtlpHttpSettings settings);

}  // namespace sextant
