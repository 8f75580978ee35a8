// What people see: the trees, lines and escapes of the console, letter by letter.
#include "sextant/console.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "export/console_text.h"
#include "tests/support/message.h"

namespace sextant {
namespace {

using test::Message;
using test::pair;
using test::request_of;
using test::text_value;

std::string shown(Signal signal, const std::vector<Message>& items) {
  std::ostringstream stream;
  ConsoleSettings settings;
  settings.stream = &stream;
  EXPECT_EQ(console(settings)->send({signal, items.size(), request_of(items)}, Deadline::after({})).code,
            ExportCode::kTaken);
  return stream.str();
}

Message span(char id, char parent, const std::string& name, std::uint64_t start_ns, std::uint64_t end_ns) {
  Message out;
  out.bytes(1, std::string(16, '\x01')).bytes(2, std::string(8, id));
  if (parent != 0) out.bytes(4, std::string(8, parent));
  return out.bytes(5, name).number(6, 1).fixed64(7, start_ns).fixed64(8, end_ns);
}

TEST(Console, ShowsSpansBelowTheirParents) {
  Message chat = span(3, 2, "chat gpt-4o", 2'000'000, 12'100'000);
  chat.bytes(9, pair("gen_ai.request.model", text_value("gpt-4o")))
      .bytes(11,
             Message().fixed64(1, 11'800'000).bytes(2, "exception").bytes(3, pair("exception.type", text_value("T"))))
      .bytes(13, Message().bytes(1, std::string(16, '\x0a')).bytes(2, std::string(8, '\x0b')))
      .bytes(15, Message().bytes(2, "timed out").number(3, 2))
      .number(6, 3);
  Message tool = span(4, 2, "tool", 1'500'000, 1'500'850);
  tool.bytes(15, Message().number(3, 1));
  EXPECT_EQ(shown(Signal::kTraces,
                  {chat, tool, span(2, 0, "plan", 1'000'000, 13'300'000), span(5, 4, "query", 1'500'100, 1'500'200)}),
            "trace 01010101010101010101010101010101  4 spans\n"
            "└─ plan  12.3 ms\n"
            "   ├─ tool  850 ns  ok\n"
            "   │  └─ query  100 ns\n"
            "   └─ chat gpt-4o  10.1 ms  client  error: timed out  {\"gen_ai.request.model\":\"gpt-4o\"}\n"
            "          exception  +9.8 ms  {\"exception.type\":\"T\"}\n"
            "          link to 0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a/0b0b0b0b0b0b0b0b\n");
}

TEST(Console, ShowsEachTraceOfABatchAndSpansWithoutTheirParent) {
  Message other;
  other.bytes(1, std::string(16, '\x02')).bytes(2, std::string(8, '\x01')).fixed64(7, 5).fixed64(8, 3);
  EXPECT_EQ(shown(Signal::kTraces, {span(1, 9, "late", 10, 20), other, span(2, 8, "early", 5, 1'500'000'005)}),
            "trace 01010101010101010101010101010101  2 spans\n"
            "├─ early  1.5 s\n"
            "└─ late  10 ns\n"
            "trace 02020202020202020202020202020202  1 span\n"
            "└─ (no name)  0 ns\n");
}

TEST(Console, ShowsEverySpanWhoseParentsRunInCircles) {
  const std::string text = shown(Signal::kTraces, {span(1, 2, "a", 1, 2), span(2, 3, "b", 1, 2), span(3, 1, "c", 1, 2),
                                                   span(4, 4, "d", 1, 2), span(5, 1, "e", 1, 2)});
  for (const char* name : {"a  ", "b  ", "c  ", "d  ", "e  "}) EXPECT_THAT(text, testing::HasSubstr(name));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 6);
}

TEST(Console, ShowsAChainOfManySpans) {
  std::vector<Message> chain;
  for (std::uint64_t i = 1; i <= 20'000; ++i) {
    std::string id(8, '\0');
    std::string parent(8, '\0');
    const std::uint64_t before = i - 1;
    std::memcpy(id.data(), &i, 8);
    std::memcpy(parent.data(), &before, 8);
    chain.push_back(Message().bytes(1, std::string(16, '\x01')).bytes(2, id).bytes(4, parent).bytes(5, "s"));
  }
  const std::string text = shown(Signal::kTraces, chain);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 20'001);
  EXPECT_LT(text.size(), 20'000u * 200);
}

TEST(Console, ShowsMetricPointsOneALine) {
  const Message attributes = pair("method", text_value("GET"));
  const Message sum = Message()
                          .bytes(1, "http.requests")
                          .bytes(3, "1")
                          .bytes(7, Message()
                                        .bytes(1, Message().fixed64(6, 5).bytes(7, attributes))
                                        .bytes(1, Message().fixed64(6, static_cast<std::uint64_t>(-6))));
  const Message gauge = Message().bytes(1, "temperature").bytes(5, Message().bytes(1, Message().real(4, 21.5)));
  std::string counts(16, '\0');
  otlp::write_fixed64(otlp::write_fixed64(counts.data(), 2), 1);
  std::string bounds(8, '\0');
  const double bound = 0.5;
  std::memcpy(bounds.data(), &bound, 8);
  const Message histogram = Message()
                                .bytes(1, "duration")
                                .bytes(3, "ms")
                                .bytes(9, Message().bytes(1, Message()
                                                                 .fixed64(4, 3)
                                                                 .real(5, 1.25)
                                                                 .bytes(6, counts)
                                                                 .bytes(7, bounds)
                                                                 .bytes(9, attributes)
                                                                 .real(11, 0.25)
                                                                 .real(12, 0.75)));
  const Message exponential =
      Message()
          .bytes(1, "sizes")
          .bytes(10, Message().bytes(
                         1, Message().fixed64(4, 3).real(5, 6).number(6, 3).fixed64(7, 1).real(12, 1).real(13, 2)));
  const Message summary = Message().bytes(1, "old").bytes(
      11, Message().bytes(1, Message().fixed64(4, 2).real(5, 3).bytes(6, Message().real(1, 0.5).real(2, 1.5))));
  EXPECT_EQ(shown(Signal::kMetrics, {sum, gauge, histogram, exponential, summary}),
            "metric http.requests  sum 5  {\"method\":\"GET\"}  in 1\n"
            "metric http.requests  sum -6  in 1\n"
            "metric temperature  gauge 21.5\n"
            "metric duration  histogram count=3 sum=1.25 min=0.25 max=0.75 buckets=[<=0.5: 2, more: 1]  "
            "{\"method\":\"GET\"}  in ms\n"
            "metric sizes  exponential histogram count=3 sum=6 scale=-2 zeros=1 min=1 max=2\n"
            "metric old  summary count=2 sum=3 q0.5=1.5\n");
}

TEST(Console, ShowsLogRecordsOneALine) {
  const Message full = Message()
                           .fixed64(1, 1'700'000'000'000'000'042)
                           .number(2, 9)
                           .bytes(5, text_value("started"))
                           .bytes(6, pair("port", Message().number(3, 8080)))
                           .bytes(9, std::string(16, '\x01'))
                           .bytes(10, std::string(8, '\x02'));
  const Message named = Message()
                            .fixed64(11, 1'000'000'000)
                            .bytes(3, "warning")
                            .bytes(12, "session.end")
                            .bytes(5, Message().bytes(6, Message().bytes(1, pair("a", Message().number(2, 1)))));
  EXPECT_EQ(shown(Signal::kLogs, {full, named}),
            "log 2023-11-14T22:13:20.000000042Z  INFO  started  {\"port\":8080}"
            "  trace=01010101010101010101010101010101 span=0202020202020202\n"
            "log 1970-01-01T00:00:01.000000000Z  warning  event session.end  {\"a\":true}\n");
}

TEST(Console, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(shown(Signal::kTraces, {span(1, 0, "\x1b[2Jred\n", 0, 1)}),
            "trace 01010101010101010101010101010101  1 span\n└─ \"\\u001b[2Jred\\n\"  1 ns\n");
  EXPECT_EQ(shown(Signal::kLogs, {Message().number(2, 17).bytes(5, text_value("a\x07\xff"))}),
            "log 1970-01-01T00:00:00.000000000Z  ERROR  \"a\\u0007\ufffd\"\n");
}

TEST(Console, SaysDurationsInUnitsThatFit) {
  const auto duration = [](std::uint64_t ns) {
    std::string out;
    exporting::append_duration(out, ns);
    return out;
  };
  EXPECT_EQ(duration(0), "0 ns");
  EXPECT_EQ(duration(999), "999 ns");
  EXPECT_EQ(duration(1'000), "1 us");
  EXPECT_EQ(duration(12'345), "12.3 us");
  EXPECT_EQ(duration(850'000'000), "850 ms");
  EXPECT_EQ(duration(1'200'000'000), "1.2 s");
  EXPECT_EQ(duration(3'600'000'000'000), "3600 s");
}

TEST(Console, IsCalledByWhereItWrites) {
  ConsoleSettings settings;
  EXPECT_EQ(console(settings)->name(), "console stdout");
  settings.target = ConsoleTarget::kStderr;
  settings.metrics = false;
  EXPECT_EQ(console(settings)->name(), "console stderr");
  EXPECT_FALSE(console(settings)->wants(Signal::kMetrics));
  EXPECT_TRUE(console(settings)->wants(Signal::kLogs));
}

TEST(Console, WritesToStandardOutput) {
  testing::internal::CaptureStdout();
  console()->send({Signal::kTraces, 1, request_of({span(1, 0, "s", 0, 1)})}, Deadline::after({}));
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "trace 01010101010101010101010101010101  1 span\n└─ s  1 ns\n");
  testing::internal::CaptureStderr();
  ConsoleSettings settings;
  settings.target = ConsoleTarget::kStderr;
  console(settings)->send({Signal::kTraces, 1, request_of({span(1, 0, "s", 0, 1)})}, Deadline::after({}));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "trace 01010101010101010101010101010101  1 span\n└─ s  1 ns\n");
}

TEST(Console, RefusesWhatItCannotReadOrWrite) {
  std::ostringstream stream;
  ConsoleSettings settings;
  settings.stream = &stream;
  const ExportResult unread = console(settings)->send({Signal::kTraces, 1, "\xff"}, Deadline::after({}));
  EXPECT_EQ(unread.code, ExportCode::kRefused);
  EXPECT_EQ(unread.message, "the batch is no OTLP request in protobuf");
  stream.setstate(std::ios::badbit);
  const ExportResult unwritten = console(settings)->send({Signal::kTraces, 1, ""}, Deadline::after({}));
  EXPECT_EQ(unwritten.code, ExportCode::kRefused);
  EXPECT_EQ(unwritten.message, "the text could not be written");
}

TEST(Console, ShowsLinesWithoutControlCharactersForAnyBytes) {
  std::mt19937 chance(17);
  const std::string good =
      request_of({span(1, 2, "name", 1, 2).bytes(9, pair("k", text_value("v"))).bytes(11, Message().bytes(2, "e")),
                  span(2, 1, "name", 1, 2)});
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = good;
    for (int changes = 0; changes < 3; ++changes) bytes[chance() % bytes.size()] = static_cast<char>(chance());
    for (const auto append :
         {exporting::append_traces_text, exporting::append_metrics_text, exporting::append_logs_text}) {
      std::string text;
      append(text, bytes);
      const bool clean = std::none_of(text.begin(), text.end(),
                                      [](char c) { return static_cast<unsigned char>(c) < ' ' && c != '\n'; });
      ASSERT_TRUE(clean) << text;
    }
  }
}

}  // namespace
}  // namespace sextant
