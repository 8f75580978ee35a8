// OTLP over gRPC, in the component sextant::grpc (libgrpc++):
//
//   OtlpGrpcSettings settings;
//   settings.endpoint = "https://collector.example.com:4317";
//   options.exporters.push_back(sextant::otlp_grpc(settings));
#pragma once

#include <string>

#include "sextant/exporter.h"
#include "sextant/otlp_http.h"
#include "sextant/transport.h"

namespace sextant {

struct OtlpGrpcSettings {
  /// `http://host:port` without TLS, `https://host:port` with it; without a scheme there is none.
  std::string endpoint = "http://127.0.0.1:4317";
  HttpHeaders headers;  // sent as metadata
  Compression compression = Compression::kNone;
  bool traces = true;  // which signals it takes
  bool metrics = true;
  bool logs = true;
  std::string ca_file;                  // authorities that are trusted, PEM; empty: gRPC's own
  std::string client_certificate_file;  // PEM; empty: none is shown
  std::string client_key_file;          // PEM; empty: the key stands in the certificate's file
  std::string name;                     // in messages and counts; `otlp grpc` and the endpoint, where empty
};

/// What is sent again is what OTLP says (1.11, "Failures"): CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE,
/// UNAVAILABLE, DATA_LOSS, and RESOURCE_EXHAUSTED where the receiver says when; after the pause that it asks for. Not
/// for use in the child of a fork that began after the first batch was sent: gRPC's threads are not there, and batches
/// are refused with a message that says so.
ExporterPtr otlp_grpc(OtlpGrpcSettings settings);

}  // namespace sextant
