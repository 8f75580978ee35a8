// The files that other systems' users have: each is taken unchanged, and does what its text says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "config/load.h"
#include "sextant/in_memory.h"
#include "sextant/sextant.h"
#include "tests/support/receiver.h"
#include "tests/support/repository.h"
#include "tests/support/variables.h"
#include "wiring/options_from.h"
#include "wiring/otlp_target.h"

namespace sextant::config {
namespace {

using test::environment_of;
using test::Variables;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using wiring::ExporterKind;
using wiring::OtlpProtocol;
using wiring::OtlpTarget;
using wiring::Settings;

std::string text_of(const std::string& name) {
  return test::text_of_file(test::fixtures() + name);
}

/// Skipped, which the output says, where the fixtures are not there.
class Fixtures : public testing::Test {
 protected:
  void SetUp() override {
    if (text_of("aixgo/agents.yaml").empty()) GTEST_SKIP() << "skipped: there are no fixtures in " << test::fixtures();
  }

  LoadedSettings load(const std::string& name, Variables variables = {}, Variables replacements = {}) {
    std::string text = text_of(name);
    for (const auto& [from, to] : replacements) {
      const std::size_t at = text.find(from);
      EXPECT_NE(at, std::string::npos) << from;
      if (at != std::string::npos) text.replace(at, from.size(), to);
    }
    Result<LoadedSettings> loaded =
        load_settings(text, name.find(".toml") != std::string::npos ? FileFormat::kToml : FileFormat::kYaml, name,
                      environment_of(std::move(variables)), Variables_::kOverFile);
    EXPECT_TRUE(loaded.ok()) << loaded.error();
    return loaded.ok() ? std::move(*loaded) : LoadedSettings{};
  }
  using Variables_ = config::Variables;
};

std::string traces_target(const Settings& settings) {
  const OtlpTarget target = wiring::target_of(settings, Signal::kTraces);
  return target.protocol == OtlpProtocol::kGrpc ? "grpc " + target.name() : target.url;
}

/// How many of 100,000 traces are kept, through the options that the settings become.
std::size_t kept_of_100000(const Settings& settings) {
  const SamplerPtr sampler = wiring::options_from(settings, {}).options.sampler;
  EXPECT_NE(sampler, nullptr);
  if (sampler == nullptr) return 0;
  std::mt19937_64 random(99);
  std::size_t kept = 0;
  const SpanContext no_parent;
  for (int i = 0; i < 100'000; ++i) {
    TraceId id;
    for (std::uint8_t& byte : id.bytes) byte = static_cast<std::uint8_t>(random());
    const SamplingDecision decision = sampler->decide({no_parent, id, "op", SpanKind::kInternal, {}, {}});
    if (decision.sampling == Sampling::kRecordAndSample) ++kept;
  }
  return kept;
}

/// Six standard deviations of the binomial distribution: by chance one run in 500 million fails, and the seed is fixed.
void expect_share(std::size_t kept, double share) {
  const double mean = 100'000 * share;
  EXPECT_NEAR(static_cast<double>(kept), mean, 6 * std::sqrt(mean * (1 - share)));
}

TEST_F(Fixtures, AgentsTraceEverythingToTheirCollector) {
  const LoadedSettings loaded = load("aixgo/agents.yaml");
  EXPECT_EQ(loaded.settings.service_name, "aixgo-production");
  EXPECT_EQ(traces_target(loaded.settings), "grpc http://localhost:4317");
  EXPECT_TRUE(loaded.settings.traces.on);
  EXPECT_FALSE(loaded.settings.metrics.on);
  EXPECT_EQ(kept_of_100000(loaded.settings), 100'000u);
  ASSERT_EQ(loaded.sections.size(), 2u);
  EXPECT_EQ(loaded.sections[0].name, "supervisor");
  EXPECT_EQ(loaded.sections[0].line, 2);
  EXPECT_EQ(loaded.sections[0].text, "name: coordinator\nmax_rounds: 10\n");
  EXPECT_THAT(loaded.sections[1].text, HasSubstr("model: gpt-4-turbo"));
}

TEST_F(Fixtures, ProductionAgentsSampleAndSendToTwoReceivers) {
  const LoadedSettings loaded =
      load("aixgo/agents-prod.yaml", {{"LANGFUSE_PUBLIC_KEY", "pk"}, {"LANGFUSE_SECRET_KEY", "sk"}});
  const Settings& settings = loaded.settings;
  EXPECT_EQ(traces_target(settings), "grpc http://tempo:4317");
  EXPECT_THAT(settings.traces.exporters, ElementsAre(ExporterKind::kOtlp));
  EXPECT_TRUE(settings.llm.enabled);
  EXPECT_EQ(settings.llm.endpoint, "https://cloud.langfuse.com");
  EXPECT_EQ(settings.llm.public_key, "pk");
  EXPECT_EQ(settings.llm.secret_key, "sk");
  EXPECT_EQ(settings.metric_settings.prometheus_port, 9'090);
  EXPECT_THAT(settings.metrics.exporters, ElementsAre(ExporterKind::kPrometheus));
  expect_share(kept_of_100000(settings), 0.2);
  Makers makers;
  makers.https = [](const TlsFiles&) { return plain_http(); };
  makers.otlp_grpc = [](const OtlpGrpcTarget&) { return std::make_shared<InMemoryExporter>(); };
  EXPECT_EQ(wiring::options_from(settings, makers).options.exporters.size(), 2u);
}

TEST_F(Fixtures, MissingVariablesAreNamed) {
  const Result<LoadedSettings> loaded = load_settings(text_of("aixgo/agents-prod.yaml"), FileFormat::kYaml, "f.yaml",
                                                      environment_of({}), config::Variables::kOverFile);
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(
      loaded.error(),
      "f.yaml:23:17: observability.llm_observability.public_key: the variable LANGFUSE_PUBLIC_KEY is not set: set "
      "it, or write ${LANGFUSE_PUBLIC_KEY:-default}\n"
      "f.yaml:24:17: observability.llm_observability.secret_key: the variable LANGFUSE_SECRET_KEY is not set: set "
      "it, or write ${LANGFUSE_SECRET_KEY:-default}");
}

TEST_F(Fixtures, SampledOnesSampleAtTheirRate) {
  expect_share(kept_of_100000(load("aixgo/agents-prod-sampling.yaml").settings), 0.1);
  expect_share(kept_of_100000(load("aixgo/observability-sampled.yaml").settings), 0.1);
  expect_share(kept_of_100000(load("caxton/caxton.toml").settings), 0.1);
}

TEST_F(Fixtures, PortsAreTaken) {
  EXPECT_EQ(load("aixgo/agents-health.yaml").settings.health_port, 8'080);
  const Settings metrics = load("aixgo/agents-metrics.yaml").settings;
  EXPECT_EQ(metrics.metric_settings.prometheus_port, 9'090);
  EXPECT_EQ(wiring::scrape_address(metrics)->host, "0.0.0.0");
  EXPECT_EQ(wiring::scrape_address(metrics)->port, 9'090);
  EXPECT_TRUE(metrics.traces.on);
  EXPECT_TRUE(metrics.metrics.on);
}

TEST_F(Fixtures, DatadogIsAddressedWithAndWithoutScheme) {
  for (const char* name : {"aixgo/observability-datadog.yaml", "aixgo/observability-datadog-agent.yaml"}) {
    const LoadedSettings loaded = load(name);
    EXPECT_THAT(loaded.settings.traces.exporters, ElementsAre(ExporterKind::kDatadog));
    EXPECT_EQ(loaded.settings.datadog_endpoint, "http://datadog-agent:8126");
    std::string asked;
    Makers makers;
    makers.datadog = [&](const std::string& endpoint) {
      asked = endpoint;
      return std::make_shared<InMemoryExporter>();
    };
    EXPECT_EQ(wiring::options_from(loaded.settings, makers).options.exporters.size(), 1u);
    EXPECT_EQ(asked, "http://datadog-agent:8126");
  }
}

TEST_F(Fixtures, GrafanaCloudGetsItsPathAndHeader) {
  const Settings settings = load("aixgo/observability-grafana-cloud.yaml", {{"GRAFANA_API_KEY", "key"}}).settings;
  EXPECT_EQ(traces_target(settings), "https://otlp-gateway-prod-us-central-0.grafana.net/otlp/v1/traces");
  EXPECT_EQ(settings.otlp.headers, (HttpHeaders{{"authorization", "Bearer key"}}));
}

TEST_F(Fixtures, HeadersArriveAtTheReceiver) {
  test::Receiver receiver;
  const Settings settings = load("aixgo/observability-grafana-cloud.yaml", {{"GRAFANA_API_KEY", "key"}},
                                 {{"https://otlp-gateway-prod-us-central-0.grafana.net", receiver.url()}})
                                .settings;
  Result<Sdk> sdk = Sdk::start(wiring::options_from(settings, {}).options);
  ASSERT_TRUE(sdk.ok());
  tracer("test").start("work").end();
  EXPECT_TRUE(sdk->shutdown(std::chrono::seconds(60)).complete);
  ASSERT_EQ(receiver.requests().size(), 1u);
  EXPECT_EQ(receiver.requests()[0].start_line, "POST /otlp/v1/traces HTTP/1.1");
  EXPECT_EQ(receiver.requests()[0].header("authorization"), "Bearer key");
  EXPECT_THAT(receiver.requests()[0].body, HasSubstr("aixgo-prod"));
}

TEST_F(Fixtures, TheGrafanaStackIsScrapedForMetrics) {
  const Settings settings = load("aixgo/observability-grafana-stack.yaml").settings;
  EXPECT_EQ(traces_target(settings), "grpc http://tempo:4317");
  EXPECT_THAT(settings.metrics.exporters, ElementsAre(ExporterKind::kPrometheus));
}

TEST_F(Fixtures, LangfuseAloneIsSentTo) {
  const Variables keys{{"LANGFUSE_PUBLIC_KEY", "pk"}, {"LANGFUSE_SECRET_KEY", "sk"}};
  test::Receiver langfuse;
  const Settings settings =
      load("aixgo/observability-langfuse.yaml", keys, {{"https://cloud.langfuse.com", langfuse.url()}}).settings;
  const auto exporters = wiring::options_from(settings, {}).options.exporters;
  ASSERT_EQ(exporters.size(), 1u);
  exporters[0]->send({Signal::kTraces, 1, "x"}, Deadline::after(std::chrono::seconds(60)));
  EXPECT_EQ(langfuse.requests().at(0).header("authorization"), "Basic cGs6c2s=");
  Variables with_address = keys;
  with_address["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:9";
  const Settings both = load("aixgo/observability-langfuse.yaml", with_address).settings;
  EXPECT_THAT(both.traces.exporters, ElementsAre(ExporterKind::kOtlp));
}

TEST_F(Fixtures, DebugLogsEachExport) {
  test::Receiver receiver;
  const Settings settings =
      load("aixgo/observability-debug.yaml", {{"OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url()}}).settings;
  std::vector<std::string> said;
  std::mutex mutex;
  set_diagnostic_handler([&](LogLevel, std::string_view message) {
    const std::lock_guard<std::mutex> lock(mutex);
    said.emplace_back(message);
  });
  Result<Sdk> sdk = Sdk::start(wiring::options_from(settings, {}).options);
  ASSERT_TRUE(sdk.ok());
  tracer("test").start("work").end();
  sdk->shutdown(std::chrono::seconds(60));
  set_diagnostic_handler({});
  set_diagnostic_level(LogLevel::kWarn);
  EXPECT_THAT(said, testing::Contains(testing::MatchesRegex(
                        "export of traces to otlp http://127.0.0.1:[0-9]+: 1 items, [0-9]+ bytes, [0-9]+ us, taken")));
}

TEST_F(Fixtures, SpansTimeOutWhenTheFileSaysSo) {
  EXPECT_EQ(load("aixgo/observability-span-timeout.yaml").settings.span_timeout.count(), 60'000);
  const Settings settings = load("aixgo/observability-span-timeout.yaml", {}, {{"60s", "20ms"}}).settings;
  Options options = wiring::options_from(settings, {}).options;
  const auto memory = std::make_shared<InMemoryExporter>();
  options.exporters = {memory};
  Result<Sdk> sdk = Sdk::start(std::move(options));
  ASSERT_TRUE(sdk.ok());
  Span never_ended = tracer("test").start("work");
  while (sdk->stats().spans_timed_out == 0) std::this_thread::yield();
  EXPECT_FALSE(never_ended.recording());
  EXPECT_TRUE(sdk->shutdown(std::chrono::seconds(60)).complete);
  EXPECT_EQ(memory->items(Signal::kTraces), 1u);
}

TEST_F(Fixtures, ProbesOfADeploymentAreNoFileOfTheSdk) {
  const Result<LoadedSettings> loaded = load_settings(text_of("aixgo/deployment-probes.yaml"), FileFormat::kYaml,
                                                      "probes.yaml", environment_of({}), config::Variables::kOverFile);
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error(), "probes.yaml: there is neither a section 'observability' nor a file_format in it");
}

TEST_F(Fixtures, TheRuntimeSendsAllSignals) {
  const Settings settings = load("caxton/caxton.toml").settings;
  EXPECT_TRUE(settings.traces.on && settings.metrics.on && settings.logs.on);
  const OtlpTarget target = wiring::target_of(settings, Signal::kTraces);
  EXPECT_EQ(target.protocol, OtlpProtocol::kGrpc);
  EXPECT_EQ(target.address, "otel-collector:4317");
  EXPECT_EQ(target.timeout.count(), 10'000);
  EXPECT_EQ(target.headers, (HttpHeaders{{"api-key", "your-api-key"}}));
  EXPECT_EQ(settings.metric_settings.interval.count(), 10'000);
  const Options options = wiring::options_from(settings, {}).options;
  EXPECT_EQ(options.service_name, "caxton-runtime");
  EXPECT_EQ(options.service_version, "0.2.0");
  EXPECT_EQ(options.deployment_environment, "production");
}

TEST_F(Fixtures, MetricsHaveBucketsAndLabels) {
  const Settings settings = load("caxton/metrics.toml").settings;
  const wiring::MetricSettings& metrics = settings.metric_settings;
  ASSERT_EQ(metrics.buckets.size(), 2u);
  EXPECT_THAT(metrics.buckets.at("http_duration"),
              ElementsAre(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0));
  EXPECT_THAT(metrics.buckets.at("agent_execution"), ElementsAre(0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0));
  EXPECT_THAT(metrics.include_labels, ElementsAre("agent_type", "agent_id", "message_type"));
  EXPECT_THAT(metrics.exclude_labels, ElementsAre("sensitive_data"));
  EXPECT_EQ(metrics.interval.count(), 15'000);
  EXPECT_EQ(settings.metrics.export_timeout->count(), 5'000);
  EXPECT_TRUE(settings.metrics.on);
}

TEST_F(Fixtures, LogLinesHaveTheirKeys) {
  const wiring::LogSettings log = load("caxton/logging.toml").settings.log_settings;
  EXPECT_EQ(log.level, "info");
  EXPECT_EQ(log.format, wiring::LogSettings::Format::kJson);
  EXPECT_EQ(log.output, "stdout");
  EXPECT_TRUE(log.include_trace_id && log.include_span_id);
  EXPECT_EQ(log.timestamp_format, wiring::LogSettings::TimeFormat::kRfc3339);
  EXPECT_EQ(log.level_key + log.message_key + log.trace_id_key + log.span_id_key, "levelmessagetrace_idspan_id");
  EXPECT_EQ(log.rates, (std::map<std::string, double>{{"debug", 0.01}, {"trace", 0.1}}));
}

TEST_F(Fixtures, ProfilingIsLeftToProfilers) {
  EXPECT_THAT(load("caxton/profiling.toml").notes,
              ElementsAre("the section 'profiling' is left to a profiler: profiling is not part of the SDK"));
}

}  // namespace
}  // namespace sextant::config
