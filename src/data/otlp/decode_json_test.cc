// Corners of the JSON decoder: the spellings that senders use, and the answers to what is wrong.
#include <gtest/gtest.h>

#include <cmath>

#include "data/otlp/limits.h"
#include "data/otlp/traces.h"

namespace sextant::data {
namespace {

constexpr std::string_view kIds = R"("traceId":"000102030405060708090a0b0c0d0e0f","spanId":"0001020304050607")";

std::string request(std::string_view span_members) {
  return fmt::format(R"({{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{{}}}]}}]}}]}})", span_members);
}

std::string span_with(std::string_view any_value) {
  return request(fmt::format(R"({},"attributes":[{{"key":"k","value":{}}}])", kIds, any_value));
}

/// The batch of one span; fails the test when there is an error or a refusal.
Batch decoded(const std::string& text) {
  auto traces = decode_traces_json(text);
  EXPECT_TRUE(traces.has_value()) << text << "\n" << (traces ? "" : traces.error().message());
  if (!traces) return {};
  EXPECT_EQ(traces->reason, "") << text;
  return std::move(traces->batch);
}

ValueView value_of(const Batch& batch) {
  return batch.attribute(batch.spans.attributes.at(0), "k");
}

std::string error_of(std::string_view text) {
  const auto traces = decode_traces_json(text);
  return traces ? "accepted" : traces.error().message();
}

std::string refusal_of(const std::string& text) {
  const auto traces = decode_traces_json(text);
  return traces ? traces->reason : "error: " + traces.error().message();
}

TEST(DecodeJson, WrongBodiesAreExplained) {
  EXPECT_EQ(
      error_of(R"({"test": "data"})"),
      "line 1, column 2: unknown field \"test\": a request for traces is an object with the field \"resourceSpans\"");
  EXPECT_EQ(error_of("[]"), "line 1, column 1: object expected, array found");
  EXPECT_EQ(error_of(""), "line 1, column 1: the text ends where a value should stand");
  EXPECT_EQ(error_of("{} {}"), "line 1, column 4: nothing may follow the value");
  EXPECT_EQ(error_of("{\n\"resourceSpans\": 5}"), "line 2, column 18: array expected, number found");
  EXPECT_EQ(error_of("{\"resourceSpans\": [5]}"), "line 1, column 20: object expected, number found");
  EXPECT_EQ(error_of("hello"), "line 1, column 1: a value should stand here");
  EXPECT_EQ(error_of("{\"a\xFF\":1}"), "line 1, column 4: bytes that are not UTF-8");
}

TEST(DecodeJson, EmptyRequestsAreFine) {
  for (const char* text :
       {"{}", "\xEF\xBB\xBF{}", R"({"resourceSpans":[]})", R"({"resourceSpans":null})",
        R"({"resourceSpans":[null,{}]})", R"({"resource_spans":[{"resource":null}]})",
        R"({"unknown":[1,{"a":2}],"resourceSpans":[{"resource":{},"scopeSpans":[{"spans":null}]}]})"}) {
    EXPECT_EQ(decoded(text).span_count(), 0U) << text;
  }
}

TEST(DecodeJson, NamesInBothSpellings) {
  const Batch batch = decoded(R"({"resource_spans":[{"scope_spans":[{"scope":{"name":"s","dropped_attributes_count":2},
    "spans":[{"trace_id":"000102030405060708090A0B0C0D0E0F","span_id":"0001020304050607","parent_span_id":"00000000000000AA",
    "trace_state":"a=b","start_time_unix_nano":"1","end_time_unix_nano":2,"dropped_attributes_count":3,
    "dropped_events_count":"4","dropped_links_count":5,"flags":257,
    "events":[{"time_unix_nano":"7","name":"e"}],"links":[{"trace_id":"","span_id":"0001020304050607","flags":1}],
    "attributes":[{"key":"k","value":{"string_value":"v"}}]}],"schema_url":"u"}],"resource":{"attributes":[]}}]})");
  ASSERT_EQ(batch.span_count(), 1U);
  EXPECT_EQ(batch.spans.trace_id[0].hex(), "000102030405060708090a0b0c0d0e0f");
  EXPECT_EQ(batch.spans.parent_span_id[0].hex(), "00000000000000aa");
  EXPECT_EQ(batch.spans.start_unix_nanos[0], 1U);
  EXPECT_EQ(batch.spans.end_unix_nanos[0], 2U);
  EXPECT_EQ(batch.spans.dropped_attributes[0], 3U);
  EXPECT_EQ(batch.spans.dropped_events[0], 4U);
  EXPECT_EQ(batch.spans.dropped_links[0], 5U);
  EXPECT_EQ(batch.spans.flags[0], 257U);
  EXPECT_EQ(batch.events.time_unix_nanos.at(0), 7U);
  EXPECT_EQ(batch.links.flags.at(0), 1U);
  EXPECT_EQ(batch.scopes.at(0).dropped_attributes, 2U);
  EXPECT_EQ(batch.values.text(batch.scopes[0].schema_url), "u");
  EXPECT_EQ(value_of(batch).bytes, "v");
}

TEST(DecodeJson, IntegersKeepAllDigits) {
  EXPECT_EQ(value_of(decoded(span_with(R"({"intValue":1})"))).number, 1);
  EXPECT_EQ(value_of(decoded(span_with(R"({"intValue":"1"})"))).number, 1);
  EXPECT_EQ(value_of(decoded(span_with(R"({"intValue":9007199254740993})"))).number, 9007199254740993);
  EXPECT_EQ(value_of(decoded(span_with(R"({"intValue":"-9223372036854775808"})"))).number, INT64_MIN);
  EXPECT_EQ(value_of(decoded(span_with(R"({"intValue":1e3})"))).number, 1000);
  for (const char* bad : {R"({"intValue":"1x"})", R"({"intValue":""})", R"({"intValue":1.5})",
                          R"({"intValue":9223372036854775808})", R"({"intValue":true})"}) {
    EXPECT_NE(error_of(span_with(bad)).find("column"), std::string::npos) << bad;
  }
  const Batch times = decoded(request(fmt::format(R"({},"startTimeUnixNano":18446744073709551615)", kIds)));
  EXPECT_EQ(times.spans.start_unix_nanos.at(0), UINT64_MAX);
  EXPECT_NE(error_of(request(fmt::format(R"({},"startTimeUnixNano":-1)", kIds))), "accepted");
  EXPECT_NE(error_of(request(fmt::format(R"({},"flags":4294967296)", kIds))), "accepted");
}

TEST(DecodeJson, DoublesAsNumbersAndWords) {
  const auto real = [](std::string_view json) {
    const Batch batch = decoded(span_with(fmt::format(R"({{"doubleValue":{}}})", json)));
    const ValueView value = value_of(batch);
    EXPECT_EQ(value.type, ValueType::kDouble) << json;
    return value.as_double();
  };
  EXPECT_EQ(real("1.5"), 1.5);
  EXPECT_EQ(real("100000000000000000000"), 1e20);
  EXPECT_EQ(real("\"2.5\""), 2.5);
  EXPECT_TRUE(std::isnan(real("\"NaN\"")));
  EXPECT_EQ(real("\"Infinity\""), INFINITY);
  EXPECT_EQ(real("\"-Infinity\""), -INFINITY);
  EXPECT_TRUE(std::signbit(real("-0")));
  EXPECT_NE(error_of(span_with(R"({"doubleValue":"inf"})")), "accepted");
}

TEST(DecodeJson, BytesAreBase64OfBothAlphabets) {
  EXPECT_EQ(value_of(decoded(span_with(R"({"bytesValue":"+/8="})"))), ValueView::raw("\xFB\xFF"));
  EXPECT_EQ(value_of(decoded(span_with(R"({"bytesValue":"-_8"})"))), ValueView::raw("\xFB\xFF"));
  EXPECT_NE(error_of(span_with(R"({"bytesValue":"*"})")).find("base64 expected"), std::string::npos);
}

TEST(DecodeJson, EnumsAsNumbersAndNames) {
  const auto kind = [](std::string_view json) {
    return decoded(request(fmt::format(R"({},"kind":{})", kIds, json))).spans.kind.at(0);
  };
  EXPECT_EQ(kind("2"), kServer);
  EXPECT_EQ(kind("\"SPAN_KIND_SERVER\""), kServer);
  EXPECT_EQ(kind("77"), 77);
  EXPECT_EQ(kind("-1"), -1);
  EXPECT_EQ(kind("null"), 0);
  EXPECT_NE(error_of(request(fmt::format(R"({},"kind":"SERVER")", kIds))), "accepted");
  const Batch status =
      decoded(request(fmt::format(R"({},"status":{{"code":"STATUS_CODE_ERROR","message":"m"}})", kIds)));
  EXPECT_EQ(status.spans.status.at(0), kError);
  EXPECT_EQ(status.values.text(status.spans.status_message.at(0)), "m");
}

TEST(DecodeJson, IdsThatAreWrongRefuseTheirSpan) {
  const std::string zero = "a trace_id that is zero, absent or not 16 bytes long";
  EXPECT_EQ(refusal_of(request("")), "refused: 1 span with " + zero);
  EXPECT_EQ(refusal_of(request(R"("traceId":"00000000000000000000000000000000","spanId":"0001020304050607")")),
            "refused: 1 span with " + zero);
  EXPECT_EQ(refusal_of(request(R"("traceId":"AAECAwQFBgcICQoLDA0ODw==","spanId":"0001020304050607")")),  // base64
            "refused: 1 span with " + zero);
  EXPECT_EQ(refusal_of(request(R"("traceId":"000102030405060708090a0b0c0d0e0g","spanId":"0001020304050607")")),
            "refused: 1 span with an id that is not hexadecimal");
  EXPECT_EQ(refusal_of(request(fmt::format(R"({},"parentSpanId":"01")", kIds))),
            "refused: 1 span with a parent_span_id that is not 8 bytes long");
  EXPECT_EQ(decoded(request(fmt::format(R"({},"parentSpanId":"")", kIds))).span_count(), 1U);
}

TEST(DecodeJson, MembersInAnyOrderAndTwice) {
  const Batch batch = decoded(fmt::format(
      R"({{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{"name":"first",{},"name":"last",
      "attributes":[{{"value":{{"stringValue":"a","intValue":"5"}},"key":"k"}}],"attributes":[{{"key":"l"}}]}}]}}],
      "resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"late"}}}}]}}}}]}})",
      kIds));
  ASSERT_EQ(batch.span_count(), 1U);
  EXPECT_EQ(batch.values.text(batch.spans.name[0]), "last");
  EXPECT_EQ(value_of(batch).number, 5);
  EXPECT_EQ(batch.service_of(0), "late");
  EXPECT_EQ(batch.values_of(batch.spans.attributes[0]).size(), 2U);
}

TEST(DecodeJson, NestedValuesInAnyOrder) {
  const Batch batch = decoded(span_with(
      R"({"kvlistValue":{"values":[{"value":{"arrayValue":{"values":[{"intValue":1},null,{"arrayValue":{}}]}},"key":"a\n"},
      {"key":"b"},{"key":"c","value":{"arrayValue":{"values":[{"intValue":1}]},"stringValue":"esc\"aped","x":"o\"ther"}}]}})"));
  const ValueView map = value_of(batch);
  ASSERT_EQ(map.type, ValueType::kMap);
  ASSERT_TRUE(check_nested(map).has_value());
  NestedReader reader(map.bytes, map.type);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.key(), "a\n");
  NestedReader inner(reader.value().bytes, reader.value().type);
  ASSERT_TRUE(inner.next() && inner.value().number == 1);
  ASSERT_TRUE(inner.next() && inner.value().type == ValueType::kEmpty);
  ASSERT_TRUE(inner.next() && inner.value().type == ValueType::kArray);
  ASSERT_FALSE(inner.next());
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.key(), "b");
  EXPECT_EQ(reader.value().type, ValueType::kEmpty);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.value(), ValueView::string("esc\"aped"));
  ASSERT_FALSE(reader.next());
}

TEST(DecodeJson, EscapedTextsSurviveWhatFollowsThem) {
  const Batch batch = decoded(request(fmt::format(
      R"({},"attributes":[{{"key":"k\u0041","value":{{"stringValue":"v\"1","other":"\u0042"}}}}],"name":"n\\")",
      kIds)));
  EXPECT_EQ(batch.attribute(batch.spans.attributes.at(0), "kA"), ValueView::string("v\"1"));
  EXPECT_EQ(batch.values.text(batch.spans.name[0]), "n\\");
}

TEST(DecodeJson, DepthIsBounded) {
  const auto nested = [](int levels) {
    std::string value = "{}";
    for (int i = 0; i < levels; ++i) value = R"({"arrayValue":{"values":[)" + value + "]}}";
    return span_with(value);
  };
  EXPECT_EQ(refusal_of(nested(kValueDepthMax)), "");
  EXPECT_EQ(refusal_of(nested(kValueDepthMax + 1)), "refused: 1 span with a value nested deeper than 64 levels");
  EXPECT_NE(error_of(nested(1000)).find("nested deeper than"), std::string::npos);
  EXPECT_NE(error_of(R"({"x":)" + std::string(200'000, '[')).find("nested deeper than"), std::string::npos);
  std::string maps = "{}";
  for (int i = 0; i < kValueDepthMax; ++i) maps = R"({"kvlistValue":{"values":[{"key":"a","value":)" + maps + "}]}}";
  EXPECT_EQ(refusal_of(span_with(maps)), "");
}

TEST(DecodeJson, ABatchCannotOutgrowTheLedger) {
  std::string events = R"("events":[{})";
  for (int i = 0; i < 500'000; ++i) events += ",{}";
  MemoryLedger ledger(4 << 20);
  LedgerHold hold = ledger.open();
  const auto traces = decode_traces_json(request(fmt::format("{},{}]", kIds, events)), {&hold});
  ASSERT_FALSE(traces.has_value());
  EXPECT_EQ(traces.error().code(), ErrorCode::kResourceExhausted);
}

}  // namespace
}  // namespace sextant::data
