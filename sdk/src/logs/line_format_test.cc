#include "logs/line_format.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "logs/test_kit.h"

namespace sextant::logs {
namespace {

constexpr Time kTime{std::chrono::nanoseconds(1'763'289'000'000'000'000)};  // 2025-11-16T10:30:00Z

Context traced() {
  SpanContext span;
  parse_hex("4bf92f3577b34da6a3ce929d0e0e4736", span.trace_id);
  parse_hex("00f067aa0ba902b7", span.span_id);
  span.flags = trace_flags::kSampled;
  return Context().with_span(span);
}

/// The line that one entry becomes.
std::string line(const LogOutput& like, LogEntry entry, std::string_view logger = {}) {
  Lines lines;
  LogOptions options;
  options.least = Severity::kTrace;
  options.value_length_max = 50;
  options.outputs.push_back(lines.output(like));
  Running running(options);
  sextant::logger(logger).emit(entry.time(kTime));
  EXPECT_EQ(lines.all().size(), 1U);
  EXPECT_EQ(running.sdk.stats().log_lines_written, 1U);
  return lines.last();
}

std::string json_of(const Value& value) {
  LogOutput bare;
  bare.time_key = bare.level_key = bare.message_key = "";
  const Attribute attributes[] = {{"v", value}};
  const std::string whole = line(bare, LogEntry(Severity::kInfo, "").attributes({attributes, 1}));
  EXPECT_EQ(whole.substr(0, 5), "{\"v\":");
  return whole.substr(5, whole.size() - 6);
}

TEST(LogLine, OfSlogHasItsKeysInTheirOrder) {
  const Context context = traced();
  EXPECT_EQ(line(slog_json(),
                 LogEntry(Severity::kInfo, "Starting Aixgo agent")
                     .attributes({{"version", "1.0.0"}, {"env", "production"}})
                     .context(context),
                 "main"),
            R"({"time":"2025-11-16T10:30:00Z","level":"INFO","msg":"Starting Aixgo agent","version":"1.0.0",)"
            R"("env":"production","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7"})");
}

TEST(LogLine, OfJsonHasAllThatIsKnown) {
  const Context context = traced();
  EXPECT_EQ(
      line({}, LogEntry(Severity::kWarn, "slow").event_name("tool.slow").context(context), "tools"),
      R"({"time":"2025-11-16T10:30:00.000Z","level":"warn","logger":"tools","message":"slow","event":"tool.slow",)"
      R"("trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7"})");
}

TEST(LogLine, IsMadeAsTheSettingsOfAFileSay) {
  LogOutput output = log_output("stdout");
  output.format = *parse_log_format("json");
  output.time_format = *parse_log_time_format("unix_ms");
  output.time_key = "ts";
  output.level_key = "severity";
  output.message_key = "text";
  output.trace_id_key = "traceId";
  output.span_id_key = "spanId";
  const Context context = traced();
  EXPECT_EQ(line(output, LogEntry(Severity::kError, "x").context(context)),
            R"({"ts":1763289000000,"severity":"error","text":"x","traceId":"4bf92f3577b34da6a3ce929d0e0e4736",)"
            R"("spanId":"00f067aa0ba902b7"})");
  output.include_trace_id = false;
  output.time_format = LogTimeFormat::kNone;
  EXPECT_EQ(line(output, LogEntry(Severity::kError, "x").context(context)),
            R"({"severity":"error","text":"x","spanId":"00f067aa0ba902b7"})");
  output.include_span_id = false;
  EXPECT_EQ(line(output, LogEntry(Severity::kError, "x").context(context)), R"({"severity":"error","text":"x"})");
}

TEST(LogLine, AttributesDoNotTakeTheKeysOfItsOwnFields) {
  LogOutput output;
  output.time_format = LogTimeFormat::kNone;
  output.message_key = "a\"b";
  EXPECT_EQ(
      line(output, LogEntry(Severity::kInfo, "m").attributes({{"level", "fatal"}, {"a\"b", 1}, {"trace_id", "x"}})),
      R"({"level":"info","a\"b":"m","attribute.level":"fatal","attribute.a\"b":1,"attribute.trace_id":"x"})");
}

TEST(LogLine, ValuesAreWhatJsonHasForThem) {
  EXPECT_EQ(json_of("text"), R"("text")");
  EXPECT_EQ(json_of(true), "true");
  EXPECT_EQ(json_of(INT64_MIN), "-9223372036854775808");
  EXPECT_EQ(json_of(0.1), "0.1");
  EXPECT_EQ(json_of(1e300), "1e+300");
  EXPECT_EQ(json_of(std::nan("")), R"("NaN")");
  EXPECT_EQ(json_of(std::numeric_limits<double>::infinity()), R"("Infinity")");
  EXPECT_EQ(json_of(-std::numeric_limits<double>::infinity()), R"("-Infinity")");
  EXPECT_EQ(json_of(Value()), "null");
  EXPECT_EQ(json_of(Bytes{"\x00\xff"
                          "a",
                          3}),
            R"("AP9h")");
  EXPECT_EQ(json_of(Bytes{"ab", 2}), R"("YWI=")");
  EXPECT_EQ(json_of(Bytes{"a", 1}), R"("YQ==")");
  EXPECT_EQ(json_of(Bytes{}), R"("")");
  EXPECT_EQ(json_of(std::vector<std::int64_t>{1, 2}), "[1,2]");
  EXPECT_EQ(json_of(std::vector<double>{0.5}), "[0.5]");
  EXPECT_EQ(json_of(std::vector<std::string>{"a", "b"}), R"(["a","b"])");
  EXPECT_EQ(json_of(std::vector<std::string_view>{}), "[]");
  const bool bools[] = {true, false};
  EXPECT_EQ(json_of(View<bool>(bools, 2)), "[true,false]");
  const Attribute inner[] = {{"k\n", "v"}, {"n", 1}};
  const Value mixed[] = {1, "two", Map{{inner, 2}}};
  EXPECT_EQ(json_of(View<Value>(mixed, 3)), R"([1,"two",{"k\n":"v","n":1}])");
}

TEST(LogLine, TextsAreCutInAttributesAndNotInTheMessage) {
  const std::string large(100, 'x');
  EXPECT_EQ(json_of(large), "\"" + std::string(50, 'x') + "\"");
  EXPECT_EQ(json_of(Bytes{large.data(), large.size()}).size(), 2U + 68U);
  LogOutput bare;
  bare.time_key = bare.level_key = "";
  EXPECT_EQ(line(bare, LogEntry(Severity::kInfo, large)), "{\"message\":\"" + large + "\"}");
}

TEST(LogLine, DeepValuesEndInNull) {
  std::vector<Value> levels(200);
  for (std::size_t i = 1; i < levels.size(); ++i) levels[i] = View<Value>(&levels[i - 1], 1);
  const std::string text = json_of(levels.back());
  EXPECT_NE(text.find("[null]"), std::string::npos);
  EXPECT_LT(text.size(), 200U);
}

TEST(LogLine, BodiesThatAreNotTextStandAsTheyAre) {
  LogOutput bare;
  bare.time_key = bare.level_key = "";
  EXPECT_EQ(line(bare, LogEntry(Severity::kInfo, 7)), R"({"message":7})");
  EXPECT_EQ(line(bare, LogEntry(Severity::kInfo, Value())), R"({"message":null})");
}

TEST(LogLine, OfTextIsReadByPeople) {
  LogOutput output;
  output.format = LogFormat::kText;
  output.level_case = LevelCase::kUpper;
  const Context context = traced();
  const Attribute attributes[] = {{"steps", 3}, {"name", "two words"}, {"empty", ""}, {"a key", "x=y"}, {"id", "p-1"}};
  const LogEntry entry =
      LogEntry(Severity::kInfo, "plan \"made\"").attributes({attributes, 5}).event_name("plan.made").context(context);
  EXPECT_EQ(
      line(output, entry, "planner"),
      "2025-11-16T10:30:00.000Z INFO  planner: plan \"made\" event=plan.made steps=3 name=\"two words\" empty=\"\" "
      "\"a key\"=\"x=y\" id=p-1 trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7");
}

TEST(LogLine, OfTextCannotBeForged) {
  LogOutput output;
  output.format = LogFormat::kText;
  output.time_format = LogTimeFormat::kNone;
  EXPECT_EQ(line(output, LogEntry(Severity::kFatal, "a\n2025 ERROR b\x1b[2J").attributes({{"k", "v\nw"}})),
            "fatal a\\n2025 ERROR b\\u001b[2J k=\"v\\nw\"");
  EXPECT_EQ(line(output, LogEntry(Severity::kTrace, 5)), "trace 5");
}

TEST(LogLine, GoesWhereItsLevelIsWanted) {
  Lines all;
  Lines errors;
  LogOptions options;
  options.exported = false;
  options.outputs.push_back(all.output());
  LogOutput only_errors;
  only_errors.least = Severity::kError;
  options.outputs.push_back(errors.output(only_errors));
  Running running(options);
  sextant::logger("two").info("i");
  sextant::logger("two").error("e");
  EXPECT_EQ(all.all().size(), 2U);
  EXPECT_EQ(errors.all().size(), 1U);
  EXPECT_TRUE(running.records().empty()) << "nothing is exported";
  EXPECT_EQ(running.sdk.stats().log_lines_written, 3U);
}

TEST(LogLine, WhatItsFunctionLogsIsDroppedAndCounted) {
  int lines = 0;
  LogOutput output;
  output.target = LogTarget::kFunction;
  output.function = [&lines](Severity, std::string_view) {
    ++lines;
    sextant::logger("again").info("and again");
  };
  LogOptions options;
  options.outputs.push_back(output);
  Running running(options);
  sextant::logger("once").info("x");
  EXPECT_EQ(lines, 1);
  EXPECT_EQ(running.sdk.stats().logs_dropped, 1U);
  EXPECT_EQ(running.records().size(), 1U);
}

}  // namespace
}  // namespace sextant::logs
