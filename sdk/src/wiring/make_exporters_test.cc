// From settings to exporters: who gets what, where, and what is said where something cannot be made.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sextant/in_memory.h"
#include "tests/support/receiver.h"
#include "tests/support/variables.h"
#include "wiring/env.h"
#include "wiring/exporter_wraps.h"
#include "wiring/options_from.h"
#include "wiring/otlp_target.h"

namespace sextant::wiring {
namespace {

using test::Answer;
using test::environment_of;
using test::Receiver;
using test::Variables;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Settings settings_of(Variables variables) {
  Settings settings;
  EXPECT_THAT(read_environment(environment_of(std::move(variables)), settings), IsEmpty());
  return settings;
}

std::vector<std::string> names_of(const std::vector<ExporterPtr>& exporters) {
  std::vector<std::string> names;
  for (const ExporterPtr& exporter : exporters) {
    std::string name = exporter->name() + " ";
    for (const Signal signal : {Signal::kTraces, Signal::kMetrics, Signal::kLogs})
      name += exporter->wants(signal) ? "tml"[static_cast<int>(signal)] : '-';
    names.push_back(std::move(name));
  }
  return names;
}

/// Takes note of how it was made.
class Noted final : public Exporter {
 public:
  explicit Noted(std::string name) : name_(std::move(name)) {}
  bool wants(Signal) const noexcept override { return true; }
  ExportResult send(const Batch&, const Deadline&) override { return {}; }
  std::string name() const override { return name_; }

 private:
  std::string name_;
};

Makers all_makers() {
  Makers makers;
  makers.https = [](const TlsFiles&) { return plain_http(); };
  makers.otlp_grpc = [](const OtlpGrpcTarget& target) {
    return std::make_shared<Noted>("grpc " + target.address + (target.tls ? " tls " : " plain ") +
                                   target.tls_files.authorities);
  };
  makers.console = [](bool traces, bool metrics, bool logs) {
    return std::make_shared<Noted>(std::string("console ") + (traces ? "t" : "-") + (metrics ? "m" : "-") +
                                   (logs ? "l" : "-"));
  };
  makers.datadog = [](const std::string& endpoint) { return std::make_shared<Noted>("datadog " + endpoint); };
  return makers;
}

std::vector<std::string> made(const Settings& settings, const Makers& makers = {}) {
  std::vector<std::string> notes;
  return names_of(options_from(settings, makers).options.exporters);
}

std::vector<std::string> notes_of(const Settings& settings) {
  return options_from(settings, {}).notes;
}

std::string target(Variables variables, Signal signal) {
  const OtlpTarget to = target_of(settings_of(std::move(variables)), signal);
  return to.protocol == OtlpProtocol::kGrpc ? "grpc " + to.scheme + " " + to.address : to.url;
}

TEST(OtlpTarget, AppendsPathsToTheGeneralAddressAlone) {
  EXPECT_EQ(target({}, Signal::kTraces), "http://127.0.0.1:4318/v1/traces");
  const Variables general{{"OTEL_EXPORTER_OTLP_ENDPOINT", "https://gateway/otlp/"}};
  EXPECT_EQ(target(general, Signal::kMetrics), "https://gateway/otlp/v1/metrics");
  EXPECT_EQ(target({{"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://logs:3100/otlp"}}, Signal::kLogs),
            "http://logs:3100/otlp");
}

TEST(OtlpTarget, TakesPort4317ForGrpcUnlessAProtocolIsNamed) {
  EXPECT_EQ(target({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4317"}}, Signal::kTraces), "grpc http c:4317");
  EXPECT_EQ(target({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4317"}, {"OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"}},
                   Signal::kTraces),
            "http://c:4317/v1/traces");
  EXPECT_EQ(target({{"OTEL_EXPORTER_OTLP_ENDPOINT", "c:99"}, {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}}, Signal::kTraces),
            "grpc https c:99");
  EXPECT_EQ(
      target({{"OTEL_EXPORTER_OTLP_ENDPOINT", "c:4317"}, {"OTEL_EXPORTER_OTLP_INSECURE", "true"}}, Signal::kTraces),
      "grpc http c:4317");
}

TEST(OtlpTarget, TakesTheShorterOfTwoTimeouts) {
  EXPECT_EQ(target_of(settings_of({}), Signal::kTraces).timeout.count(), 10'000);
  EXPECT_EQ(target_of(settings_of({{"OTEL_BSP_EXPORT_TIMEOUT", "300"}}), Signal::kTraces).timeout.count(), 300);
  EXPECT_EQ(target_of(settings_of({{"OTEL_EXPORTER_OTLP_TIMEOUT", "200"}, {"OTEL_BSP_EXPORT_TIMEOUT", "300"}}),
                      Signal::kTraces)
                .timeout.count(),
            200);
}

TEST(MakeExporters, SharesOneForSignalsOfOneReceiver) {
  EXPECT_THAT(made({}), ElementsAre("otlp http://127.0.0.1:4318 tml"));
  EXPECT_THAT(made(settings_of({{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://127.0.0.1:4318/own"}})),
              ElementsAre("otlp http://127.0.0.1:4318 tml"));
  EXPECT_THAT(made(settings_of({{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://user:pw@other:1/v1/metrics?key=1"}})),
              ElementsAre("otlp http://127.0.0.1:4318 t-l", "otlp http://other:1 -m-"));
  EXPECT_THAT(made(settings_of({{"OTEL_EXPORTER_OTLP_LOGS_HEADERS", "a=b"}, {"OTEL_METRICS_EXPORTER", "none"}})),
              ElementsAre("otlp http://127.0.0.1:4318 t--", "otlp http://127.0.0.1:4318 --l"));
}

TEST(MakeExporters, AsksMakersForWhatTheCoreDoesNotHold) {
  Settings settings = settings_of({{"OTEL_TRACES_EXPORTER", "otlp,console"},
                                   {"OTEL_LOGS_EXPORTER", "console"},
                                   {"OTEL_METRICS_EXPORTER", "prometheus"},
                                   {"OTEL_EXPORTER_OTLP_ENDPOINT", "https://c:4317"},
                                   {"OTEL_EXPORTER_OTLP_CERTIFICATE", "/ca.pem"}});
  settings.traces.exporters.push_back(ExporterKind::kDatadog);
  EXPECT_THAT(made(settings, all_makers()),
              ElementsAre("grpc c:4317 tls /ca.pem tml", "console t-l tml", "datadog http://127.0.0.1:8126 tml"));
}

TEST(MakeExporters, SendsToTheHttpPortWhereThereIsNoGrpc) {
  const Settings settings = settings_of({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4317"}});
  EXPECT_THAT(made(settings), ElementsAre("otlp http://c:4318 tml"));
  EXPECT_THAT(
      notes_of(settings),
      ElementsAre("http://c:4317 takes OTLP over gRPC, which this program does not have: OTLP over HTTP is sent to "
                  "http://c:4318 instead; link sextant::grpc, or configure the HTTP address"));
}

TEST(MakeExporters, SaysWhatCannotBeMade) {
  Settings settings = settings_of({{"OTEL_TRACES_EXPORTER", "otlp,console"},
                                   {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c:99"},
                                   {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc"},
                                   {"OTEL_EXPORTER_OTLP_ENDPOINT", "https://d"}});
  settings.traces.exporters.push_back(ExporterKind::kDatadog);
  EXPECT_THAT(made(settings), ElementsAre(HasSubstr("console stdout"), HasSubstr("datadog http://127.0.0.1:8126")));
  EXPECT_THAT(
      notes_of(settings),
      ElementsAre(HasSubstr("http://c:99 takes OTLP over gRPC, which this program does not have: nothing is sent"),
                  HasSubstr("https://d:443 needs TLS, which this program does not have")));
}

TEST(MakeExporters, MakesNothingWhereDisabled) {
  const BuiltOptions built = options_from(settings_of({{"OTEL_SDK_DISABLED", "true"}}), {});
  EXPECT_FALSE(built.options.traces);
  EXPECT_THAT(built.options.exporters, IsEmpty());
}

TEST(MakeExporters, SendsHeadersPathsAndTheLangfuseKeys) {
  Receiver otlp;
  Receiver langfuse;
  Settings settings = settings_of({{"OTEL_EXPORTER_OTLP_ENDPOINT", otlp.url() + "/base"},
                                   {"OTEL_EXPORTER_OTLP_HEADERS", "api-key=your-api-key"},
                                   {"OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"}});
  settings.llm = {true, "langfuse", langfuse.url(), "public", "secret"};
  const BuiltOptions built = options_from(settings, {});
  ASSERT_EQ(built.options.exporters.size(), 2u);
  for (const ExporterPtr& exporter : built.options.exporters) {
    EXPECT_EQ(exporter->send({Signal::kTraces, 1, "body"}, Deadline::after(std::chrono::seconds(60))).code,
              ExportCode::kTaken);
  }
  EXPECT_EQ(otlp.requests().at(0).start_line, "POST /base/v1/traces HTTP/1.1");
  EXPECT_EQ(otlp.requests().at(0).header("api-key"), "your-api-key");
  EXPECT_EQ(otlp.requests().at(0).header("content-encoding"), "gzip");
  EXPECT_EQ(langfuse.requests().at(0).start_line, "POST /api/public/otel/v1/traces HTTP/1.1");
  EXPECT_EQ(langfuse.requests().at(0).header("authorization"), "Basic cHVibGljOnNlY3JldA==");
  EXPECT_FALSE(built.options.exporters[1]->wants(Signal::kMetrics));
}

TEST(ScrapeAddress, IsThereForPrometheusAlone) {
  EXPECT_FALSE(scrape_address(settings_of({{"OTEL_EXPORTER_PROMETHEUS_PORT", "1"}})).has_value());
  EXPECT_FALSE(scrape_address(settings_of({{"OTEL_METRICS_EXPORTER", "prometheus"}, {"OTEL_SDK_DISABLED", "true"}})));
  const auto usual = scrape_address(settings_of({{"OTEL_METRICS_EXPORTER", "otlp,prometheus"}}));
  ASSERT_TRUE(usual.has_value());
  EXPECT_EQ(usual->host, "localhost");
  EXPECT_EQ(usual->port, 9'464);
  EXPECT_EQ(
      scrape_address(settings_of({{"OTEL_METRICS_EXPORTER", "prometheus"}, {"OTEL_EXPORTER_PROMETHEUS_PORT", "0"}}))
          ->port,
      0);
}

TEST(MakeExporters, KeepsToTheTimeoutOfEach) {
  Receiver hung([](const test::Received&) { return Answer{200, {}, {}, Answer::Manner::kHang}; });
  const Settings settings = settings_of({{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", hung.url()},
                                         {"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "20"},
                                         {"OTEL_EXPORTER_OTLP_TIMEOUT", "40000"}});
  const BuiltOptions built = options_from(settings, {});
  EXPECT_EQ(built.options.export_settings.timeout.count(), 40'000);
  ASSERT_EQ(built.options.exporters.size(), 2u);
  // Ends at all, though the deadline that it is given lies days ahead.
  const ExportResult result =
      built.options.exporters[0]->send({Signal::kTraces, 1, "body"}, Deadline::after(std::chrono::hours(100)));
  EXPECT_EQ(result.code, ExportCode::kRetry);
}

/// Answers as it is told to.
class Told final : public Exporter {
 public:
  explicit Told(ExportResult result) : result_(std::move(result)) {}
  bool wants(Signal signal) const noexcept override { return signal == Signal::kLogs; }
  ExportResult send(const Batch&, const Deadline&) override { return result_; }
  std::string name() const override { return "told"; }

 private:
  ExportResult result_;
};

TEST(ExporterWraps, LogEachExportAndItsOutcome) {
  std::vector<std::string> said;
  set_diagnostic_handler([&](LogLevel, std::string_view message) { said.emplace_back(message); });
  set_diagnostic_level(LogLevel::kInfo);
  const Batch batch{Signal::kLogs, 3, "12345"};
  const Deadline deadline = Deadline::after(std::chrono::seconds(60));
  with_log(std::make_shared<Told>(ExportResult{}))->send(batch, deadline);
  with_log(std::make_shared<Told>(ExportResult{ExportCode::kTaken, "two are odd", 2}))->send(batch, deadline);
  with_log(std::make_shared<Told>(ExportResult{ExportCode::kRetry, "away"}))->send(batch, deadline);
  with_log(std::make_shared<Told>(ExportResult{ExportCode::kRefused, "bad"}))->send(batch, deadline);
  EXPECT_TRUE(with_log(std::make_shared<Told>(ExportResult{}))->wants(Signal::kLogs));
  EXPECT_FALSE(with_log(std::make_shared<Told>(ExportResult{}))->wants(Signal::kTraces));
  set_diagnostic_handler({});
  set_diagnostic_level(LogLevel::kWarn);
  using testing::MatchesRegex;
  EXPECT_THAT(said, ElementsAre(MatchesRegex("export of logs to told: 3 items, 5 bytes, [0-9]+ us, taken"),
                                MatchesRegex(".* us, taken, 2 of them rejected: two are odd"),
                                MatchesRegex(".* us, to be tried again: away"), MatchesRegex(".* us, refused: bad")));
}

}  // namespace
}  // namespace sextant::wiring
