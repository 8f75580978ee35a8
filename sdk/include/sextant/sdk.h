// Starting and stopping. One SDK at a time runs in a process.
//
//   int main() {
//     sextant::Sdk telemetry = sextant::start("my-agent");     // OTLP to 127.0.0.1:4318, or as OTEL_* variables say
//     auto span = sextant::tracer("main").start("work");
//   }                                                            // what has ended is sent before the process ends
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sextant/exporter.h"
#include "sextant/health.h"
#include "sextant/limits.h"
#include "sextant/log.h"
#include "sextant/log_output.h"
#include "sextant/log_processor.h"
#include "sextant/metric_options.h"
#include "sextant/processor.h"
#include "sextant/propagation.h"
#include "sextant/pushgateway.h"
#include "sextant/result.h"
#include "sextant/sampler.h"
#include "sextant/trace.h"

namespace sextant {

/// A queue between the program and the SDK's thread, and how batches are cut from it.
struct QueueOptions {
  std::size_t items_max = 2048;
  std::size_t bytes_max = std::size_t{16} << 20;
  std::size_t batch_items_max = 512;
  std::chrono::milliseconds delay{5'000};
};

/// An attribute that is owned.
struct ResourceAttribute {
  std::string key;
  std::string value;
};

struct LogOptions {
  bool enabled = true;
  Severity least = Severity::kInfo;  // of what is kept; what is below costs nothing
  bool sampled_only = false;         // records within traces that are not sampled are left out
  std::vector<LoggerRule> loggers;   // of those that fit a logger the last one counts
  double trace_sample_rate = 1;      // shares of such records that are kept, 0 to 1
  double debug_sample_rate = 1;
  double info_sample_rate = 1;
  std::uint32_t attributes_max = 128;
  std::size_t value_length_max = SIZE_MAX;  // characters of texts in attributes
  std::vector<std::shared_ptr<LogProcessor>> processors;
  std::vector<LogOutput> outputs;  // lines, beside what exporters get
  bool exported = true;            // whether exporters get anything
  QueueOptions queue{2048, std::size_t{16} << 20, 512, std::chrono::milliseconds(1'000)};
};

struct Options {
  std::string service_name;  // empty: of OTEL_SERVICE_NAME and the like, else unknown_service:PROGRAM
  std::string service_version;
  std::string deployment_environment;
  std::vector<ResourceAttribute> resource;  // further ones; these win over what is detected
  bool detect_resource = true;              // host.*, process.*, telemetry.sdk.*, service.instance.id

  bool traces = true;
  SamplerPtr sampler;  // null: parent_based(always_on())
  std::vector<std::shared_ptr<SpanProcessor>> processors;
  Limits span_limits;
  QueueOptions span_queue;
  std::chrono::milliseconds span_timeout{0};  // spans open for longer are ended and marked; 0: never

  LogOptions logs;
  MetricOptions metrics;
  bool own_metrics = false;  // what Stats count, as metrics: otel.sdk.* by OpenTelemetry's conventions, sextant.sdk.*

  /// Ports of the SDK's small HTTP server: 0 takes a free one, unset: off. The same port serves both.
  std::optional<std::uint16_t> health_port;   // /healthz and /readyz
  std::optional<std::uint16_t> metrics_port;  // /metrics, for Prometheus
  /// An IP address of this machine, or "*" for all. Empty: 127.0.0.1; in a Kubernetes pod "*", since probes and scrapes
  /// come from outside of it.
  std::string listen_address;
  HealthSettings health;
  PushgatewayOptions pushgateway;
  PropagatorPtr propagators;  // null: trace_context() and w3c_baggage()

  std::vector<ExporterPtr> exporters;
  ExportSettings export_settings;
  /// How long the end of the process, or of the Sdk object, waits for a receiver.
  std::chrono::milliseconds exit_timeout{2'000};
};

/// What a flush or a shutdown came to.
struct FlushResult {
  bool complete = false;   // everything was sent, or refused by its receiver, in time
  std::uint64_t lost = 0;  // items that will never be sent, since the SDK was started
  std::string message;     // empty where complete
};

/// Counts since the SDK was started. What was ended is queued, dropped or given to every exporter.
struct Stats {
  std::uint64_t spans_ended = 0;       // and sampled
  std::uint64_t spans_dropped = 0;     // the queue was full
  std::uint64_t spans_unrecorded = 0;  // too many were open, or memory was out
  std::uint64_t spans_timed_out = 0;
  std::size_t spans_open = 0;
  std::size_t spans_queued = 0;

  std::uint64_t logs_written = 0;      // into the queue
  std::uint64_t logs_dropped = 0;      // the queue was full, memory was out, or logged by what handles logs
  std::uint64_t logs_sampled_out = 0;  // by rate, or since their trace is not sampled
  std::uint64_t logs_discarded = 0;    // by processors
  std::size_t logs_queued = 0;
  std::uint64_t log_lines_written = 0;
  std::uint64_t log_lines_lost = 0;  // could not be written

  MetricStats metrics;
  std::vector<ExporterCounts> exporters;
  PushCounts pushes;  // to the Pushgateway
};

/// Internally locked. Its end is the end of telemetry: keep it as long as main() runs.
class Sdk {
 public:
  Sdk() noexcept;  // nothing runs
  Sdk(Sdk&&) noexcept;
  Sdk& operator=(Sdk&&) noexcept;
  ~Sdk();

  /// An error says what is wrong with the options, or that an SDK runs already.
  static Result<Sdk> start(Options options);

  bool running() const noexcept { return impl_ != nullptr; }
  FlushResult flush(std::chrono::milliseconds timeout = std::chrono::milliseconds(10'000));
  /// Nothing is recorded from then on. Returns within the timeout, whatever receivers do.
  FlushResult shutdown(std::chrono::milliseconds timeout = std::chrono::milliseconds(10'000));
  Stats stats() const;

  /// Where checks are registered. Where nothing runs, nobody asks them.
  HealthChecker health() const;
  /// Ports that are listened on; 0: none.
  std::uint16_t health_port() const noexcept;
  std::uint16_t metrics_port() const noexcept;

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

/// An SDK as the OTEL_* environment variables say, with this service name where they name none. Where they cannot be
/// understood the SDK says so and goes on with defaults, as OpenTelemetry demands.
Sdk start(std::string_view service_name = {});

}  // namespace sextant
