// What Prometheus is given to read, by its bytes and by Prometheus' own tool.
#include "sextant/prometheus.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <sstream>

#include "base/buffer.h"
#include "metrics/test_support.h"
#include "otlp/value_writer.h"
#include "sextant/metrics.h"
#include "sextant/sextant.h"

namespace sextant::metrics {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr PrometheusOptions kPlain{PrometheusNames::kWithSuffixes, false, false};

struct Named {
  InstrumentKind kind;
  const char* name;
  const char* unit;
  const char* expected;
};

std::string name_of_instrument(const Named& named, PrometheusName rule, PrometheusNames names) {
  Instrument instrument;
  instrument.kind = named.kind;
  instrument.unit = named.unit;
  instrument.prometheus_name = rule;
  Stream stream;
  stream.instrument = &instrument;
  stream.name = named.name;
  stream.op = named.kind == InstrumentKind::kHistogram ? Op::kExplicit
              : named.kind == InstrumentKind::kGauge   ? Op::kLastInt
                                                       : Op::kSumInt;
  return prometheus_name(stream, names);
}

TEST(Prometheus, NamesGetUnitAndTotalWhereTheyAreMissing) {
  using Kind = InstrumentKind;
  const Named cases[] = {
      {Kind::kCounter, "http.requests", "", "http_requests_total"},
      {Kind::kCounter, "http_requests_total", "{request}", "http_requests_total"},
      {Kind::kCounter, "chat_tokens_total", "{token}", "chat_tokens_total"},
      {Kind::kCounter, "io", "By", "io_bytes_total"},
      {Kind::kCounter, "caxton_network_bytes_total", "By", "caxton_network_bytes_total"},
      {Kind::kCounter, "io.total", "By", "io_bytes_total"},
      {Kind::kCounter, "events", "1", "events_total"},
      {Kind::kUpDownCounter, "queue", "{item}", "queue"},
      {Kind::kGauge, "caxton_agents_total", "", "caxton_agents_total"},
      {Kind::kGauge, "cpu.usage", "1", "cpu_usage_ratio"},
      {Kind::kGauge, "caxton_runtime_cpu_usage_ratio", "1", "caxton_runtime_cpu_usage_ratio"},
      {Kind::kGauge, "speed", "m/s", "speed_meters_per_second"},
      {Kind::kGauge, "rate", "{request}/s", "rate_per_second"},
      {Kind::kGauge, "temperature", "Cel", "temperature_celsius"},
      {Kind::kGauge, "odd", "foo%bar", "odd_foo_bar"},
      {Kind::kHistogram, "http_request_duration_seconds", "s", "http_request_duration_seconds"},
      {Kind::kHistogram, "gen_ai.client.operation.duration", "ms", "gen_ai_client_operation_duration_milliseconds"},
      {Kind::kGauge, "a..b--c/d", "", "a_b_c_d"},
  };
  for (const Named& one : cases)
    EXPECT_EQ(name_of_instrument(one, PrometheusName::kTranslated, PrometheusNames::kWithSuffixes), one.expected)
        << one.name;
}

TEST(Prometheus, ExactNamesAndTheOptionLeaveNamesAlone) {
  for (const char* name : {"aixgo_llm_tokens_input", "caxton_agents_total", "http_requests_total", "plain"}) {
    const Named one{InstrumentKind::kCounter, name, "s", name};
    EXPECT_EQ(name_of_instrument(one, PrometheusName::kExact, PrometheusNames::kWithSuffixes), name);
    EXPECT_EQ(name_of_instrument(one, PrometheusName::kTranslated, PrometheusNames::kWithoutSuffixes), name);
  }
  const Named dotted{InstrumentKind::kCounter, "a.b", "s", "a_b"};
  EXPECT_EQ(name_of_instrument(dotted, PrometheusName::kExact, PrometheusNames::kWithSuffixes), "a_b");
}

std::string resource_bytes() {
  Buffer<256> out;
  otlp::append_attribute<1>(out, {"service.name", "agent \"7\""}, {});
  otlp::append_attribute<1>(out, {"host.name", "h\\n\n"}, {});
  return std::string(out.view());
}

void record_some() {
  const Meter meter = sextant::meter("prom", "1.0", "https://example.org/schema", {{"team", "core"}});
  meter.counter("calls", {"{call}", "Calls \"made\"\nback\\slash."}).add(3, {{"http.method", "GET"}, {"code", 200}});
  meter.counter<double>("busy", {"s"}).add(0.5);
  meter.counter("exact_calls", {"", "", {}, PrometheusName::kExact}).add(1);
  meter.gauge("level", {"By", "Level."}).set(-1.5);
  meter.gauge<std::int64_t>("agents_total").set(4);
  const double bounds[] = {0.5, 1};
  const auto histogram = meter.histogram("latency", {"s", "Latency.", View<double>(bounds, 2)});
  for (const double value : {0.25, 0.5, 0.75, 3.0}) histogram.record(value, {{"model", "m"}});
}

constexpr const char* kScope =
    "otel_scope_name=\"prom\",otel_scope_version=\"1.0\",otel_scope_schema_url=\"https://example.org/schema\","
    "otel_scope_team=\"core\"";

TEST(Prometheus, TheTextFormatHasHelpTypesLabelsAndBuckets) {
  const Running running({}, resource_bytes());
  record_some();
  std::string expected =
      "# TYPE target_info gauge\n# HELP target_info Target metadata\n"
      "target_info{service_name=\"agent \\\"7\\\"\",host_name=\"h\\\\n\\n\"} 1\n"
      "# TYPE agents_total gauge\nagents_total{S} 4\n"
      "# TYPE busy_seconds_total counter\nbusy_seconds_total{S} 0.5\n"
      "# TYPE calls_total counter\n# HELP calls_total Calls \"made\"\\nback\\\\slash.\n"
      "calls_total{S,code=\"200\",http_method=\"GET\"} 3\n"
      "# TYPE exact_calls counter\nexact_calls{S} 1\n"
      "# TYPE latency_seconds histogram\n# HELP latency_seconds Latency.\n"
      "latency_seconds_bucket{S,model=\"m\",le=\"0.5\"} 2\n"
      "latency_seconds_bucket{S,model=\"m\",le=\"1\"} 3\n"
      "latency_seconds_bucket{S,model=\"m\",le=\"+Inf\"} 4\n"
      "latency_seconds_sum{S,model=\"m\"} 4.5\nlatency_seconds_count{S,model=\"m\"} 4\n"
      "# TYPE level_bytes gauge\n# HELP level_bytes Level.\nlevel_bytes{S} -1.5\n";
  for (std::size_t at = 0; (at = expected.find("{S", at)) != std::string::npos;) expected.replace(at + 1, 1, kScope);
  EXPECT_EQ(prometheus_text(), expected);
}

TEST(Prometheus, OpenMetricsNamesCountersWithoutTotalAndEndsWithEof) {
  const Running running({}, resource_bytes());
  record_some();
  const std::string text =
      prometheus_text(PrometheusFormat::kOpenMetrics, {PrometheusNames::kWithSuffixes, true, false});
  EXPECT_THAT(text, HasSubstr("# TYPE target info\n# HELP target Target metadata\ntarget_info{service_name="));
  EXPECT_THAT(text,
              HasSubstr("# TYPE calls counter\n# HELP calls Calls \\\"made\\\"\\nback\\\\slash.\ncalls_total{code="));
  EXPECT_THAT(text, HasSubstr("# TYPE busy_seconds counter\n# UNIT busy_seconds seconds\nbusy_seconds_total 0.5\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE exact_calls unknown\nexact_calls 1\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE agents_total gauge\nagents_total 4\n"));
  EXPECT_THAT(text, HasSubstr("latency_seconds_bucket{model=\"m\",le=\"1.0\"} 3\n"));
  EXPECT_EQ(text.substr(text.size() - 6), "# EOF\n");
}

TEST(Prometheus, OpenMetricsHasExemplarsOnCountersAndBuckets) {
  const Running running;
  const auto counter = sextant::meter("prom.exemplars").counter("calls");
  const auto histogram = sextant::meter("prom.exemplars").histogram("latency");
  SpanContext span;
  span.trace_id.bytes.fill(0xab);
  span.span_id.bytes.fill(0xcd);
  span.flags = trace_flags::kSampled;
  {
    const Scope scope(Context().with_span(span));
    counter.add(7);
    histogram.record(30);
  }
  const std::string text = prometheus_text(PrometheusFormat::kOpenMetrics, kPlain);
  const std::string ids = "{trace_id=\"abababababababababababababababab\",span_id=\"cdcdcdcdcdcdcdcd\"}";
  EXPECT_THAT(text, HasSubstr("calls_total 7 # " + ids + " 7 "));
  EXPECT_THAT(text, HasSubstr("latency_bucket{le=\"50.0\"} 1 # " + ids + " 30 "));
  EXPECT_THAT(text, HasSubstr("latency_bucket{le=\"75.0\"} 1\n"));
  EXPECT_THAT(prometheus_text(PrometheusFormat::kText, kPlain), Not(HasSubstr("trace_id")));
  EXPECT_THAT(prometheus_text(PrometheusFormat::kOpenMetrics, kPlain), HasSubstr(ids));
}

TEST(Prometheus, AWholeCollectionDoesNotDisturbReaders) {
  const Running running;
  const auto reader = attached(Temporality::kDelta);
  const auto histogram = sextant::meter("prom.readers").histogram("undisturbed");
  histogram.record(1);
  histogram.record(9);
  prometheus_text();
  histogram.record(5);
  const WirePoint point = collect(*reader)["undisturbed"].points.at(0);
  EXPECT_EQ(point.count, 3u);
  EXPECT_EQ(point.min, 1);
  EXPECT_EQ(point.max, 9);
}

TEST(Prometheus, LabelsThatBecomeTheSameAreJoinedAndLeStaysTheBuckets) {
  const Running running;
  const Meter meter = sextant::meter("prom.labels");
  meter.counter("joined").add(1, {{"a.b", "x"}, {"a-b", "y"}, {"1st", "z"}, {"le", 5}});
  EXPECT_THAT(prometheus_text(PrometheusFormat::kText, kPlain),
              HasSubstr("joined_total{key_1st=\"z\",a_b=\"y;x\",le_=\"5\"} 1\n"));
}

TEST(Prometheus, ValuesThatAreNoTextsAreWrittenAsJson) {
  const Running running;
  const std::vector<std::string> list = {"a\"b", "c"};
  sextant::meter("prom.values")
      .counter("valued")
      .add(1, {{"b", Bytes{"\x01\x02", 2}}, {"d", 0.5}, {"l", list}, {"t", true}});
  EXPECT_THAT(
      prometheus_text(PrometheusFormat::kText, kPlain),
      HasSubstr("valued_total{b=\"\\\"AQI=\\\"\",d=\"0.5\",l=\"[\\\"a\\\\\\\"b\\\",\\\"c\\\"]\",t=\"true\"} 1\n"));
}

TEST(Prometheus, NumbersThatAreNoneAreWrittenAsPrometheusReadsThem) {
  const Running running;
  const auto gauge = sextant::meter("prom.numbers").gauge("number");
  const double infinity = std::numeric_limits<double>::infinity();
  gauge.set(infinity, {{"n", 1}});
  gauge.set(-infinity, {{"n", 2}});
  gauge.set(1e21, {{"n", 3}});
  EXPECT_EQ(prometheus_text(PrometheusFormat::kText, kPlain),
            "# TYPE number gauge\nnumber{n=\"1\"} +Inf\nnumber{n=\"2\"} -Inf\nnumber{n=\"3\"} 1e+21\n");
}

TEST(Prometheus, ExponentialHistogramsBecomeAtMostTwentyBuckets) {
  MetricOptions options;
  options.histogram_aggregation = Aggregation::kExponentialHistogram;
  const Running running(options);
  const auto histogram = sextant::meter("prom.exponential").histogram("spread");
  histogram.record(0);
  for (int i = 1; i <= 1'000; ++i) histogram.record(i);
  histogram.record(std::numeric_limits<double>::max());
  const std::string text = prometheus_text(PrometheusFormat::kText, kPlain);
  std::size_t buckets = 0;
  for (std::size_t at = 0; (at = text.find("_bucket{", at)) != std::string::npos; ++at) ++buckets;
  EXPECT_LE(buckets, 22u);
  EXPECT_THAT(text, HasSubstr("spread_bucket{le=\"0\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("spread_bucket{le=\"+Inf\"} 1002\n"));
  EXPECT_THAT(text, HasSubstr("spread_count 1002\n"));
}

TEST(Prometheus, WhatHasTheNameOfAnotherTypeOrTheSameLabelsIsLeftOutAndSaid) {
  const Said said;
  const Running running;
  const Meter meter = sextant::meter("prom.conflict");
  meter.counter("same").add(1);
  meter.gauge("same.total").set(2);
  meter.gauge("twin", {"s"}).set(1);
  meter.gauge<std::int64_t>("twin.seconds").set(2);
  EXPECT_EQ(prometheus_text(PrometheusFormat::kText, kPlain),
            "# TYPE same_total counter\nsame_total 1\n# TYPE twin_seconds gauge\ntwin_seconds 1\n");
  EXPECT_THAT(said.text(), HasSubstr("two metrics of different types have the same Prometheus name: one is left out: "
                                     "same_total"));
  EXPECT_THAT(said.text(), HasSubstr("two metrics have the same Prometheus name and labels: one is left out: "
                                     "twin_seconds"));
}

TEST(Prometheus, WithoutAnSdkThereIsNothing) {
  EXPECT_EQ(prometheus_text(), "");
  EXPECT_EQ(prometheus_text(PrometheusFormat::kOpenMetrics), "# EOF\n");
}

TEST(Prometheus, TheAcceptHeaderChoosesTheFormat) {
  EXPECT_EQ(prometheus_format_for(""), PrometheusFormat::kText);
  EXPECT_EQ(prometheus_format_for("*/*"), PrometheusFormat::kText);
  EXPECT_EQ(prometheus_format_for("application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3"),
            PrometheusFormat::kOpenMetrics);
  EXPECT_EQ(prometheus_format_for("text/plain;q=0.9, application/openmetrics-text; q=0.1"), PrometheusFormat::kText);
  EXPECT_EQ(prometheus_format_for("application/openmetrics-text"), PrometheusFormat::kOpenMetrics);
  EXPECT_EQ(prometheus_format_for(",,;q=,"), PrometheusFormat::kText);
  EXPECT_STREQ(prometheus_content_type(PrometheusFormat::kText), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_STREQ(prometheus_content_type(PrometheusFormat::kOpenMetrics),
               "application/openmetrics-text; version=1.0.0; charset=utf-8");
}

bool has_promtool() {
  return std::system("command -v promtool > /dev/null 2>&1") == 0;
}
constexpr const char* kNoPromtool = "promtool is not installed: Debian's package `prometheus` has it";

/// Runs a command with the text in the file that `$FILE` names; its exit status, and what it says.
int run_with_file(const std::string& command, const std::string& text, std::string& said) {
  const std::string file = testing::TempDir() + "/sextant_metrics_" + std::to_string(getpid());
  std::FILE* out = std::fopen(file.c_str(), "w");
  std::fwrite(text.data(), 1, text.size(), out);
  std::fclose(out);
  std::FILE* tool = popen(("FILE='" + file + "'; { " + command + "; } 2>&1").c_str(), "r");
  char line[512];
  while (std::fgets(line, sizeof(line), tool) != nullptr) said += line;
  const int status = pclose(tool);
  std::remove(file.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void record_for_promtool() {
  const Meter meter = sextant::meter("prom.tool", "1.0");
  meter.counter("tool.calls", {"{call}", "Calls \"made\"\nback\\slash."})
      .add(3, {{"text", "quote \" slash \\ \n \xff end"}});
  meter.gauge("tool.level", {"By", "Level."}).set(-1.5);
  const auto latency = meter.histogram("tool.latency", {"s", "Latency."});
  for (int i = 0; i < 100; ++i) latency.record(i, {{"model", i % 3}});
}

TEST(Prometheus, PromtoolAcceptsTheText) {
  if (!has_promtool()) GTEST_SKIP() << kNoPromtool;
  const Running running({}, resource_bytes());
  record_for_promtool();
  std::string said;
  EXPECT_EQ(run_with_file("promtool check metrics < $FILE", prometheus_text(), said), 0) << said;
  EXPECT_EQ(said, "");
}

TEST(Prometheus, PromtoolReadsOpenMetricsIntoBlocks) {
  if (!has_promtool()) GTEST_SKIP() << kNoPromtool;
  MetricOptions options;
  options.exemplar_filter = ExemplarFilter::kAlwaysOn;
  const Running running(options, resource_bytes());
  record_for_promtool();
  sextant::meter("prom.tool").counter("tool.exact", {"", "", {}, PrometheusName::kExact}).add(1);
  // Blocks need the time of each sample, which a scrape leaves to the server.
  std::string timed;
  std::istringstream lines(prometheus_text(PrometheusFormat::kOpenMetrics));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t end = std::min(line.find(" # {"), line.size());
    timed += line[0] == '#' ? line : line.substr(0, end) + " 1700000000" + line.substr(end);
    timed += '\n';
  }
  std::string said;
  const int status = run_with_file(
      "DIR=$(mktemp -d) && promtool tsdb create-blocks-from openmetrics $FILE $DIR; STATUS=$?; rm -r $DIR; exit "
      "$STATUS",
      timed, said);
  EXPECT_EQ(status, 0) << said << timed;
}

}  // namespace
}  // namespace sextant::metrics
