// What is exported, decoded by protoc from tables of the format's fields: a decoder that shares nothing with the SDK.
// And bytes that protoc has encoded, exported as JSON.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "sextant/sextant.h"
#include "tests/support/folder.h"
#include "tests/support/receiver.h"

namespace sextant {
namespace {

constexpr const char* kFolder = SEXTANT_PROTO_FOLDER;

enum class Direction { kDecode, kEncode };

/// Runs protoc on a text of bytes; empty where it fails.
std::string protoc(Direction direction, const std::string& message, const std::string& proto,
                   const std::string& input) {
  test::Folder folder;
  const std::string in = folder.write_text("in", input);
  const std::string out = folder.path_of("out");
  const std::string command = std::string("protoc -I '") + kFolder + "' " +
                              (direction == Direction::kDecode ? "--decode" : "--encode") + "=sextant.test." + message +
                              " " + proto + " < " + in + " > " + out;
  return std::system(command.c_str()) == 0 ? test::read_file(out) : std::string();
}

/// Skips where there is no protoc, or no tables (the SDK alone).
class DecodedTest : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("protoc --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "protoc is missing (protobuf-compiler)";
    if (test::read_file(std::string(kFolder) + "/otlp_metrics.proto").empty())
      GTEST_SKIP() << "the field tables are missing at " << kFolder;
  }
};

/// The values of a field in protoc's text form, `name: "…"` with octal escapes undone, at that depth of nesting.
std::vector<std::string> values_of(const std::string& text, const std::string& field, std::size_t depth) {
  const std::string begin = "\n" + std::string(2 * depth, ' ') + field + ": \"";
  std::vector<std::string> values;
  for (std::size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at)) {
    std::string value;
    for (at += begin.size(); text[at] != '"'; ++at) {
      if (text[at] != '\\') {
        value += text[at];
      } else if (text[at + 1] >= '0' && text[at + 1] <= '7') {
        value += static_cast<char>(std::stoi(text.substr(at + 1, 3), nullptr, 8));
        at += 3;
      } else {
        const char next = text[++at];
        value += next == 'n' ? '\n' : next == 'r' ? '\r' : next == 't' ? '\t' : next;
      }
    }
    values.push_back(std::move(value));
  }
  return values;
}

std::string raw(const SpanId& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

TEST_F(DecodedTest, EverySpanOfEveryThreadIsThereOnce) {
  test::Receiver receiver;
  OtlpHttpSettings settings;
  settings.endpoint = receiver.url();
  Options options;
  options.sampler = always_on();
  options.service_name = "decoded";
  options.exporters = {otlp_http(settings)};
  options.span_queue.items_max = 65'536;
  auto sdk = Sdk::start(std::move(options));
  ASSERT_TRUE(sdk) << sdk.error();
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kSpans = 1'000;
  std::vector<std::multiset<std::string>> ids(kThreads);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      const Tracer tracer = sextant::tracer("decoded." + std::to_string(t));
      for (std::size_t i = 0; i < kSpans; ++i) {
        Span span = tracer.start("span", {{"index", i}, {"text", "wörds \"\n"}});
        span.set("list", View<std::string_view>({"a", "b"})).add_event("event", {{"k", 0.5}}).add_link(span.context());
        span.set_status(StatusCode::kError, "no");
        ids[t].insert(raw(span.context().span_id));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(sdk->flush(std::chrono::seconds(120)).complete);
  const Stats stats = sdk->stats();
  std::multiset<std::string> decoded;
  std::size_t events = 0;
  for (const test::Received& request : receiver.requests()) {
    const std::string text = protoc(Direction::kDecode, "TracesData", "otlp_trace.proto", request.body);
    ASSERT_FALSE(text.empty());
    for (std::string& id : values_of(text, "span_id", 3)) decoded.insert(std::move(id));
    events += values_of(text, "name", 4).size();
    EXPECT_THAT(text, testing::Not(testing::ContainsRegex("\n +[0-9]+:")));  // no field that the tables do not know
  }
  std::multiset<std::string> made;
  for (const auto& of_thread : ids) made.insert(of_thread.begin(), of_thread.end());
  EXPECT_EQ(decoded, made);
  EXPECT_EQ(decoded.size(), kThreads * kSpans);
  EXPECT_EQ(stats.exporters[0].sent, kThreads * kSpans);
  EXPECT_EQ(events, kThreads * kSpans);
}

/// The JSON that the exporter makes of what protoc encodes.
std::string json_of(Signal signal, const std::string& message, const std::string& proto, const std::string& text) {
  test::Receiver receiver;
  OtlpHttpSettings settings;
  settings.endpoint = receiver.url();
  settings.encoding = OtlpEncoding::kJson;
  const ExportResult result = otlp_http(settings)->send({signal, 1, protoc(Direction::kEncode, message, proto, text)},
                                                        Deadline::after(std::chrono::seconds(60)));
  EXPECT_EQ(result.code, ExportCode::kTaken) << result.message;
  return receiver.requests().at(0).body;
}

TEST_F(DecodedTest, LogsOfAnotherEncoderBecomeJson) {
  EXPECT_EQ(json_of(Signal::kLogs, "LogsData", "otlp_logs.proto", R"(
resource_logs { scope_logs { scope { name: "s" } log_records {
  time_unix_nano: 1 observed_time_unix_nano: 2 severity_number: 9 severity_text: "INFO"
  body { kvlist_value { values { key: "a" value { array_value { values { int_value: -3 } values { bytes_value: "\377" } } } } } }
  attributes { key: "d" value { double_value: inf } } dropped_attributes_count: 4 flags: 1
  trace_id: "0123456789abcdef" span_id: "01234567" event_name: "e" } } schema_url: "u" })"),
            R"({"resourceLogs":[{"scopeLogs":[{"scope":{"name":"s"},"logRecords":[{"timeUnixNano":"1",)"
            R"("observedTimeUnixNano":"2","severityNumber":9,"severityText":"INFO","body":{"kvlistValue":{"values":[)"
            R"({"key":"a","value":{"arrayValue":{"values":[{"intValue":"-3"},{"bytesValue":"/w=="}]}}}]}},)"
            R"("attributes":[{"key":"d","value":{"doubleValue":"Infinity"}}],"droppedAttributesCount":4,"flags":1,)"
            R"("traceId":"30313233343536373839616263646566","spanId":"3031323334353637","eventName":"e"}]}],)"
            R"("schemaUrl":"u"}]})");
}

TEST_F(DecodedTest, MetricsOfAnotherEncoderBecomeJson) {
  EXPECT_EQ(
      json_of(Signal::kMetrics, "MetricsData", "otlp_metrics.proto", R"(
resource_metrics { scope_metrics {
  metrics { name: "g" gauge { data_points { as_double: nan flags: 1 } } }
  metrics { name: "s" description: "d" unit: "1" sum { aggregation_temporality: AGGREGATION_TEMPORALITY_CUMULATIVE
    is_monotonic: true data_points { attributes { key: "k" value { bool_value: true } } start_time_unix_nano: 1
    time_unix_nano: 2 as_int: -5 exemplars { time_unix_nano: 3 as_int: 4 span_id: "01234567" } } } }
  metrics { name: "h" histogram { data_points { count: 3 sum: 1.5 bucket_counts: [1, 2] explicit_bounds: [0.5] min: 0
    max: 1 } } }
  metrics { name: "e" exponential_histogram { data_points { count: 1 scale: -2 zero_count: 7 positive { offset: -1
    bucket_counts: [1, 300] } zero_threshold: 0.25 } } }
  metrics { name: "q" summary { data_points { count: 2 sum: 3 quantile_values { quantile: 0.5 value: 1 } } } } } })"),
      R"({"resourceMetrics":[{"scopeMetrics":[{"metrics":[)"
      R"({"name":"g","gauge":{"dataPoints":[{"asDouble":"NaN","flags":1}]}},)"
      R"({"name":"s","description":"d","unit":"1","sum":{"dataPoints":[{"attributes":[{"key":"k",)"
      R"("value":{"boolValue":true}}],"startTimeUnixNano":"1","timeUnixNano":"2","asInt":"-5",)"
      R"("exemplars":[{"timeUnixNano":"3","asInt":"4","spanId":"3031323334353637"}]}],)"
      R"("aggregationTemporality":2,"isMonotonic":true}},)"
      R"({"name":"h","histogram":{"dataPoints":[{"count":"3","sum":1.5,"bucketCounts":["1","2"],)"
      R"("explicitBounds":[0.5],"min":0,"max":1}]}},)"
      R"({"name":"e","exponentialHistogram":{"dataPoints":[{"count":"1","scale":-2,"zeroCount":"7",)"
      R"("positive":{"offset":-1,"bucketCounts":["1","300"]},"zeroThreshold":0.25}]}},)"
      R"({"name":"q","summary":{"dataPoints":[{"count":"2","sum":3,"quantileValues":[{"quantile":0.5,"value":1}]}]}}]}]}]})");
}

}  // namespace
}  // namespace sextant
