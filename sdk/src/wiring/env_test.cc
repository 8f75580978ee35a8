// What each OTEL_* variable does, and what is said of values that cannot be understood.
#include "wiring/env.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/support/variables.h"
#include "wiring/options_from.h"
#include "wiring/scalars.h"

namespace sextant::wiring {
namespace {

using test::environment_of;
using test::Variables;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Read {
  Settings settings;
  std::vector<std::string> problems;
};

Read read(Variables variables) {
  Read read;
  read.problems = read_environment(environment_of(std::move(variables)), read.settings);
  return read;
}

TEST(Env, SaysNothingWhereNothingIsSet) {
  const Read got = read({});
  EXPECT_THAT(got.problems, IsEmpty());
  EXPECT_FALSE(got.settings.disabled);
  EXPECT_EQ(got.settings.service_name, "");
  EXPECT_THAT(got.settings.propagators, ElementsAre("tracecontext", "baggage"));
  EXPECT_EQ(got.settings.metric_settings.interval.count(), 60'000);
}

TEST(Env, EmptyCountsAsNotSet) {
  const Read got = read({{"OTEL_SERVICE_NAME", ""},
                         {"OTEL_BSP_SCHEDULE_DELAY", " "},
                         {"OTEL_TRACES_EXPORTER", ""},
                         {"OTEL_EXPORTER_OTLP_ENDPOINT", ""},
                         {"OTEL_PROPAGATORS", ""}});
  EXPECT_THAT(got.problems, IsEmpty());
  EXPECT_EQ(got.settings.span_queue.delay.count(), 5'000);
  EXPECT_FALSE(got.settings.otlp.endpoint.has_value());
  EXPECT_THAT(got.settings.traces.exporters, ElementsAre(ExporterKind::kOtlp));
}

TEST(Env, BooleansAreTrueOrFalse) {
  EXPECT_TRUE(read({{"OTEL_SDK_DISABLED", "TRUE"}}).settings.disabled);
  EXPECT_FALSE(read({{"OTEL_SDK_DISABLED", "False"}}).settings.disabled);
  const Read got = read({{"OTEL_SDK_DISABLED", "1"}});
  EXPECT_FALSE(got.settings.disabled);
  EXPECT_THAT(got.problems, ElementsAre("OTEL_SDK_DISABLED is '1', which counts as false: it takes true or false"));
}

TEST(Env, NamesTheService) {
  const Read got = read({{"OTEL_RESOURCE_ATTRIBUTES", "service.name=by-list,service.version=1%2E2,team=a%20b"}});
  EXPECT_EQ(got.settings.service_name, "by-list");
  EXPECT_EQ(got.settings.service_version, "1.2");
  EXPECT_EQ(got.settings.resource.back().value, "a b");
  EXPECT_EQ(read({{"OTEL_RESOURCE_ATTRIBUTES", "service.name=by-list"}, {"OTEL_SERVICE_NAME", "by-name"}})
                .settings.service_name,
            "by-name");
}

TEST(Env, OneErrorDiscardsAllResourceAttributes) {
  const Read got = read({{"OTEL_RESOURCE_ATTRIBUTES", "team=a,broken"}});
  EXPECT_THAT(got.settings.resource, IsEmpty());
  EXPECT_THAT(
      got.problems,
      ElementsAre("OTEL_RESOURCE_ATTRIBUTES is 'team=a,broken', which is ignored: it takes key=value,key2=value2 "
                  "with percent-encoded values, and entry 2 is not of the form key=value"));
}

TEST(Env, SetsTheDiagnosticLevel) {
  EXPECT_EQ(read({{"OTEL_LOG_LEVEL", "none"}}).settings.diagnostic_level, LogLevel::kOff);
  EXPECT_EQ(read({{"OTEL_LOG_LEVEL", "Debug"}}).settings.diagnostic_level, LogLevel::kDebug);
  const Read got = read({{"OTEL_LOG_LEVEL", "loud"}});
  EXPECT_FALSE(got.settings.diagnostic_level.has_value());
  EXPECT_THAT(got.problems, ElementsAre("OTEL_LOG_LEVEL is 'loud', which is ignored: it takes none, error, warn, info, "
                                        "debug, verbose, warning"));
}

TEST(Env, ListsPropagators) {
  EXPECT_THAT(read({{"OTEL_PROPAGATORS", "b3, tracecontext,B3"}}).settings.propagators,
              ElementsAre("b3", "tracecontext"));
  EXPECT_THAT(read({{"OTEL_PROPAGATORS", "none"}}).settings.propagators, IsEmpty());
  const Read got = read({{"OTEL_PROPAGATORS", "xray,jaeger"}});
  EXPECT_THAT(got.settings.propagators, ElementsAre("jaeger"));
  EXPECT_THAT(got.problems,
              ElementsAre("OTEL_PROPAGATORS is 'xray', which is ignored: it takes a list of tracecontext, "
                          "baggage, b3, b3multi and jaeger, or none"));
  EXPECT_THAT(read({{"OTEL_PROPAGATORS", "xray"}}).settings.propagators, ElementsAre("tracecontext", "baggage"));
  EXPECT_THAT(read({{"OTEL_PROPAGATORS", "none,b3"}}).problems,
              ElementsAre("OTEL_PROPAGATORS names none beside others: nothing is propagated"));
}

std::string sampler_of(Variables variables) {
  const Read got = read(std::move(variables));
  std::vector<std::string> notes;
  return make_sampler(got.settings, {}, notes)->describe();
}

TEST(Env, NamesTheSampler) {
  EXPECT_EQ(sampler_of({}), "ParentBased{root=AlwaysOnSampler}");
  EXPECT_EQ(sampler_of({{"OTEL_TRACES_SAMPLER", "always_on"}}), "AlwaysOnSampler");
  EXPECT_EQ(sampler_of({{"OTEL_TRACES_SAMPLER", "always_off"}}), "AlwaysOffSampler");
  EXPECT_EQ(sampler_of({{"OTEL_TRACES_SAMPLER", "traceidratio"}, {"OTEL_TRACES_SAMPLER_ARG", "0.25"}}),
            "TraceIdRatioBased{0.250000}");
  EXPECT_EQ(sampler_of({{"OTEL_TRACES_SAMPLER", "traceidratio"}}), "TraceIdRatioBased{1.000000}");
  EXPECT_EQ(sampler_of({{"OTEL_TRACES_SAMPLER", "parentbased_always_off"}}), "ParentBased{root=AlwaysOffSampler}");
  EXPECT_EQ(sampler_of({{"OTEL_TRACES_SAMPLER", "ParentBased_TraceIdRatio"}, {"OTEL_TRACES_SAMPLER_ARG", "0.5"}}),
            "ParentBased{root=TraceIdRatioBased{0.500000}}");
  EXPECT_EQ(sampler_of({{"OTEL_TRACES_SAMPLER_ARG", "0.5"}}), "ParentBased{root=AlwaysOnSampler}");
}

TEST(Env, IgnoresWhatIsNoSampler) {
  const Read unknown = read({{"OTEL_TRACES_SAMPLER", "xray"}});
  EXPECT_THAT(unknown.problems,
              ElementsAre(HasSubstr("OTEL_TRACES_SAMPLER is 'xray', which is ignored: it takes "
                                    "always_on, always_off, traceidratio, jaeger_remote, parentbased")));
  const Read ratio = read({{"OTEL_TRACES_SAMPLER", "traceidratio"}, {"OTEL_TRACES_SAMPLER_ARG", "10%"}});
  EXPECT_EQ(ratio.settings.sampler.ratio, 1);
  EXPECT_THAT(ratio.problems,
              ElementsAre("OTEL_TRACES_SAMPLER_ARG is '10%', which is ignored: it takes a number from 0 to 1"));
}

TEST(Env, ConfiguresRemoteSampling) {
  const Read got = read(
      {{"OTEL_TRACES_SAMPLER", "parentbased_jaeger_remote"},
       {"OTEL_TRACES_SAMPLER_ARG", "endpoint=http://jaeger:5778,pollingIntervalMs=5000,initialSamplingRate=0.25"}});
  EXPECT_THAT(got.problems, IsEmpty());
  EXPECT_EQ(got.settings.sampler.remote, "http://jaeger:5778");
  EXPECT_EQ(got.settings.sampler.interval.count(), 5'000);
  EXPECT_EQ(got.settings.sampler.ratio, 0.25);
  EXPECT_EQ(sampler_of({{"OTEL_TRACES_SAMPLER", "jaeger_remote"}}), "RemoteSampler{http://127.0.0.1:5778}");
  const Read bad =
      read({{"OTEL_TRACES_SAMPLER", "jaeger_remote"},
            {"OTEL_TRACES_SAMPLER_ARG", "endpoint=ftp://x,pollingIntervalMs=1,initialSamplingRate=2,what"}});
  EXPECT_THAT(bad.problems,
              ElementsAre(HasSubstr("'endpoint=ftp://x', which is ignored: it takes an http:// or https:// address"),
                          HasSubstr("'pollingIntervalMs=1', which is ignored: it takes a whole number from 100"),
                          HasSubstr("'initialSamplingRate=2', which is ignored: it takes a number from 0 to 1"),
                          HasSubstr("'what', which is ignored: it takes endpoint=http://HOST:5778/sampling")));
}

TEST(Env, SizesTheBatches) {
  const Read got = read({{"OTEL_BSP_SCHEDULE_DELAY", "100"},
                         {"OTEL_BSP_EXPORT_TIMEOUT", "0"},
                         {"OTEL_BSP_MAX_QUEUE_SIZE", "4096"},
                         {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "1024"},
                         {"OTEL_BLRP_SCHEDULE_DELAY", "200"},
                         {"OTEL_BLRP_EXPORT_TIMEOUT", "300"},
                         {"OTEL_BLRP_MAX_QUEUE_SIZE", "100"}});
  EXPECT_THAT(got.problems, IsEmpty());
  EXPECT_EQ(got.settings.span_queue.delay.count(), 100);
  EXPECT_EQ(got.settings.traces.export_timeout, kDurationMax);
  EXPECT_EQ(got.settings.span_queue.items_max, 4'096u);
  EXPECT_EQ(got.settings.span_queue.batch_items_max, 1'024u);
  EXPECT_EQ(got.settings.log_settings.queue.delay.count(), 200);
  EXPECT_EQ(got.settings.logs.export_timeout->count(), 300);
  EXPECT_EQ(got.settings.log_settings.queue.batch_items_max, 100u);
}

TEST(Env, KeepsBatchesBelowTheQueue) {
  const Read got = read({{"OTEL_BSP_MAX_QUEUE_SIZE", "100"}, {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "200"}});
  EXPECT_EQ(got.settings.span_queue.batch_items_max, 100u);
  EXPECT_THAT(got.problems,
              ElementsAre("OTEL_BSP_MAX_EXPORT_BATCH_SIZE is 200, more than the queue holds: 100 is used"));
}

TEST(Env, IgnoresNumbersThatAreNone) {
  const Read got = read({{"OTEL_BSP_SCHEDULE_DELAY", "5s"}, {"OTEL_BSP_MAX_QUEUE_SIZE", "-1"}});
  EXPECT_EQ(got.settings.span_queue.delay.count(), 5'000);
  EXPECT_EQ(got.settings.span_queue.items_max, 2'048u);
  EXPECT_THAT(got.problems,
              ElementsAre("OTEL_BSP_SCHEDULE_DELAY is '5s', which is ignored: it takes a whole number from 1 to "
                          "864000000, in milliseconds",
                          "OTEL_BSP_MAX_QUEUE_SIZE is '-1', which is ignored: it takes a whole number from 1 to "
                          "10000000"));
}

TEST(Env, LimitsSpansBeforeEverything) {
  const Read general = read({{"OTEL_ATTRIBUTE_COUNT_LIMIT", "10"}, {"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "20"}});
  EXPECT_EQ(general.settings.span_limits.attributes_max, 10u);
  EXPECT_EQ(general.settings.span_limits.value_length_max, 20u);
  EXPECT_EQ(general.settings.log_settings.attributes_max, 10u);
  const Read got = read({{"OTEL_ATTRIBUTE_COUNT_LIMIT", "10"},
                         {"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "30"},
                         {"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "40"},
                         {"OTEL_SPAN_EVENT_COUNT_LIMIT", "1"},
                         {"OTEL_SPAN_LINK_COUNT_LIMIT", "2"},
                         {"OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "3"},
                         {"OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "0"},
                         {"OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", "5"},
                         {"OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", "6"}});
  const Limits& limits = got.settings.span_limits;
  EXPECT_EQ(limits.attributes_max, 30u);
  EXPECT_EQ(limits.value_length_max, 40u);
  EXPECT_EQ(limits.events_max, 1u);
  EXPECT_EQ(limits.links_max, 2u);
  EXPECT_EQ(limits.event_attributes_max, 3u);
  EXPECT_EQ(limits.link_attributes_max, 0u);
  EXPECT_EQ(got.settings.log_settings.attributes_max, 5u);
  EXPECT_EQ(got.settings.log_settings.value_length_max, 6u);
}

TEST(Env, ListsExporters) {
  const Read got = read({{"OTEL_TRACES_EXPORTER", "console, otlp,console"},
                         {"OTEL_METRICS_EXPORTER", "prometheus"},
                         {"OTEL_LOGS_EXPORTER", "none"}});
  EXPECT_THAT(got.settings.traces.exporters, ElementsAre(ExporterKind::kOtlp, ExporterKind::kConsole));
  EXPECT_THAT(got.settings.metrics.exporters, ElementsAre(ExporterKind::kPrometheus));
  EXPECT_THAT(got.settings.logs.exporters, IsEmpty());
  const Read bad = read({{"OTEL_TRACES_EXPORTER", "prometheus"}, {"OTEL_LOGS_EXPORTER", "none,otlp"}});
  EXPECT_THAT(bad.settings.traces.exporters, ElementsAre(ExporterKind::kOtlp));
  EXPECT_THAT(bad.problems, ElementsAre("OTEL_TRACES_EXPORTER is 'prometheus', which is ignored: it takes a list of "
                                        "otlp, console, or none",
                                        "OTEL_LOGS_EXPORTER names none beside others: nothing is exported"));
}

TEST(Env, ReadsOtlpForAllSignalsAndForEach) {
  const Read got = read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"},
                         {"OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20b,x=y"},
                         {"OTEL_EXPORTER_OTLP_TIMEOUT", "5000"},
                         {"OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"},
                         {"OTEL_EXPORTER_OTLP_CERTIFICATE", "/ca.pem"},
                         {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc"},
                         {"OTEL_EXPORTER_OTLP_TRACES_INSECURE", "true"},
                         {"OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY", "/key.pem"},
                         {"OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE", "/cert.pem"},
                         {"OTEL_EXPORTER_OTLP_LOGS_COMPRESSION", "none"},
                         {"OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "http/json"}});
  EXPECT_THAT(got.problems, IsEmpty());
  const Settings& settings = got.settings;
  EXPECT_EQ(settings.otlp.endpoint, "http://collector:4318");
  EXPECT_EQ(settings.otlp.headers, (HttpHeaders{{"api-key", "a b"}, {"x", "y"}}));
  EXPECT_EQ(settings.otlp.timeout->count(), 5'000);
  EXPECT_EQ(settings.otlp.compression, Compression::kGzip);
  EXPECT_EQ(settings.otlp.authorities_file, "/ca.pem");
  EXPECT_EQ(settings.traces.otlp.protocol, OtlpProtocol::kGrpc);
  EXPECT_EQ(settings.traces.otlp.insecure, true);
  EXPECT_EQ(settings.metrics.otlp.key_file, "/key.pem");
  EXPECT_EQ(settings.metrics.otlp.certificate_file, "/cert.pem");
  EXPECT_EQ(settings.logs.otlp.compression, Compression::kNone);
  EXPECT_EQ(settings.logs.otlp.protocol, OtlpProtocol::kHttpJson);
}

TEST(Env, NeverRepeatsHeaderValues) {
  const Read got = read({{"OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20s3cret%0d%0aX:y"},
                         {"OTEL_EXPORTER_OTLP_LOGS_HEADERS", "s3cret"}});
  EXPECT_THAT(
      got.problems,
      ElementsAre("OTEL_EXPORTER_OTLP_HEADERS is ignored: the value of header 'authorization' holds a line break "
                  "or another control character",
                  "OTEL_EXPORTER_OTLP_LOGS_HEADERS is ignored: entry 1 is not of the form key=value; it takes "
                  "key=value,key2=value2, percent-encoded"));
}

TEST(Env, IgnoresAddressesThatAreNone) {
  const Read got = read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://x"}, {"OTEL_EXPORTER_OTLP_PROTOCOL", "thrift"}});
  EXPECT_FALSE(got.settings.otlp.endpoint.has_value());
  EXPECT_THAT(got.problems,
              ElementsAre(HasSubstr("OTEL_EXPORTER_OTLP_ENDPOINT is 'ftp://x', which is ignored: it takes"),
                          "OTEL_EXPORTER_OTLP_PROTOCOL is 'thrift', which is ignored: it takes "
                          "http/protobuf, http/json, grpc"));
}

TEST(Env, ConfiguresMetrics) {
  const Read got =
      read({{"OTEL_METRIC_EXPORT_INTERVAL", "1000"},
            {"OTEL_METRIC_EXPORT_TIMEOUT", "500"},
            {"OTEL_METRICS_EXEMPLAR_FILTER", "always_off"},
            {"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "DELTA"},
            {"OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", "base2_exponential_bucket_histogram"},
            {"OTEL_EXPORTER_PROMETHEUS_HOST", "0.0.0.0"},
            {"OTEL_EXPORTER_PROMETHEUS_PORT", "0"}});
  EXPECT_THAT(got.problems, IsEmpty());
  const MetricSettings& metrics = got.settings.metric_settings;
  EXPECT_EQ(metrics.interval.count(), 1'000);
  EXPECT_EQ(got.settings.metrics.export_timeout->count(), 500);
  EXPECT_EQ(metrics.exemplars, ExemplarFilter::kAlwaysOff);
  EXPECT_EQ(metrics.temporality, Temporality::kDelta);
  EXPECT_EQ(metrics.histograms, HistogramKind::kExponential);
  EXPECT_EQ(metrics.prometheus_host, "0.0.0.0");
  EXPECT_EQ(metrics.prometheus_port, 0);
  EXPECT_FALSE(read({{"OTEL_EXPORTER_PROMETHEUS_PORT", "65536"}}).settings.metric_settings.prometheus_port.has_value());
}

TEST(Env, OverwritesWhatAFileSaid) {
  Settings settings;
  settings.service_name = "of-file";
  settings.otlp.endpoint = "tempo:4317";
  settings.otlp.insecure = true;
  settings.sampler.ratio = 0.1;
  settings.span_queue.items_max = 7;
  const auto problems = read_environment(
      environment_of({{"OTEL_SERVICE_NAME", "of-env"}, {"OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317"}}), settings);
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_EQ(settings.service_name, "of-env");
  EXPECT_EQ(settings.otlp.endpoint, "collector:4317");
  EXPECT_FALSE(settings.otlp.insecure.has_value());
  EXPECT_EQ(settings.sampler.ratio, 0.1);
  EXPECT_EQ(settings.span_queue.items_max, 7u);
}

TEST(Env, SurvivesAnyValue) {
  static constexpr const char* kNames[] = {
      "OTEL_RESOURCE_ATTRIBUTES", "OTEL_PROPAGATORS",           "OTEL_TRACES_SAMPLER",
      "OTEL_TRACES_SAMPLER_ARG",  "OTEL_BSP_SCHEDULE_DELAY",    "OTEL_BSP_EXPORT_TIMEOUT",
      "OTEL_BSP_MAX_QUEUE_SIZE",  "OTEL_TRACES_EXPORTER",       "OTEL_EXPORTER_OTLP_ENDPOINT",
      "OTEL_LOG_LEVEL",           "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_ATTRIBUTE_COUNT_LIMIT"};
  static constexpr const char* kWords[] = {
      "jaeger_remote", "endpoint=", "none", ",", "=", "%41", "%", "http://", "1", "\n",
      "\xff",          "-",         ":",    " ", "[", "otlp"};
  std::mt19937 random(11);
  for (int round = 0; round < 5'000; ++round) {
    Variables variables;
    for (const char* name : kNames) {
      std::string& value = variables[name];
      for (std::size_t i = random() % 6; i > 0; --i) value += kWords[random() % std::size(kWords)];
    }
    const Read got = read(std::move(variables));
    ASSERT_LE(got.settings.span_queue.batch_items_max, got.settings.span_queue.items_max);
    for (const std::string& problem : got.problems) ASSERT_EQ(problem.find('\n'), std::string::npos);
  }
}

}  // namespace
}  // namespace sextant::wiring
