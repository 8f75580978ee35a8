// What Datadog's agent would receive, read by a decoder that shares nothing with the writer.
#include "sextant/datadog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "base/msgpack.h"
#include "export/datadog_span.h"
#include "export/request.h"
#include "otlp/value_writer.h"
#include "tests/support/msgpack_value.h"
#include "tests/support/receiver.h"

namespace sextant {
namespace {

using test::MsgpackValue;
using testing::HasSubstr;

/// A span's bytes, field by field.
class SpanBytes {
 public:
  explicit SpanBytes(char trace = 1, char span = 2, int kind = 1, const std::string& name = "step") {
    add<1>(std::string(8, static_cast<char>(trace + 16)) + std::string(8, trace));
    add<2>(std::string(8, span));
    add<5>(name);
    number<6>(static_cast<std::uint64_t>(kind));
    fixed<7>(1'700'000'000'000'000'000);
    fixed<8>(1'700'000'000'000'000'250);
  }
  SpanBytes& set(std::string_view key, const Value& value) { return attribute<9>(out_, key, value); }
  template <std::uint32_t kField>
  SpanBytes& add(const std::string& content) {
    std::string bytes(content.size() + 20, '\0');
    out_.append(bytes.data(), otlp::write_bytes<kField>(bytes.data(), content));
    return *this;
  }
  template <std::uint32_t kField>
  SpanBytes& number(std::uint64_t value) {
    char bytes[20];
    out_.append(bytes, otlp::write_varint(otlp::write_tag<kField>(bytes, otlp::WireType::kVarint), value));
    return *this;
  }
  template <std::uint32_t kField>
  SpanBytes& fixed(std::uint64_t value) {
    char bytes[20];
    out_.append(bytes, otlp::write_fixed64(otlp::write_tag<kField>(bytes, otlp::WireType::kFixed64), value));
    return *this;
  }
  /// An attribute as a field of any message.
  template <std::uint32_t kField>
  SpanBytes& attribute(std::string& message, std::string_view key, const Value& value) {
    message += key_value<kField>(key, value);
    return *this;
  }
  template <std::uint32_t kField>
  static std::string key_value(std::string_view key, const Value& value) {
    const std::size_t value_bytes = otlp::value_size(value, {});
    std::string bytes(value_bytes + key.size() + 40, '\0');
    char* out = otlp::write_tag<kField>(bytes.data(), otlp::WireType::kBytes);
    out = otlp::write_varint(out, otlp::bytes_field_size(key.size()) + otlp::bytes_field_size(value_bytes));
    out = otlp::write_bytes<1>(out, key);
    out = otlp::write_varint(otlp::write_tag<2>(out, otlp::WireType::kBytes), value_bytes);
    bytes.resize(static_cast<std::size_t>(otlp::write_value(out, value, {}) - bytes.data()));
    return bytes;
  }
  const std::string& bytes() const { return out_; }

 private:
  std::string out_;
};

Batch batch_of(const std::vector<SpanBytes>& spans) {
  std::string resource =
      SpanBytes::key_value<1>("service.name", "shop") + SpanBytes::key_value<1>("service.version", "1.2") +
      SpanBytes::key_value<1>("deployment.environment.name", "prod") + SpanBytes::key_value<1>("process.pid", 77);
  std::vector<queue::Record> records;
  for (const SpanBytes& span : spans) records.push_back({0, static_cast<std::uint32_t>(records.size()), span.bytes()});
  return {Signal::kTraces, spans.size(), exporting::build_request(resource, {}, records)};
}

/// The traces that the agent gets for these spans.
MsgpackValue sent(const std::vector<SpanBytes>& spans) {
  test::Receiver agent;
  DatadogSettings settings;
  settings.agent = "127.0.0.1:" + std::to_string(agent.port());
  const ExportResult result = datadog(settings)->send(batch_of(spans), Deadline::after(std::chrono::seconds(60)));
  EXPECT_EQ(result.code, ExportCode::kTaken) << result.message;
  const auto decoded = MsgpackValue::decode(agent.requests().at(0).body);
  EXPECT_TRUE(decoded.has_value());
  return *decoded;
}

MsgpackValue one(const SpanBytes& span) {
  return sent({span}).list.at(0).list.at(0);
}

TEST(Datadog, PutsTracesToTheAgent) {
  test::Receiver agent([](const test::Received&) { return test::Answer{200, {}, R"({"rate_by_service":{}})"}; });
  DatadogSettings settings;
  settings.agent = agent.url() + "/";
  const ExporterPtr exporter = datadog(settings);
  EXPECT_EQ(
      exporter->send(batch_of({SpanBytes(1), SpanBytes(2), SpanBytes(1, 9)}), Deadline::after(std::chrono::seconds(60)))
          .code,
      ExportCode::kTaken);
  const test::Received request = agent.requests().at(0);
  EXPECT_EQ(request.start_line, "PUT /v0.4/traces HTTP/1.1");
  EXPECT_EQ(request.header("content-type"), "application/msgpack");
  EXPECT_EQ(request.header("x-datadog-trace-count"), "2");
  EXPECT_EQ(request.header("datadog-meta-lang"), "cpp");
  EXPECT_EQ(request.header("datadog-meta-lang-version"), std::to_string(__cplusplus));
  EXPECT_EQ(request.header("datadog-meta-tracer-version"), "0.1.0");
  EXPECT_EQ(request.header("datadog-send-real-http-status"), "true");
  EXPECT_TRUE(exporter->wants(Signal::kTraces));
  EXPECT_FALSE(exporter->wants(Signal::kMetrics));
  EXPECT_FALSE(exporter->wants(Signal::kLogs));
  EXPECT_EQ(exporter->name(), "datadog " + agent.url());
}

TEST(Datadog, GroupsSpansByTrace) {
  const MsgpackValue traces = sent({SpanBytes(1, 2), SpanBytes(3, 4), SpanBytes(1, 5)});
  ASSERT_EQ(traces.list.size(), 2u);
  ASSERT_EQ(traces.list[0].list.size(), 2u);
  ASSERT_EQ(traces.list[1].list.size(), 1u);
  const MsgpackValue& first = traces.list[0].list[0];
  const MsgpackValue& second = traces.list[0].list[1];
  EXPECT_EQ(first["trace_id"].number, 0x0101010101010101u);
  EXPECT_EQ(first["span_id"].number, 0x0202020202020202u);
  EXPECT_EQ(second["trace_id"].number, 0x0101010101010101u);
  EXPECT_EQ(second["span_id"].number, 0x0505050505050505u);
  EXPECT_EQ(first["meta"]["_dd.p.tid"].text, "1111111111111111");
  EXPECT_EQ(first["metrics"]["_sampling_priority_v1"].real, 1.0);
  EXPECT_FALSE(second["meta"].has("_dd.p.tid"));
  EXPECT_FALSE(second["metrics"].has("_sampling_priority_v1"));
  EXPECT_EQ(second["meta"]["otel.trace_id"].text, "11111111111111110101010101010101");
}

TEST(Datadog, TellsWhatEverySpanTells) {
  const MsgpackValue span = one(SpanBytes().add<4>(std::string(8, '\x07')).add<3>("a=b"));
  EXPECT_EQ(span["service"].text, "shop");
  EXPECT_EQ(span["name"].text, "internal");
  EXPECT_EQ(span["resource"].text, "step");
  EXPECT_EQ(span["type"].text, "custom");
  EXPECT_EQ(span["parent_id"].number, 0x0707070707070707u);
  EXPECT_EQ(span["start"].number, 1'700'000'000'000'000'000u);
  EXPECT_EQ(span["duration"].number, 250u);
  EXPECT_EQ(span["error"].number, 0u);
  EXPECT_EQ(span["meta"]["env"].text, "prod");
  EXPECT_EQ(span["meta"]["version"].text, "1.2");
  EXPECT_EQ(span["meta"]["span.kind"].text, "internal");
  EXPECT_EQ(span["meta"]["w3c.tracestate"].text, "a=b");
  EXPECT_EQ(span["metrics"]["process.pid"].real, 77);
  EXPECT_EQ(span.map.size(), 12u);
}

TEST(Datadog, PutsNumbersIntoMetricsAndTheRestIntoMeta) {
  const Attribute inner[] = {{"k", 1}};
  const MsgpackValue span = one(SpanBytes()
                                    .set("int", -5)
                                    .set("double", 0.25)
                                    .set("nan", std::nan(""))
                                    .set("bool", true)
                                    .set("text", "wörds")
                                    .set("list", View<std::string_view>({"a", "b"}))
                                    .set("map", Map{View<Attribute>(inner, 1)}));
  EXPECT_EQ(span["metrics"]["int"].real, -5);
  EXPECT_EQ(span["metrics"]["double"].real, 0.25);
  EXPECT_EQ(span["meta"]["nan"].text, "null");
  EXPECT_EQ(span["meta"]["bool"].text, "true");
  EXPECT_EQ(span["meta"]["text"].text, "wörds");
  EXPECT_EQ(span["meta"]["list"].text, R"(["a","b"])");
  EXPECT_EQ(span["meta"]["map"].text, R"({"k":1})");
}

struct NamingCase {
  int kind;
  std::vector<std::pair<std::string, std::string>> attributes;
  std::string name;
  std::string resource;
  std::string type;
};

TEST(Datadog, NamesOperationResourceAndTypeByTheConventions) {
  const NamingCase cases[] = {
      {2, {{"http.request.method", "GET"}, {"http.route", "/a/{b}"}}, "http.server.request", "GET /a/{b}", "web"},
      {3, {{"http.request.method", "POST"}}, "http.client.request", "step", "http"},
      {2, {{"http.method", "GET"}, {"http.route", "/"}}, "http.server.request", "GET /", "web"},
      {3, {{"db.system.name", "postgresql"}, {"db.query.text", "SELECT ?"}}, "postgresql.query", "SELECT ?", "db"},
      {3, {{"db.system", "redis"}, {"db.statement", "GET ?"}}, "redis.query", "GET ?", "cache"},
      {4,
       {{"messaging.system", "kafka"}, {"messaging.operation.type", "send"}, {"messaging.destination.name", "t"}},
       "kafka.send",
       "send t",
       "queue"},
      {5, {}, "consumer", "step", "queue"},
      {3,
       {{"rpc.system", "grpc"}, {"rpc.method", "Get"}, {"rpc.service", "Shop"}},
       "grpc.client.request",
       "Get Shop",
       "custom"},
      {2, {{"rpc.system", "grpc"}}, "grpc.server.request", "step", "web"},
      {3, {{"gen_ai.operation.name", "chat"}}, "gen_ai.chat", "step", "custom"},
      {3, {}, "client.request", "step", "custom"},
      {2, {}, "server.request", "step", "web"},
      {0, {}, "internal", "step", "custom"},
      {1, {{"operation.name", "o"}, {"resource.name", "r"}, {"span.type", "llm"}}, "o", "r", "llm"}};
  for (const NamingCase& naming : cases) {
    SpanBytes bytes(1, 2, naming.kind);
    for (const auto& [key, value] : naming.attributes) bytes.set(key, value);
    const MsgpackValue span = one(bytes);
    EXPECT_EQ(span["name"].text, naming.name);
    EXPECT_EQ(span["resource"].text, naming.resource) << naming.name;
    EXPECT_EQ(span["type"].text, naming.type) << naming.name;
  }
  EXPECT_EQ(one(SpanBytes().set("service.name", "other"))["service"].text, "other");
  EXPECT_EQ(one(SpanBytes().set("http.response.status_code", 404))["meta"]["http.status_code"].text, "404");
}

TEST(Datadog, TellsErrorsEventsAndLinks) {
  std::string event(9, '\0');
  otlp::write_fixed64(otlp::write_tag<1>(event.data(), otlp::WireType::kFixed64), 5);
  event +=
      "\x12\x09"
      "exception";
  event += SpanBytes::key_value<3>("exception.type", "Bad");
  event += SpanBytes::key_value<3>("exception.message", "it \"broke\"");
  event += SpanBytes::key_value<3>("exception.stacktrace", "a\nb");
  std::string link = std::string("\x0a\x10") + std::string(16, '\x0a') + std::string("\x12\x08") +
                     std::string(8, '\x0b') + std::string("\x1a\x03x=y") + SpanBytes::key_value<4>("k", "v");
  MsgpackValue span = one(SpanBytes().add<11>(event).add<13>(link).add<15>(std::string("\x18\x02", 2)));
  EXPECT_EQ(span["error"].number, 1u);
  EXPECT_EQ(span["meta"]["error.type"].text, "Bad");
  EXPECT_EQ(span["meta"]["error.message"].text, "it \"broke\"");
  EXPECT_EQ(span["meta"]["error.stack"].text, "a\nb");
  EXPECT_EQ(span["meta"]["events"].text,
            R"([{"time_unix_nano":5,"name":"exception","attributes":{"exception.type":"Bad",)"
            R"("exception.message":"it \"broke\"","exception.stacktrace":"a\nb"}}])");
  EXPECT_EQ(span["meta"]["_dd.span_links"].text,
            R"([{"trace_id":"0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a","span_id":"0b0b0b0b0b0b0b0b","tracestate":"x=y",)"
            R"("attributes":{"k":"v"}}])");
  span = one(SpanBytes().add<11>(event).add<15>(std::string("\x12\x02no\x18\x02", 6)));
  EXPECT_EQ(span["meta"]["error.message"].text, "no");
  EXPECT_EQ(span["meta"]["otel.status_code"].text, "Error");
  span = one(SpanBytes().add<11>(event).add<15>(std::string("\x18\x01", 2)));
  EXPECT_EQ(span["error"].number, 0u);
  EXPECT_EQ(span["meta"]["otel.status_code"].text, "Ok");
  EXPECT_FALSE(span["meta"].has("error.type"));
}

TEST(Datadog, SendsAgainWhatTheAgentCannotTakeNow) {
  const Deadline deadline = Deadline::after(std::chrono::seconds(60));
  for (const int status : {429, 502, 503, 504, 400, 404, 413, 415, 500}) {
    test::Receiver agent([&](const test::Received&) { return test::Answer{status, {{"Retry-After", "2"}}, "no\n"}; });
    DatadogSettings settings;
    settings.agent = agent.url();
    const ExportResult result = datadog(settings)->send(batch_of({SpanBytes()}), deadline);
    const bool again = status == 429 || (status > 500 && status < 505);
    EXPECT_EQ(result.code, again ? ExportCode::kRetry : ExportCode::kRefused) << status;
    EXPECT_EQ(result.message, "answered " + std::to_string(status) + " no");
  }
  const test::Port down;
  DatadogSettings settings;
  settings.agent = down.url();
  EXPECT_EQ(datadog(settings)->send(batch_of({SpanBytes()}), deadline).code, ExportCode::kRetry);
  const ExportResult bad = datadog(settings)->send({Signal::kTraces, 1, "\xff"}, deadline);
  EXPECT_EQ(bad.code, ExportCode::kRefused);
  EXPECT_EQ(bad.message, "the batch is no OTLP request in protobuf");
}

TEST(Datadog, TakesOtlpToo) {
  EXPECT_EQ(datadog_otlp().endpoint, "http://datadog-agent:4318");
  const OtlpHttpSettings settings = datadog_otlp("agent:4318/");
  EXPECT_EQ(settings.endpoint, "http://agent:4318");
  EXPECT_EQ(otlp_http(settings)->name(), "datadog otlp http://agent:4318");
}

TEST(Datadog, WritesWholeMessagePackForAnySpan) {
  std::mt19937 chance(3);
  const SpanBytes span = SpanBytes()
                             .set("int", -5)
                             .set("text", "words")
                             .add<11>(
                                 "\x12\x01"
                                 "e")
                             .add<13>("x")
                             .add<15>("\x18\x02");
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = span.bytes();
    for (int changes = 0; changes < 3; ++changes) bytes[chance() % bytes.size()] = static_cast<char>(chance());
    otlp::SpanView view;
    otlp::read_span(bytes, view);
    std::string packed;
    exporting::append_msgpack(packed, exporting::to_datadog({}, view, exporting::ChunkPlace::kFirst));
    ASSERT_TRUE(MsgpackValue::decode(packed).has_value());
  }
}

TEST(Msgpack, WritesEachSizeOfEachKind) {
  const auto bytes = [](auto append) {
    std::string out;
    append(out);
    return out;
  };
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{127}, std::int64_t{128}, std::int64_t{255}, std::int64_t{256},
        std::int64_t{65'535}, std::int64_t{65'536}, std::int64_t{4'294'967'296}, INT64_MAX, std::int64_t{-1},
        std::int64_t{-32}, std::int64_t{-33}, std::int64_t{-128}, std::int64_t{-129}, std::int64_t{-32'768},
        std::int64_t{-32'769}, std::int64_t{-2'147'483'649}, INT64_MIN}) {
    const auto decoded = MsgpackValue::decode(bytes([&](std::string& out) { msgpack::append_signed(out, value); }));
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(static_cast<std::int64_t>(decoded->number), value);
  }
  EXPECT_EQ(bytes([](std::string& out) { msgpack::append_unsigned(out, UINT64_MAX); }),
            "\xcf" + std::string(8, '\xff'));
  EXPECT_EQ(bytes([](std::string& out) { msgpack::append_double(out, 1); }),
            std::string("\xcb\x3f\xf0\0\0\0\0\0\0", 9));
  for (const std::size_t size : {0u, 15u, 16u, 31u, 32u, 255u, 256u, 65'535u, 65'536u, 70'000u}) {
    const std::string text(size, 'x');
    EXPECT_EQ(MsgpackValue::decode(bytes([&](std::string& out) { msgpack::append_text(out, text); }))->text, text);
    const auto list = MsgpackValue::decode(bytes([&](std::string& out) {
      msgpack::append_list(out, size);
      for (std::size_t i = 0; i < size; ++i) msgpack::append_unsigned(out, i);
    }));
    EXPECT_EQ(list->list.size(), size);
    const auto map = MsgpackValue::decode(bytes([&](std::string& out) {
      msgpack::append_map(out, size);
      for (std::size_t i = 0; i < size; ++i) {
        msgpack::append_text(out, std::to_string(i));
        msgpack::append_unsigned(out, i);
      }
    }));
    EXPECT_EQ(map->map.size(), size);
  }
}

}  // namespace
}  // namespace sextant
