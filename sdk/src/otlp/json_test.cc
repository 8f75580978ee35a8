// OTLP in JSON: every kind of field by name and form, bad bytes, random bytes.
#include "otlp/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <vector>

#include "base/json_reader.h"
#include "otlp/messages.h"
#include "otlp/partial_success.h"
#include "otlp/wire.h"
#include "tests/support/message.h"

namespace sextant::otlp {
namespace {

using testing::HasSubstr;

using test::Message;
using test::pair;
using test::text_value;

std::string request_of(const Message& item) {
  return test::request_of({item});
}
/// The item's JSON.
std::string json_of(Signal signal, const Message& item) {
  const auto json = to_json(signal, request_of(item));
  EXPECT_TRUE(json) << json.error();
  const std::size_t begin = json->rfind("\":[", json->find(signal == Signal::kTraces    ? "\"spans\""
                                                           : signal == Signal::kMetrics ? "\"metrics\""
                                                                                        : "\"logRecords\"") +
                                                    12);
  return json->substr(begin + 3, json->size() - begin - 3 - std::string_view("]}]}]}").size());
}

TEST(OtlpJson, NamesTheListsOfEachSignal) {
  EXPECT_EQ(*to_json(Signal::kTraces, request_of(Message())), R"({"resourceSpans":[{"scopeSpans":[{"spans":[{}]}]}]})");
  EXPECT_EQ(*to_json(Signal::kMetrics, request_of(Message())),
            R"({"resourceMetrics":[{"scopeMetrics":[{"metrics":[{}]}]}]})");
  EXPECT_EQ(*to_json(Signal::kLogs, request_of(Message())),
            R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]})");
  EXPECT_EQ(*to_json(Signal::kLogs, ""), "{}");
}

TEST(OtlpJson, WritesResourceAndScope) {
  const Message scope = Message().bytes(1, "lib").bytes(2, "1.0").bytes(3, pair("k", text_value("v"))).number(4, 2);
  const Message resource =
      Message()
          .bytes(1, pair("service.name", text_value("s")))
          .number(2, 1)
          .bytes(3, Message().bytes(1, "url").bytes(2, "service").bytes(3, "service.name").bytes(4, "x"));
  const Message resource_spans =
      Message().bytes(1, resource).bytes(2, Message().bytes(1, scope).bytes(3, "https://s")).bytes(3, "https://r");
  EXPECT_EQ(*to_json(Signal::kTraces, Message().bytes(1, resource_spans).out()),
            R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"s"}}],)"
            R"("droppedAttributesCount":1,"entityRefs":[{"schemaUrl":"url","type":"service","idKeys":["service.name"],)"
            R"("descriptionKeys":["x"]}]},"scopeSpans":[{"scope":{"name":"lib","version":"1.0",)"
            R"("attributes":[{"key":"k","value":{"stringValue":"v"}}],"droppedAttributesCount":2},)"
            R"("schemaUrl":"https://s"}],"schemaUrl":"https://r"}]})");
}

TEST(OtlpJson, WritesASpanWithItsListsTogetherWhateverTheirOrder) {
  const std::string id("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\xff", 16);
  const Message span = Message()
                           .bytes(9, pair("a", Message().number(3, 1)))
                           .bytes(11, Message().fixed64(1, 5).bytes(2, "first").number(4, 3))
                           .bytes(9, pair("b", Message().number(2, 1)))
                           .bytes(11, Message().bytes(2, "second").bytes(3, pair("c", text_value("d"))))
                           .bytes(13, Message()
                                          .bytes(1, id)
                                          .bytes(2, id.substr(0, 8))
                                          .bytes(3, "s=1")
                                          .bytes(4, pair("e", text_value("f")))
                                          .number(5, 1)
                                          .fixed32(6, 0x301))
                           .bytes(1, id)
                           .bytes(2, id.substr(8))
                           .bytes(3, "x=y")
                           .bytes(4, id.substr(0, 8))
                           .bytes(5, "name")
                           .number(6, 3)
                           .fixed64(7, 18'446'744'073'709'551'615u)
                           .fixed64(8, 2)
                           .number(10, 1)
                           .number(12, 2)
                           .number(14, 3)
                           .bytes(15, Message().bytes(2, "bad").number(3, 2))
                           .fixed32(16, 0x101);
  EXPECT_EQ(json_of(Signal::kTraces, span),
            R"({"traceId":"000102030405060708090a0b0c0d0eff","spanId":"08090a0b0c0d0eff","traceState":"x=y",)"
            R"("parentSpanId":"0001020304050607","flags":257,"name":"name","kind":3,)"
            R"("startTimeUnixNano":"18446744073709551615","endTimeUnixNano":"2",)"
            R"("attributes":[{"key":"a","value":{"intValue":"1"}},{"key":"b","value":{"boolValue":true}}],)"
            R"("droppedAttributesCount":1,"events":[{"timeUnixNano":"5","name":"first","droppedAttributesCount":3},)"
            R"({"name":"second","attributes":[{"key":"c","value":{"stringValue":"d"}}]}],"droppedEventsCount":2,)"
            R"("links":[{"traceId":"000102030405060708090a0b0c0d0eff","spanId":"0001020304050607","traceState":"s=1",)"
            R"("attributes":[{"key":"e","value":{"stringValue":"f"}}],"droppedAttributesCount":1,"flags":769}],)"
            R"("droppedLinksCount":3,"status":{"message":"bad","code":2}})");
}

TEST(OtlpJson, WritesValuesOfEveryKind) {
  const auto value = [](const Message& any) {
    const std::string log = json_of(Signal::kLogs, Message().bytes(5, any));
    return log.substr(8, log.size() - 9);
  };
  EXPECT_EQ(value(Message()), "{}");
  EXPECT_EQ(value(text_value("")), R"({"stringValue":""})");
  EXPECT_EQ(value(text_value("\x01\"\\/\n\r\t\x7f\xff")),
            "{\"stringValue\":\"\\u0001\\\"\\\\/\\n\\r\\t\\u007f\ufffd\"}");
  EXPECT_EQ(value(Message().number(2, 0)), R"({"boolValue":false})");
  EXPECT_EQ(value(Message().number(3, static_cast<std::uint64_t>(-7))), R"({"intValue":"-7"})");
  EXPECT_EQ(value(Message().real(4, 0.1)), R"({"doubleValue":0.1})");
  EXPECT_EQ(value(Message().real(4, 1e300)), R"({"doubleValue":1e+300})");
  EXPECT_EQ(value(Message().real(4, std::numeric_limits<double>::quiet_NaN())), R"({"doubleValue":"NaN"})");
  EXPECT_EQ(value(Message().real(4, std::numeric_limits<double>::infinity())), R"({"doubleValue":"Infinity"})");
  EXPECT_EQ(value(Message().real(4, -std::numeric_limits<double>::infinity())), R"({"doubleValue":"-Infinity"})");
  EXPECT_EQ(value(Message().bytes(5, Message().bytes(1, text_value("x")).bytes(1, Message()))),
            R"({"arrayValue":{"values":[{"stringValue":"x"},{}]}})");
  EXPECT_EQ(value(Message().bytes(6, Message().bytes(1, pair("k", text_value("v"))))),
            R"({"kvlistValue":{"values":[{"key":"k","value":{"stringValue":"v"}}]}})");
  EXPECT_EQ(value(Message().bytes(7, std::string_view("\x00\xff\x10", 3))), R"({"bytesValue":"AP8Q"})");
  EXPECT_EQ(value(Message().bytes(7, "\xfb\xff")), R"({"bytesValue":"+/8="})");
  EXPECT_EQ(value(Message().bytes(7, "a")), R"({"bytesValue":"YQ=="})");
}

TEST(OtlpJson, WritesALogRecord) {
  const Message log = Message()
                          .fixed64(1, 10)
                          .fixed64(11, 11)
                          .number(2, 9)
                          .bytes(3, "INFO")
                          .bytes(5, text_value("body"))
                          .bytes(6, pair("k", text_value("v")))
                          .number(7, 1)
                          .fixed32(8, 1)
                          .bytes(9, std::string(16, '\x11'))
                          .bytes(10, std::string(8, '\x22'))
                          .bytes(12, "event");
  EXPECT_EQ(json_of(Signal::kLogs, log),
            R"({"timeUnixNano":"10","observedTimeUnixNano":"11","severityNumber":9,"severityText":"INFO",)"
            R"("body":{"stringValue":"body"},"attributes":[{"key":"k","value":{"stringValue":"v"}}],)"
            R"("droppedAttributesCount":1,"flags":1,"traceId":"11111111111111111111111111111111",)"
            R"("spanId":"2222222222222222","eventName":"event"})");
}

TEST(OtlpJson, WritesSumsAndGaugesWithExemplars) {
  const Message exemplar = Message()
                               .bytes(7, pair("k", text_value("v")))
                               .fixed64(2, 3)
                               .fixed64(6, static_cast<std::uint64_t>(-4))
                               .bytes(4, std::string(8, '\x22'))
                               .bytes(5, std::string(16, '\x11'));
  const Message point =
      Message().fixed64(2, 1).fixed64(3, 2).fixed64(6, static_cast<std::uint64_t>(-5)).bytes(5, exemplar);
  const Message sum =
      Message().bytes(1, "n").bytes(2, "d").bytes(3, "1").bytes(7, Message().bytes(1, point).number(2, 2).number(3, 1));
  EXPECT_EQ(json_of(Signal::kMetrics, sum),
            R"({"name":"n","description":"d","unit":"1","sum":{"dataPoints":[{"startTimeUnixNano":"1",)"
            R"("timeUnixNano":"2","asInt":"-5","exemplars":[{"filteredAttributes":[{"key":"k",)"
            R"("value":{"stringValue":"v"}}],"timeUnixNano":"3","asInt":"-4","spanId":"2222222222222222",)"
            R"("traceId":"11111111111111111111111111111111"}]}],"aggregationTemporality":2,"isMonotonic":true}})");
  const Message gauge = Message().bytes(5, Message().bytes(1, Message().real(4, 2.5).number(8, 1)));
  EXPECT_EQ(json_of(Signal::kMetrics, gauge), R"({"gauge":{"dataPoints":[{"asDouble":2.5,"flags":1}]}})");
}

TEST(OtlpJson, WritesHistogramsPackedOrNot) {
  std::string counts(16, '\0');
  write_fixed64(write_fixed64(counts.data(), 1), 300);
  const Message packed = Message().bytes(
      9,
      Message().bytes(1, Message().fixed64(4, 301).real(5, 1.5).bytes(6, counts).real(7, 0.5).real(11, 0).real(12, 9)));
  EXPECT_EQ(json_of(Signal::kMetrics, packed),
            R"({"histogram":{"dataPoints":[{"count":"301","sum":1.5,"bucketCounts":["1","300"],"explicitBounds":[0.5],)"
            R"("min":0,"max":9}]}})");
  const Message loose = Message().bytes(9, Message().bytes(1, Message().fixed64(6, 1).fixed64(6, 2)));
  EXPECT_EQ(json_of(Signal::kMetrics, loose), R"({"histogram":{"dataPoints":[{"bucketCounts":["1","2"]}]}})");
}

TEST(OtlpJson, WritesExponentialHistogramsAndSummaries) {
  const Message buckets = Message().number(1, 3).bytes(2, "\x01\xac\x02");  // offset -2 in zigzag; 1, 300
  const Message point = Message().number(6, 40).fixed64(7, 5).bytes(8, buckets).bytes(9, Message()).real(14, 0.25);
  EXPECT_EQ(json_of(Signal::kMetrics, Message().bytes(10, Message().bytes(1, point).number(2, 1))),
            R"({"exponentialHistogram":{"dataPoints":[{"scale":20,"zeroCount":"5","positive":{"offset":-2,)"
            R"("bucketCounts":["1","300"]},"negative":{},"zeroThreshold":0.25}],"aggregationTemporality":1}})");
  const Message summary = Message().bytes(1, Message().fixed64(4, 2).bytes(6, Message().real(1, 0.5).real(2, 7)));
  EXPECT_EQ(json_of(Signal::kMetrics, Message().bytes(11, summary).bytes(12, pair("m", text_value("v")))),
            R"({"summary":{"dataPoints":[{"count":"2","quantileValues":[{"quantile":0.5,"value":7}]}]},)"
            R"("metadata":[{"key":"m","value":{"stringValue":"v"}}]})");
}

TEST(OtlpJson, LeavesOutFieldsThatAreNotOfTheFormat) {
  EXPECT_EQ(json_of(Signal::kTraces, Message().number(99, 1).bytes(5, "n").bytes(200, "x")), R"({"name":"n"})");
}

TEST(OtlpJson, RefusesWhatIsNoRequest) {
  for (const std::string& bytes :
       {std::string("\x0a\x05xx"), std::string("\xff"), std::string("\x08\x01"), request_of(Message().number(5, 1)),
        request_of(Message().bytes(5, "x").bytes(7, "x"))}) {
    const auto json = to_json(Signal::kTraces, bytes);
    ASSERT_FALSE(json);
    EXPECT_EQ(json.error(), "the batch is no OTLP request in protobuf, so it cannot be written as JSON");
  }
}

TEST(OtlpJson, EndsWhereValuesNestTooDeeply) {
  Message value = text_value("bottom");
  for (int i = 0; i < 500; ++i) value = Message().bytes(5, Message().bytes(1, value));
  const std::string json = json_of(Signal::kLogs, Message().bytes(5, value));
  EXPECT_EQ(json.find("bottom"), std::string::npos);
}

/// Whether a reader that knows nothing of OTLP takes the text.
bool is_json(const std::string& text) {
  JsonReader reader(text);
  for (;;) {
    const JsonReader::Piece piece = reader.next();
    if (piece == JsonReader::Piece::kEnd) return true;
    if (piece == JsonReader::Piece::kBad) return reader.depth() >= JsonReader::kDepthMax;
  }
}

TEST(OtlpJson, WritesJsonOrAnErrorForAnyBytes) {
  constexpr std::uint32_t kSeed = 5;
  std::mt19937 chance(kSeed);
  const std::string good =
      request_of(Message().bytes(9, pair("a", Message().number(3, 1))).bytes(5, "name").fixed64(7, 1));
  std::size_t written = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = good;
    for (auto changes = 1 + chance() % 3; changes > 0; --changes)
      bytes[chance() % bytes.size()] = static_cast<char>(chance());
    for (const Signal signal : {Signal::kTraces, Signal::kMetrics, Signal::kLogs}) {
      const auto json = to_json(signal, bytes);
      if (!json) continue;
      ++written;
      ASSERT_TRUE(is_json(*json)) << *json;
    }
  }
  EXPECT_GT(written, 0u);
}

TEST(PartialSuccess, IsReadFromJson) {
  const auto read = [](std::string_view json) {
    const PartialSuccess partial = read_partial_success_json(json);
    return std::to_string(partial.rejected) + "|" + partial.message;
  };
  EXPECT_EQ(read("{}"), "0|");
  EXPECT_EQ(read(R"({"partialSuccess":{}})"), "0|");
  EXPECT_EQ(read(R"({"partialSuccess":null})"), "0|");
  EXPECT_EQ(read(R"({"partialSuccess":{"rejectedSpans":"5","errorMessage":"a\"\u00e9\ud83d\ude00"}})"), "5|a\"é😀");
  EXPECT_EQ(read(R"({"other":{"rejectedSpans":9},"partialSuccess":{"rejectedDataPoints":3}})"), "3|");
  EXPECT_EQ(
      read(R"( { "partialSuccess" : { "rejectedLogRecords" : "-1" , "x" : [ 1 , { "errorMessage" : "no" } ] } } )"),
      "0|");
  EXPECT_EQ(read(R"({"partialSuccess":{"rejectedSpans":"5"}}x)"), "0|");
  EXPECT_EQ(read("nonsense"), "0|");
  EXPECT_EQ(read(""), "0|");
}

TEST(PartialSuccess, OfANegativeCountRejectsNothing) {
  EXPECT_EQ(
      read_partial_success(Message().bytes(1, Message().number(1, static_cast<std::uint64_t>(-1))).out()).rejected, 0u);
  EXPECT_EQ(read_partial_success(Message().bytes(1, Message().number(1, 4).bytes(2, "m")).out()).rejected, 4u);
}

}  // namespace
}  // namespace sextant::otlp
