// Everything that a configuration file or the environment can say, as plain values: both fill the same Settings, the
// environment after the file, and options_from() makes Options of them.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sextant/diagnostics.h"
#include "sextant/makers.h"
#include "sextant/sdk.h"

namespace sextant::wiring {

using Milliseconds = std::chrono::milliseconds;

enum class OtlpProtocol : std::uint8_t { kHttpProtobuf, kHttpJson, kGrpc };

/// Where OTLP goes and how. What is not set here is taken from the part for all signals, and else is the default.
struct OtlpPart {
  std::optional<std::string> endpoint;  // for all signals: a base address; for one: used as it is
  std::optional<HttpHeaders> headers;
  std::optional<Milliseconds> timeout;
  std::optional<OtlpProtocol> protocol;
  std::optional<Compression> compression;
  std::optional<bool> insecure;  // for addresses without a scheme
  std::optional<std::string> authorities_file;
  std::optional<std::string> certificate_file;
  std::optional<std::string> key_file;
};

enum class ExporterKind : std::uint8_t { kOtlp, kConsole, kPrometheus, kDatadog };

/// Of one signal.
struct SignalSettings {
  bool on = true;
  std::vector<ExporterKind> exporters{ExporterKind::kOtlp};
  OtlpPart otlp;
  std::vector<OtlpPart> further_otlp;          // receivers besides that one
  std::optional<Milliseconds> export_timeout;  // of one attempt, if shorter than the exporter's own
};

struct SamplerSettings {
  enum class Kind : std::uint8_t { kAlwaysOn, kAlwaysOff, kRatio, kRemote, kFile };
  Kind kind = Kind::kAlwaysOn;
  bool follows_parent = true;
  double ratio = 1;               // kRatio; before the first answer with kRemote and kFile
  std::string remote;             // kRemote: address of the strategies; kFile: path
  Milliseconds interval{60'000};  // between two questions
};

enum class HistogramKind : std::uint8_t { kExplicit, kExponential };

/// How metrics are made; `SignalSettings` says where they go.
struct MetricSettings {
  Milliseconds interval{60'000};
  ExemplarFilter exemplars = ExemplarFilter::kTraceBased;
  Temporality temporality = Temporality::kCumulative;
  HistogramKind histograms = HistogramKind::kExplicit;
  std::map<std::string, std::vector<double>> buckets;  // upper bounds, ascending; by the name before `_buckets`
  std::vector<std::string> include_labels;             // empty: all
  std::vector<std::string> exclude_labels;
  std::optional<std::string> prometheus_host;
  std::optional<std::uint16_t> prometheus_port;  // set: metrics can be scraped there
};

/// The program's own log: lines, and what is left out of them.
struct LogSettings {
  enum class Format : std::uint8_t { kJson, kText };
  enum class TimeFormat : std::uint8_t { kRfc3339, kUnix, kUnixMs, kUnixNs };
  bool lines = false;                // are written to `output`; exporters get the records either way
  std::optional<std::string> level;  // trace, debug, info, warn, error, fatal
  Format format = Format::kJson;
  std::string output = "stderr";  // stdout, stderr, none or a path
  bool include_trace_id = true;
  bool include_span_id = true;
  TimeFormat timestamp_format = TimeFormat::kRfc3339;
  std::string timestamp_key = "timestamp";
  std::string level_key = "level";
  std::string message_key = "message";
  std::string trace_id_key = "trace_id";
  std::string span_id_key = "span_id";
  std::map<std::string, double> rates;  // by level, the share of lines that is kept; 1 where not named
  QueueOptions queue{2048, std::size_t{16} << 20, 512, std::chrono::milliseconds(1'000)};
  std::uint32_t attributes_max = 128;
  std::size_t value_length_max = SIZE_MAX;
};

/// A second receiver of traces, made for models (`llm_observability`).
struct LlmSettings {
  bool enabled = false;
  std::string provider;
  std::string endpoint;
  std::string public_key;
  std::string secret_key;
};

struct Settings {
  bool disabled = false;
  std::string service_name;
  std::string service_version;
  std::string deployment_environment;
  std::vector<ResourceAttribute> resource;
  std::optional<LogLevel> diagnostic_level;
  bool verbose = false;  // each export is logged
  std::vector<std::string> propagators{"tracecontext", "baggage"};
  std::optional<std::uint16_t> health_port;

  OtlpPart otlp;  // for all signals
  std::string datadog_endpoint = "http://127.0.0.1:8126";
  SignalSettings traces;
  SignalSettings metrics;
  SignalSettings logs;

  SamplerSettings sampler;
  Limits span_limits;
  QueueOptions span_queue;
  Milliseconds span_timeout{0};
  MetricSettings metric_settings;
  LogSettings log_settings;
  LlmSettings llm;
};

}  // namespace sextant::wiring
