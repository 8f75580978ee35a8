// Datadog, by way of its agent: in the agent's own language, or in OTLP where the agent is told to take that.
#pragma once

#include <string>

#include "sextant/exporter.h"
#include "sextant/otlp_http.h"
#include "sextant/transport.h"

namespace sextant {

struct DatadogSettings {
  /// Of the trace agent. The scheme may be missing (`datadog-agent:8126`); then it is http.
  std::string agent = "http://datadog-agent:8126";
  HttpHeaders headers;         // further ones
  std::string name;            // in messages and counts; `datadog` and the address, where empty
  HttpTransportPtr transport;  // null: plain_http()
};

/// Traces as MessagePack to the agent's `/v0.4/traces`. Spans become Datadog's by OpenTelemetry's conventions: what the
/// attributes `operation.name`, `resource.name`, `span.type` and `service.name` say counts more. The rates of sampling
/// that the agent answers with are not followed: the SDK's sampler decides, and what it keeps is to be kept. Sent
/// again: no connection, no answer, 429, 502, 503, 504.
ExporterPtr datadog(DatadogSettings settings = {});

/// For otlp_http(): OTLP to the agent, which must have its OTLP receiver on
/// (DD_OTLP_CONFIG_RECEIVER_PROTOCOLS_HTTP_ENDPOINT), and take logs (DD_OTLP_CONFIG_LOGS_ENABLED) if there are any.
OtlpHttpSettings datadog_otlp(std::string agent = "http://datadog-agent:4318");

}  // namespace sextant
