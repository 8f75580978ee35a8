// What processors may do to a record, and where the result goes.
#include "sextant/log_processor.h"

#include <gtest/gtest.h>

#include <functional>

#include "logs/test_kit.h"

namespace sextant::logs {
namespace {

class Doing final : public LogProcessor {
 public:
  explicit Doing(std::function<void(LogRecord&)> what) : what_(std::move(what)) {}
  void on_emit(LogRecord& record) noexcept override { what_(record); }

 private:
  std::function<void(LogRecord&)> what_;
};

LogOptions with(std::vector<std::function<void(LogRecord&)>> all) {
  LogOptions options;
  for (auto& what : all) options.processors.push_back(std::make_shared<Doing>(std::move(what)));
  return options;
}

TEST(LogProcessor, RedactsWhatGoesToExportersAndToLines) {
  Lines lines;
  LogOptions options = with({[](LogRecord& record) {
    record.set_body(std::string("body of ") + std::to_string(record.attributes().size()));
    if (record.find("api_key") != nullptr) record.set("api_key", std::string("sk-") + "***");
    record.remove("password");
    record.remove("not there");
    record.set("added", std::vector<std::string>{"a", "b"});
  }});
  LogOutput bare;
  bare.time_key = bare.logger_key = "";
  options.outputs.push_back(lines.output(bare));
  Running running(options);
  sextant::logger("redact").info("secret", {{"api_key", "sk-123"}, {"password", "p"}, {"kept", 1}});
  EXPECT_EQ(lines.last(), R"({"level":"info","message":"body of 3","api_key":"sk-***","kept":1,"added":["a","b"]})");
  const Received record = running.record();
  EXPECT_EQ(record.body, "body of 3");
  EXPECT_EQ(record.attribute("api_key"), "sk-***");
  EXPECT_EQ(record.attribute("password"), "(none)");
  EXPECT_EQ(record.attributes.size(), 3U);
}

TEST(LogProcessor, SeesTheRecordAsItIs) {
  const Attribute inner[] = {{"k", "v"}};
  Context context;
  SpanContext span;
  span.trace_id.bytes[3] = 7;
  span.span_id.bytes[3] = 7;
  context = context.with_span(span);
  int seen = 0;
  Running running(with({[&](LogRecord& record) {
    ++seen;
    EXPECT_EQ(record.logger_name(), "seen");
    EXPECT_EQ(record.severity(), Severity::kWarn);
    EXPECT_EQ(record.body().as_string(), "text");
    EXPECT_EQ(record.event_name(), "an.event");
    EXPECT_EQ(record.context().span().span_id, span.span_id);
    EXPECT_EQ(record.time(), Time(std::chrono::seconds(5)));
    ASSERT_EQ(record.attributes().size(), 2U);
    EXPECT_EQ(record.find("n")->as_int(), 2) << "the last value of a key";
    EXPECT_EQ(record.find("m")->as_map()[0].value.as_string(), "v");
    EXPECT_EQ(record.find("none"), nullptr);
  }}));
  sextant::logger("seen").emit(LogEntry(Severity::kWarn, "text")
                                   .event_name("an.event")
                                   .attributes({{"n", 1}, {"m", Map{{inner, 1}}}, {"n", 2}})
                                   .time(Time(std::chrono::seconds(5)))
                                   .context(context));
  EXPECT_EQ(seen, 1);
  EXPECT_EQ(running.record().attributes.size(), 2U);
}

TEST(LogProcessor, CopiesEveryKindOfValue) {
  Lines lines;
  LogOptions options = with({[](LogRecord& record) {
    const std::string text = "t";
    const bool bools[] = {true};
    const Attribute map[] = {{"x", text}};
    const Value values[] = {1, text, Map{{map, 1}}};
    record.set("bytes", Bytes{text.data(), 1});
    record.set("bools", View<bool>(bools, 1));
    record.set("ints", std::vector<std::int64_t>{1, 2});
    record.set("doubles", std::vector<double>{0.5});
    record.set("views", std::vector<std::string_view>{text});
    record.set("values", View<Value>(values, 3));
    record.set("none", Value());
    record.set("", "no key");
    record.set("half", 0.5);
    for (int i = 0; i < 40; ++i) record.set("key" + std::to_string(i), std::string(300, 'x'));
    for (int i = 0; i < 40; ++i) record.remove("key" + std::to_string(i));
  }});
  LogOutput bare;
  bare.time_key = bare.level_key = bare.message_key = bare.logger_key = "";
  options.outputs.push_back(lines.output(bare));
  Running running(options);
  sextant::logger("copies").info("x");
  EXPECT_EQ(lines.last(), R"({"bytes":"dA==","bools":[true],"ints":[1,2],"doubles":[0.5],"views":["t"],)"
                          R"("values":[1,"t",{"x":"t"}],"none":null,"half":0.5})");
}

TEST(LogProcessor, ChangesTheSeverityAndItsText) {
  Running running(with({[](LogRecord& record) { record.set_severity(Severity::kError); }}));
  sextant::logger("severity").emit(LogEntry(Severity::kInfo, "x").severity_text("mine"));
  const Received record = running.record();
  EXPECT_EQ(record.severity, 17U);
  EXPECT_EQ(record.severity_text, "ERROR");
}

TEST(LogProcessor, DiscardsSoThatNobodyElseSees) {
  int seen = 0;
  Lines lines;
  LogOptions options = with({[](LogRecord& record) {
                               if (record.body().as_string() == "no") record.discard();
                             },
                             [&seen](LogRecord&) { ++seen; }});
  options.outputs.push_back(lines.output());
  Running running(options);
  sextant::logger("discard").info("no");
  sextant::logger("discard").info("yes");
  EXPECT_EQ(running.record().body, "yes");
  EXPECT_EQ(lines.all().size(), 1U);
  EXPECT_EQ(seen, 1);
  EXPECT_EQ(running.sdk.stats().logs_discarded, 1U);
}

TEST(LogProcessor, WhatItLogsIsDroppedAndCounted) {
  Running running(with({[](LogRecord&) { sextant::logger("inner").info("again"); }}));
  sextant::logger("outer").info("once");
  EXPECT_EQ(running.record().body, "once");
  EXPECT_EQ(running.sdk.stats().logs_dropped, 1U);
}

/// The bytes of the spans that have come.
std::string spans(Running& running) {
  EXPECT_TRUE(running.sdk.flush().complete);
  std::string bytes;
  for (const Batch& batch : running.memory->take()) {
    if (batch.signal == Signal::kTraces) bytes += batch.body;
  }
  return bytes;
}

TEST(LogProcessor, EventsAreAddedToTheirSpans) {
  LogOptions options;
  options.processors.push_back(events_to_spans());
  Running running(options);
  const Logger logger = sextant::logger("events");
  {
    const ScopedSpan current(tracer("events"), "current");
    logger.emit(LogEntry(Severity::kInfo, "x").event_name("event.of.current").attributes({{"number", 4711}}));
    logger.info("no event");
    Span other = tracer("events").start("other");
    const Context context = Context().with_span(other);
    logger.emit(LogEntry(Severity::kInfo, "x").event_name("event.of.other").context(context));
  }
  logger.emit(LogEntry(Severity::kInfo, "x").event_name("event.of.nobody"));
  const std::string all = spans(running);
  EXPECT_NE(all.find("event.of.current"), std::string::npos);
  EXPECT_NE(all.find("event.of.other"), std::string::npos);
  EXPECT_EQ(all.find("event.of.nobody"), std::string::npos);
  EXPECT_NE(all.find("number"), std::string::npos);
}

}  // namespace
}  // namespace sextant::logs
