// OpenTelemetry's declarative configuration.
#include "config/declarative.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.h"
#include "tests/support/variables.h"
#include "wiring/options_from.h"
#include "wiring/otlp_target.h"

namespace sextant::config {
namespace {

using test::environment_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using wiring::ExporterKind;
using wiring::Settings;

Result<LoadedSettings> load(std::string_view text, test::Variables variables = {}) {
  return load_settings(text, FileFormat::kYaml, "f", environment_of(std::move(variables)), Variables::kOverFile);
}

Settings settings_of(std::string_view text, test::Variables variables = {}) {
  Result<LoadedSettings> loaded = load(text, std::move(variables));
  EXPECT_TRUE(loaded.ok()) << loaded.error();
  return loaded.ok() ? loaded->settings : Settings{};
}

constexpr const char* kWhole = R"(
file_format: "1.0"
disabled: false
log_level: warn
attribute_limits:
  attribute_value_length_limit: 4096
  attribute_count_limit: 100
resource:
  attributes_list: "service.name=overridden,team=search%20core"
  attributes:
    - name: service.name
      value: ${OTEL_SERVICE_NAME:-declared}
    - {name: service.version, value: "1.2", type: string}
propagator:
  composite:
    - tracecontext:
    - b3:
  composite_list: "baggage,b3"
tracer_provider:
  processors:
    - batch:
        schedule_delay: 1000
        export_timeout: 2000
        max_queue_size: 4096
        max_export_batch_size: 256
        exporter:
          otlp_http:
            endpoint: http://collector:4318/v1/traces
            headers:
              - {name: api-key, value: "1"}
            headers_list: api-key=0,other=2
            compression: gzip
            timeout: 3000
            encoding: json
            tls: {ca_file: /ca.pem}
    - batch:
        exporter:
          otlp_grpc:
            endpoint: http://second:4317
            tls: {insecure: true}
    - simple:
        exporter:
          console:
  limits:
    event_count_limit: 5
    attribute_count_limit: 50
  sampler:
    parent_based:
      root:
        trace_id_ratio_based: {ratio: 0.25}
      remote_parent_sampled: {always_on: }
meter_provider:
  exemplar_filter: always_off
  readers:
    - periodic:
        interval: 5000
        timeout: 1000
        exporter:
          otlp_http:
            endpoint: http://collector:4318/v1/metrics
            temporality_preference: delta
            default_histogram_aggregation: base2_exponential_bucket_histogram
    - pull:
        exporter:
          prometheus/development: {host: 0.0.0.0, port: 9464}
logger_provider:
  processors:
    - batch: {schedule_delay: 10, exporter: {otlp_http: {endpoint: "http://collector:4318/v1/logs"}}}
  limits: {attribute_count_limit: 7}
instrumentation/development: {general: {}}
)";

TEST(Declarative, TakesTheCommonPart) {
  const Result<LoadedSettings> loaded = load(kWhole, {{"OTEL_TRACES_SAMPLER", "always_off"}});
  ASSERT_TRUE(loaded.ok()) << loaded.error();
  const Settings& settings = loaded.value().settings;
  EXPECT_EQ(settings.service_name, "declared");
  EXPECT_EQ(settings.diagnostic_level, LogLevel::kWarn);
  EXPECT_THAT(settings.propagators, ElementsAre("tracecontext", "b3", "baggage"));
  EXPECT_EQ(settings.span_queue.items_max, 4'096u);
  EXPECT_EQ(settings.span_queue.batch_items_max, 256u);
  EXPECT_EQ(settings.span_limits.events_max, 5u);
  EXPECT_EQ(settings.span_limits.attributes_max, 50u);
  EXPECT_EQ(settings.span_limits.value_length_max, 4'096u);
  EXPECT_EQ(settings.log_settings.attributes_max, 7u);
  EXPECT_EQ(settings.sampler.kind, wiring::SamplerSettings::Kind::kRatio);
  EXPECT_TRUE(settings.sampler.follows_parent);
  EXPECT_EQ(settings.sampler.ratio, 0.25);
  EXPECT_THAT(settings.traces.exporters, ElementsAre(ExporterKind::kOtlp, ExporterKind::kConsole));
  const wiring::OtlpTarget traces = wiring::target_of(settings, Signal::kTraces);
  EXPECT_EQ(traces.url, "http://collector:4318/v1/traces");
  EXPECT_EQ(traces.headers, (HttpHeaders{{"other", "2"}, {"api-key", "1"}}));
  EXPECT_EQ(traces.protocol, wiring::OtlpProtocol::kHttpJson);
  EXPECT_EQ(traces.timeout.count(), 2'000);
  ASSERT_EQ(settings.traces.further_otlp.size(), 1u);
  EXPECT_EQ(wiring::target_of(settings, Signal::kTraces, settings.traces.further_otlp[0]).address, "second:4317");
  EXPECT_THAT(settings.metrics.exporters, ElementsAre(ExporterKind::kOtlp, ExporterKind::kPrometheus));
  EXPECT_EQ(settings.metric_settings.interval.count(), 5'000);
  EXPECT_EQ(settings.metric_settings.temporality, Temporality::kDelta);
  EXPECT_EQ(settings.metric_settings.histograms, wiring::HistogramKind::kExponential);
  EXPECT_EQ(settings.metric_settings.exemplars, ExemplarFilter::kAlwaysOff);
  EXPECT_EQ(settings.metric_settings.prometheus_port, 9'464);
  EXPECT_EQ(wiring::target_of(settings, Signal::kLogs).url, "http://collector:4318/v1/logs");
  EXPECT_THAT(loaded.value().notes,
              ElementsAre(HasSubstr("the section 'instrumentation/development' is for libraries")));
}

TEST(Declarative, MakesAnExporterForEachReceiver) {
  const Settings settings = settings_of(kWhole);
  const wiring::BuiltOptions built = wiring::options_from(settings, {});
  std::vector<std::string> names;
  for (const ExporterPtr& exporter : built.options.exporters) names.push_back(exporter->name());
  EXPECT_THAT(names, ElementsAre("otlp http://collector:4318", "otlp http://second:4318", "otlp http://collector:4318",
                                 "otlp http://collector:4318", "console stdout"));
}

TEST(Declarative, LeavesOffWhatItDoesNotName) {
  const Settings settings = settings_of("file_format: \"1.1\"\n");
  EXPECT_FALSE(settings.traces.on || settings.metrics.on || settings.logs.on);
  EXPECT_THAT(wiring::options_from(settings, {}).options.exporters, IsEmpty());
}

TEST(Declarative, TakesAVariableThatIsNotSetAsNothing) {
  const Settings settings = settings_of(
      "file_format: \"1.0\"\ndisabled: ${OTEL_SDK_DISABLED}\nlogger_provider:\n  processors:\n    - batch:\n"
      "        schedule_delay: ${MISSING}\n        exporter: {console: }\n");
  EXPECT_FALSE(settings.disabled);
  EXPECT_EQ(settings.log_settings.queue.delay.count(), 1'000);
}

std::string sampler_of(const std::string& sampler) {
  const Settings settings = settings_of("file_format: \"1.0\"\ntracer_provider:\n  sampler: " + sampler + "\n");
  std::vector<std::string> notes;
  return wiring::make_sampler(settings, {}, notes)->describe();
}

TEST(Declarative, MakesEverySampler) {
  EXPECT_EQ(sampler_of("{always_on: }"), "AlwaysOnSampler");
  EXPECT_EQ(sampler_of("{always_off: {}}"), "AlwaysOffSampler");
  EXPECT_EQ(sampler_of("{trace_id_ratio_based: {ratio: 0.5}}"), "TraceIdRatioBased{0.500000}");
  EXPECT_EQ(sampler_of("{probability/development: {ratio: 0.5}}"), "TraceIdRatioBased{0.500000}");
  EXPECT_EQ(sampler_of("{parent_based: }"), "ParentBased{root=AlwaysOnSampler}");
  EXPECT_EQ(sampler_of("{jaeger_remote/development: {endpoint: 'http://j:1', interval: 500, initial_sampler: "
                       "{always_off: }}}"),
            "RemoteSampler{http://j:1}");
}

std::string errors_of(const std::string& text) {
  const Result<LoadedSettings> loaded = load(text);
  return loaded.ok() ? "" : loaded.error();
}

TEST(Declarative, SaysAllThatIsWrongInIt) {
  EXPECT_EQ(errors_of("file_format: \"0.3\"\n"), "f:1:1: file_format: is '0.3': this SDK reads 1.x");
  EXPECT_EQ(errors_of("file_format:\n"), "f:1:1: file_format: takes a version, such as \"1.0\"");
  EXPECT_EQ(errors_of(R"(file_format: "1.0"
tracer_providr: {}
log_level: loud
resource: {attributes_list: "a", attributes: [{value: x}]}
propagator: {composite: [{xray: }]}
tracer_provider:
  processors:
    - batch: {max_queue_size: 10, max_export_batch_size: 20}
    - simpl: {}
    - batch: {exporter: {zipkin: {}}}
    - batch: {exporter: {otlp_http: {endpoint: "ftp://x", headers: [{name: "a b"}, {value: c}], colour: red}}}
    - {}
  sampler: {always_on: , always_off: }
meter_provider: {readers: [{periodic: {}}], views: []}
)"),
            "f:2:1: tracer_providr: unknown key; did you mean tracer_provider?\n"
            "f:3:1: log_level: is 'loud', and takes one of trace, debug, info, warn, error, fatal\n"
            "f:4:12: resource.attributes_list: entry 1 is not of the form key=value\n"
            "f:4:47: resource.attributes[0].name: is missing\n"
            "f:5:14: propagator.composite: names 'xray', and takes tracecontext, baggage, b3, b3multi and jaeger\n"
            "f:8:7: tracer_provider.processors[0].batch: has no exporter\n"
            "f:8:35: tracer_provider.processors[0].batch.max_export_batch_size: is more than the queue holds\n"
            "f:9:7: tracer_provider.processors[1].simpl: is not known here: one of batch, simple is expected; did you "
            "mean simple?\n"
            "f:10:26: tracer_provider.processors[2].batch.exporter.zipkin: is not known here: one of otlp_http, "
            "otlp_grpc, console is expected\n"
            "f:11:38: tracer_provider.processors[3].batch.exporter.otlp_http.endpoint: is 'ftp://x', and takes an "
            "http:// or https:// address, such as http://127.0.0.1:4318, or host:port\n"
            "f:11:59: tracer_provider.processors[3].batch.exporter.otlp_http.headers: 'a b' cannot be the name of an "
            "HTTP header\n"
            "f:11:84: tracer_provider.processors[3].batch.exporter.otlp_http.headers[1].name: is missing\n"
            "f:11:97: tracer_provider.processors[3].batch.exporter.otlp_http.colour: unknown key\n"
            "f:12:7: tracer_provider.processors[4]: takes one of batch, simple\n"
            "f:13:26: tracer_provider.sampler.always_off: stands beside another one: exactly one of always_on, "
            "always_off, trace_id_ratio_based, probability/development, jaeger_remote/development, parent_based is "
            "expected\n"
            "f:14:29: meter_provider.readers[0].periodic: has no exporter\n"
            "f:14:45: meter_provider.views: unknown key");
}

}  // namespace
}  // namespace sextant::config
