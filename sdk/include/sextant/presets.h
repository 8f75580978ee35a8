// Backends that are known by name: where their OTLP goes in, what they take, and how they want to know who sends.
//
//   LangfuseAccount account;
//   account.public_key = …; account.secret_key = …;
//   OtlpHttpSettings settings = langfuse(account);
//   settings.transport = tls_http();                      // sextant/http.h, where the address begins with https
//   options.exporters.push_back(otlp_http(settings));
//
// What is returned is complete but for the transport, and can be changed. Keys stand in headers alone: names and
// messages never show them.
#pragma once

#include <string>

#include "sextant/otlp_http.h"

namespace sextant {

/// Langfuse takes traces, in protobuf or JSON, over HTTP alone.
struct LangfuseAccount {
  std::string host = "https://cloud.langfuse.com";  // EU; https://us.cloud.langfuse.com, or one's own
  std::string public_key;                           // pk-lf-…
  std::string secret_key;                           // sk-lf-…
};
OtlpHttpSettings langfuse(const LangfuseAccount& account);

/// LangSmith takes traces in protobuf.
struct LangsmithAccount {
  std::string endpoint = "https://api.smith.langchain.com/otel";  // one's own: https://HOST/api/v1/otel
  std::string api_key;
  std::string project;  // empty: its default project
};
OtlpHttpSettings langsmith(const LangsmithAccount& account);

/// Arize Phoenix takes traces in protobuf.
struct PhoenixAccount {
  std::string host = "http://127.0.0.1:6006";
  std::string api_key;  // empty: it asks for none
  std::string project;  // empty: that of the resource's openinference.project.name, or its default one
};
OtlpHttpSettings phoenix(const PhoenixAccount& account);

/// Comet Opik takes traces in protobuf.
struct OpikAccount {
  std::string endpoint = "https://www.comet.com/opik/api/v1/private/otel";  // one's own: http://HOST:5173/api/v1/…
  std::string api_key;                                                      // empty: one's own asks for none
  std::string workspace;
  std::string project;
};
OtlpHttpSettings opik(const OpikAccount& account);

/// Grafana Cloud takes all signals.
struct GrafanaCloudAccount {
  std::string endpoint;     // https://otlp-gateway-ZONE.grafana.net/otlp; the path is added where it is missing
  std::string instance_id;  // with the token of an access policy that may write
  std::string token;
  std::string authorization;  // the whole value of the header instead of these two, where not empty
};
OtlpHttpSettings grafana_cloud(const GrafanaCloudAccount& account);

}  // namespace sextant
