// Whole files of the SDK's own form: every key, every complaint, and what wins.
#include "config/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <random>

#include "sextant/in_memory.h"
#include "sextant/sextant.h"
#include "tests/support/variables.h"
#include "wiring/otlp_target.h"

namespace sextant::config {
namespace {

using test::environment_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using wiring::ExporterKind;
using wiring::Settings;

Result<LoadedSettings> load(std::string_view text, test::Variables variables = {},
                            FileFormat format = FileFormat::kYaml) {
  return load_settings(text, format, "f", environment_of(std::move(variables)), Variables::kOverFile);
}

Settings settings_of(std::string_view text, test::Variables variables = {}) {
  Result<LoadedSettings> loaded = load(text, std::move(variables));
  EXPECT_TRUE(loaded.ok()) << loaded.error();
  return loaded.ok() ? loaded->settings : Settings{};
}

std::string errors_of(std::string_view text, FileFormat format = FileFormat::kYaml) {
  const Result<LoadedSettings> loaded = load(text, {}, format);
  return loaded.ok() ? "" : loaded.error();
}

TEST(OwnForm, TakesEveryKey) {
  const Settings settings = settings_of(R"(
observability:
  enable_tracing: true
  enable_metrics: true
  enable_logging: false
  service_name: s
  service_version: '1'
  deployment_environment: e
  resource_attributes: {team: search, 'host.zone': 7}
  exporter: [otlp, console, datadog]
  endpoint: https://c/otlp
  datadog_endpoint: agent:8126
  timeout: 3s
  protocol: http/json
  compression: gzip
  headers: {a: b}
  tls: {ca_file: /ca, cert_file: /c, key_file: /k}
  sampling_rate: 0.5
  sampling_strategies: http://jaeger:5778/sampling
  sampling_interval: 10s
  propagators: [b3, baggage]
  span_timeout: 1m30s
  debug: false
  metrics_export_interval: 5s
  health_port: 0
  logging: {level: warn, format: text, output: /log, include_trace_id: false, include_span_id: false,
            timestamp_format: unix_ms, timestamp_key: a, level_key: b, message_key: c, trace_id_key: d,
            span_id_key: e, info_sample_rate: 0.5}
  metrics: {temporality: delta}
)");
  EXPECT_TRUE(settings.traces.on && settings.metrics.on && !settings.logs.on);
  EXPECT_EQ(settings.resource.size(), 2u);
  EXPECT_EQ(settings.resource[1].value, "7");
  EXPECT_THAT(settings.traces.exporters,
              ElementsAre(ExporterKind::kOtlp, ExporterKind::kConsole, ExporterKind::kDatadog));
  EXPECT_THAT(settings.metrics.exporters, ElementsAre(ExporterKind::kOtlp, ExporterKind::kConsole));
  EXPECT_EQ(settings.datadog_endpoint, "http://agent:8126");
  const wiring::OtlpTarget target = wiring::target_of(settings, Signal::kTraces);
  EXPECT_EQ(target.url, "https://c/otlp/v1/traces");
  EXPECT_EQ(target.timeout.count(), 3'000);
  EXPECT_EQ(target.protocol, wiring::OtlpProtocol::kHttpJson);
  EXPECT_EQ(target.compression, Compression::kGzip);
  EXPECT_EQ(target.tls_files.authorities + target.tls_files.certificate + target.tls_files.key, "/ca/c/k");
  EXPECT_EQ(settings.sampler.kind, wiring::SamplerSettings::Kind::kRemote);
  EXPECT_EQ(settings.sampler.ratio, 0.5);
  EXPECT_EQ(settings.sampler.interval.count(), 10'000);
  EXPECT_THAT(settings.propagators, ElementsAre("b3", "baggage"));
  EXPECT_EQ(settings.span_timeout.count(), 90'000);
  EXPECT_EQ(settings.health_port, 0);
  EXPECT_EQ(settings.log_settings.level, "warn");
  EXPECT_EQ(settings.log_settings.timestamp_format, wiring::LogSettings::TimeFormat::kUnixMs);
  EXPECT_EQ(settings.log_settings.rates.at("info"), 0.5);
  EXPECT_EQ(settings.metric_settings.temporality, Temporality::kDelta);
}

TEST(OwnForm, SwitchesOnAllSignalsWhereItNamesNone) {
  const Settings none = settings_of("observability: {service_name: s}\n");
  EXPECT_TRUE(none.traces.on && none.metrics.on && none.logs.on);
  const Settings one = settings_of("observability: {metrics: true}\n");
  EXPECT_TRUE(!one.traces.on && one.metrics.on && !one.logs.on);
  const Settings off = settings_of("observability: {tracing: false}\n");
  EXPECT_FALSE(off.traces.on || off.metrics.on || off.logs.on);
}

TEST(OwnForm, SaysAllThatIsWrongInIt) {
  EXPECT_EQ(errors_of(R"(observability:
  tracing: maybe
  samplng_rate: 0.1
  sampling_rate: 10
  trace_sample_rate: 0.1
  exporter: zipkin
  endpoint: ftp://x
  headers: {'a b': c}
  span_timeout: 60
  metrics_port: 70000
  propagators: [xray]
  llm_observability: {provider: langsmth}
  metrics: {a_buckets: [1, 1], b: 2}
  logging: {level: loud, timestamp_format: iso}
)"),
            "f:2:3: observability.tracing: is 'maybe', and takes true or false\n"
            "f:3:3: observability.samplng_rate: unknown key; did you mean sampling_rate?\n"
            "f:5:3: observability.trace_sample_rate: says the same as sampling_rate: one of them is enough\n"
            "f:6:3: observability.exporter: is 'zipkin', and takes otlp, datadog, console or none, or a list of these\n"
            "f:7:3: observability.endpoint: is 'ftp://x', and takes an http:// or https:// address, such as "
            "http://127.0.0.1:4318, or host:port\n"
            "f:8:3: observability.headers: 'a b' cannot be the name of an HTTP header\n"
            "f:9:3: observability.span_timeout: is '60', and takes a duration with its unit, such as 500ms, 60s or "
            "1m30s, of at most 240h\n"
            "f:10:3: observability.metrics_port: is '70000', and takes a whole number from 0 to 65535\n"
            "f:11:3: observability.propagators: names 'xray', and takes tracecontext, baggage, b3, b3multi and jaeger\n"
            "f:12:23: observability.llm_observability.provider: is 'langsmth', and takes one of langfuse\n"
            "f:12:23: observability.llm_observability.provider: langfuse needs a public_key\n"
            "f:12:23: observability.llm_observability.provider: langfuse needs a secret_key\n"
            "f:13:13: observability.metrics.a_buckets: takes bounds that grow from each to the next\n"
            "f:13:32: observability.metrics.b: unknown key\n"
            "f:14:13: observability.logging.level: is 'loud', and takes one of trace, debug, info, warn, error, fatal\n"
            "f:14:26: observability.logging.timestamp_format: is 'iso', and takes one of rfc3339, unix, unix_ms, "
            "unix_ns");
  EXPECT_EQ(errors_of("[observability]\nenable_tracin = true\n", FileFormat::kToml),
            "f:2:1: observability.enable_tracin: unknown key; did you mean enable_tracing?");
  EXPECT_EQ(errors_of("observability: [1]\n"), "f:1:16: observability: takes keys and values below it");
  EXPECT_EQ(errors_of("observabilty: {tracing: true}\n"),
            "f:1:1: observabilty: unknown section; did you mean observability?");
  EXPECT_EQ(errors_of(""), "f: there is neither a section 'observability' nor a file_format in it");
  EXPECT_EQ(errors_of("observability: {metrics: {a_buckets: [" +
                      [] {
                        std::string bounds;
                        for (int i = 0; i < 1'001; ++i) bounds += std::to_string(i) + ",";
                        return bounds;
                      }() +
                      "]}}\n"),
            "f:1:27: observability.metrics.a_buckets: takes at most 1000 bounds");
}

TEST(OwnForm, NeedsNoKeysForModelsThatAreNotObserved) {
  EXPECT_FALSE(
      settings_of("observability: {llm_observability: {enabled: false, secret_key: '${MISSING}'}}\n").llm.enabled);
}

TEST(OwnForm, HandsTheOtherSectionsBack) {
  const auto yaml = load("x: {a: '${NOT_OURS}', l: [1, 2]}\nobservability: {}\ny: 3\n");
  ASSERT_TRUE(yaml.ok()) << yaml.error();
  ASSERT_EQ(yaml.value().sections.size(), 2u);
  EXPECT_EQ(yaml.value().sections[0].text, "{a: \"${NOT_OURS}\", l: [1, 2]}\n");
  EXPECT_EQ(yaml.value().sections[1].text, "3\n");
  EXPECT_EQ(yaml.value().sections[1].line, 3);
  const auto toml = load("y = 3\n[observability]\n[x]\na = 'b'\n[x.z]\nc = 1\n", {}, FileFormat::kToml);
  ASSERT_TRUE(toml.ok()) << toml.error();
  ASSERT_EQ(toml.value().sections.size(), 2u);
  EXPECT_EQ(toml.value().sections[0].text, "y = 3\n");
  EXPECT_EQ(toml.value().sections[1].text, "a = 'b'\n\n[z]\nc = 1\n");
}

TEST(Precedence, CodeThenEnvironmentThenFileThenDefaults) {
  const std::string file = "observability: {service_name: of-file, sampling_rate: 0, service_version: '2'}\n";
  LoadSettings settings;
  settings.environment = environment_of({{"OTEL_SERVICE_NAME", "of-env"}, {"OTEL_TRACES_SAMPLER", "always_on"}});
  Result<LoadedFile> loaded = load_text(file, FileFormat::kYaml, "f", settings);
  ASSERT_TRUE(loaded.ok()) << loaded.error();
  Options& options = loaded->options;
  EXPECT_EQ(options.service_name, "of-env");
  EXPECT_EQ(options.sampler->describe(), "AlwaysOnSampler");
  EXPECT_EQ(options.service_version, "2");
  EXPECT_EQ(options.span_queue.items_max, 2'048u);
  options.service_name = "of-code";
  const auto memory = std::make_shared<InMemoryExporter>();
  options.exporters = {memory};
  Result<Sdk> sdk = Sdk::start(std::move(options));
  ASSERT_TRUE(sdk.ok());
  tracer("test").start("work").end();
  EXPECT_TRUE(sdk->shutdown(std::chrono::seconds(60)).complete);
  const std::vector<Batch> batches = memory->take();
  ASSERT_EQ(batches.size(), 1u);
  EXPECT_THAT(batches[0].body, HasSubstr("of-code"));
  EXPECT_THAT(batches[0].body, testing::Not(HasSubstr("of-env")));
}

TEST(Precedence, WhatTheEnvironmentGetsWrongIsANote) {
  const auto loaded = load("observability: {}\n", {{"OTEL_BSP_MAX_QUEUE_SIZE", "x"}});
  ASSERT_TRUE(loaded.ok());
  EXPECT_THAT(loaded.value().notes, ElementsAre(HasSubstr("OTEL_BSP_MAX_QUEUE_SIZE is 'x', which is ignored")));
}

/// A file that goes with the test.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& text, const std::string& suffix) : path_("/tmp/sextant_config_XXXXXX" + suffix) {
    const int descriptor = mkstemps(path_.data(), static_cast<int>(suffix.size()));
    EXPECT_EQ(write(descriptor, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    close(descriptor);
  }
  ~TemporaryFile() { unlink(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(LoadFile, TakesTheFormatFromTheName) {
  const TemporaryFile toml("[observability]\nservice_name = 't'\n", ".toml");
  const TemporaryFile yaml("observability:\n  service_name: y\n", ".yaml");
  LoadSettings settings;
  settings.environment = environment_of({});
  EXPECT_EQ(load_file(toml.path(), settings).value().options.service_name, "t");
  EXPECT_EQ(load_file(yaml.path(), settings).value().options.service_name, "y");
  EXPECT_TRUE(from_file(yaml.path()).ok());
  EXPECT_THAT(load_file("/nowhere/x.yaml", settings).error(),
              HasSubstr("/nowhere/x.yaml: cannot be opened: No such file or directory"));
  EXPECT_THAT(from_file("/tmp").error(), HasSubstr("/tmp: cannot be read: Is a directory"));
}

TEST(LoadFile, MakesWhatTheFileAsksForOfTheComponentsThatAreLinked) {
  const auto loaded =
      load_text("observability: {endpoint: 'tempo:4317'}\n", FileFormat::kYaml, "f", {{}, environment_of({})});
  ASSERT_TRUE(loaded.ok());
#ifdef SEXTANT_WITH_GRPC
  EXPECT_THAT(loaded.value().notes, IsEmpty());
  EXPECT_EQ(loaded.value().options.exporters.at(0)->name(), "otlp grpc http://tempo:4317");
#else
  EXPECT_THAT(loaded.value().notes, ElementsAre(HasSubstr("http://tempo:4317 takes OTLP over gRPC")));
#endif
}

TEST(LoadFile, TablesOfASignalSwitchItOnUnlessASwitchSaysOtherwise) {
  const auto on = [](const std::string& rest) {
    const auto loaded =
        load_text("observability:\n  tracing: true\n" + rest, FileFormat::kYaml, "f", {{}, environment_of({})});
    EXPECT_TRUE(loaded.ok()) << loaded.error();
    return std::pair(loaded.value().options.metrics.on, loaded.value().options.logs.enabled);
  };
  EXPECT_EQ(on(""), std::pair(false, false));
  EXPECT_EQ(on("  logging: {level: info}\n"), std::pair(false, true));
  EXPECT_EQ(on("  metrics: {export_interval: 5s}\n"), std::pair(true, false));
  EXPECT_EQ(on("  logging: {level: info}\n  enable_logging: false\n"), std::pair(false, false));
}

TEST(LoadFile, ToldErrorsStandInTheOrderOfTheFile) {
  const auto loaded =
      load_text("observability:\n  endpiont: x\n  tracing: maybe\n  span_timeout: 5 parsecs\n  debug: 7\n",
                FileFormat::kYaml, "f", {{}, environment_of({})});
  ASSERT_FALSE(loaded.ok());
  std::string lines;
  for (std::size_t at = 0; at != std::string::npos && at < loaded.error().size();
       at = loaded.error().find('\n', at + 1))
    lines += loaded.error().substr(loaded.error().find(':', at) + 1, 1);
  EXPECT_EQ(lines, "2345");
}

/// The parts of a file meet in what the SDK is started with.
TEST(LoadFile, SaysHowMetricsLogsAndPropagationAreMade) {
  const auto loaded = load_text(
      "observability:\n"
      "  metrics: {http_duration_buckets: [0.1, 1], include_labels: [agent_id], exclude_labels: [secret]}\n"
      "  logging: {level: warn, format: text, output: stderr, message_key: message, debug_sample_rate: 0.01}\n"
      "  health_port: 8080\n",
      FileFormat::kYaml, "f", {{}, environment_of({{"OTEL_PROPAGATORS", "b3"}})});
  ASSERT_TRUE(loaded.ok()) << loaded.error();
  const Options& options = loaded.value().options;
  ASSERT_EQ(options.metrics.views.size(), 1u);
  EXPECT_EQ(options.metrics.views[0].instrument_name, "*http*duration*");
  EXPECT_THAT(options.metrics.views[0].bounds, ElementsAre(0.1, 1));
  EXPECT_THAT(options.metrics.include_attributes, ElementsAre("agent_id"));
  EXPECT_THAT(options.metrics.exclude_attributes, ElementsAre("secret"));
  EXPECT_EQ(options.logs.least, Severity::kWarn);
  EXPECT_EQ(options.logs.debug_sample_rate, 0.01);
  ASSERT_EQ(options.logs.outputs.size(), 1u);
  EXPECT_EQ(options.logs.outputs[0].target, LogTarget::kStderr);
  EXPECT_EQ(options.logs.outputs[0].format, LogFormat::kText);
  EXPECT_EQ(options.health_port, 8080);
  EXPECT_NE(options.propagators, nullptr);
}

TEST(ConfiguredOptions, AreThoseOfTheFileAloneWhereOneIsNamed) {
  const TemporaryFile file("observability: {service_version: '3'}\n", ".yaml");
  LoadSettings settings;
  settings.environment = environment_of({{"OTEL_CONFIG_FILE", file.path()}, {"OTEL_SERVICE_NAME", "of-env"}});
  const Result<Options> named = configured_options("of-code", settings);
  ASSERT_TRUE(named.ok()) << named.error();
  EXPECT_EQ(named.value().service_name, "of-code");
  EXPECT_EQ(named.value().service_version, "3");
  settings.environment = environment_of({{"OTEL_SERVICE_NAME", "of-env"}});
  EXPECT_EQ(configured_options("of-code", settings).value().service_name, "of-env");
  settings.environment = environment_of({{"OTEL_CONFIG_FILE", "/nowhere"}});
  EXPECT_THAT(configured_options("of-code", settings).error(), HasSubstr("/nowhere: cannot be opened"));
}

TEST(OwnForm, SurvivesMutatedFiles) {
  const std::string good =
      "observability:\n  tracing: true\n  sampling_rate: 0.1\n  endpoint: 'tempo:4317'\n  headers: {a: '${K}'}\n"
      "  span_timeout: 60s\n  metrics: {x_buckets: [1, 2]}\n  logging: {level: info}\nagents: [{name: x}]\n";
  constexpr std::string_view kLetters = "{}[]:-#&*'\"$ \n0.xae";
  std::mt19937 random(5);
  for (int round = 0; round < 10'000; ++round) {
    std::string text = good;
    for (std::size_t i = 1 + random() % 4; i > 0; --i) {
      const std::size_t at = random() % text.size();
      if (random() % 2 == 0) {
        text[at] = kLetters[random() % kLetters.size()];
      } else {
        text.erase(at, 1 + random() % 3);
      }
    }
    const auto loaded = load(text, {{"K", "v"}});
    ASSERT_TRUE(loaded.ok() || !loaded.error().empty());
  }
}

}  // namespace
}  // namespace sextant::config
