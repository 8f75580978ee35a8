#include "sextant/log_stream.h"

#include <gtest/gtest.h>

#include <iostream>
#include <sstream>
#include <thread>

#include "logs/test_kit.h"

namespace sextant::logs {
namespace {

TEST(LogStream, TheSeverityStandsAtTheBeginningOfALine) {
  const auto of = [](std::string_view line) { return severity_of_line(line, Severity::kInfo); };
  EXPECT_EQ(of("ERROR: disk"), Severity::kError);
  EXPECT_EQ(of("warning: disk"), Severity::kWarn);
  EXPECT_EQ(of("[debug] x"), Severity::kDebug);
  EXPECT_EQ(of("(fatal) x"), Severity::kFatal);
  EXPECT_EQ(of("  [ERR] x"), Severity::kError);
  EXPECT_EQ(of("<3>x"), Severity::kError);
  EXPECT_EQ(of("<7>x"), Severity::kDebug);
  EXPECT_EQ(of("<0>x"), Severity::kFatal);
  for (const char* line : {"", "error", "error in line 3", "errors: 3", "[disk] x", "<9>x", "<3", "off: x", "5: x",
                           "[1] x", ":", "[", "12:30:00 x", "(error"})
    EXPECT_EQ(of(line), Severity::kInfo) << line;
}

TEST(LogStream, EachLineIsARecord) {
  Running running;
  std::ostream stream(nullptr);
  {
    const StreamToLog to_log(stream, sextant::logger("stream"));
    stream << "one " << 1 << '\n' << "error: two\r\n\nthr" << "ee" << std::endl << "four without an end";
    EXPECT_EQ(running.records().size(), 3U);
    stream << ", now" << std::flush << "\n";
    const Received record = running.record();
    EXPECT_EQ(record.body, "four without an end, now");
    EXPECT_EQ(record.scope, "stream");
    stream << "warn: last";
  }
  const Received last = running.record();
  EXPECT_EQ(last.body, "warn: last");
  EXPECT_EQ(last.severity, 13U);
  EXPECT_EQ(stream.rdbuf(), nullptr);
}

TEST(LogStream, ClogIsOneAndComesBack) {
  Running running;
  std::streambuf* const before = std::clog.rdbuf();
  {
    const StreamToLog to_log(std::clog, sextant::logger("clog"));
    std::clog << "hello" << std::endl;
  }
  EXPECT_EQ(std::clog.rdbuf(), before);
  const Received record = running.record();
  EXPECT_EQ(record.body, "hello");
  EXPECT_EQ(record.severity, 9U);
}

TEST(LogStream, SeveritiesCanBeToldByTheProgram) {
  Running running;
  std::ostream stream(nullptr);
  LogStreamOptions options;
  options.severity = Severity::kError;
  options.severity_of = [](std::string_view line, Severity otherwise) {
    return line.substr(0, 1) == "F" ? Severity::kFatal : otherwise;
  };
  const StreamToLog to_log(stream, sextant::logger("stream"), options);
  stream << "F1129 x\ninfo: y\n";
  const auto records = running.records();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].severity, 21U);
  EXPECT_EQ(records[1].severity, 17U);
}

TEST(LogStream, LinesOfThreadsAreKeptApart) {
  LogOptions options;
  options.queue.items_max = 100'000;
  Running running(options);
  LogStreambuf buffer(sextant::logger("stream"));
  constexpr int kThreads = 4;
  constexpr int kEach = 500;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&buffer, t] {
      std::ostream stream(&buffer);  // a stream of its own: only the buffer is shared
      for (int i = 0; i < kEach; ++i) stream << "thread " << t << " line " << i << " end\n";
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::map<std::string, int> seen;
  for (const Received& record : running.records()) ++seen[record.body];
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(kThreads * kEach));
  EXPECT_EQ(seen["thread 3 line 499 end"], 1);
}

TEST(LogStream, LinesWithoutAnEndAreCut) {
  Running running;
  std::ostream stream(nullptr);
  const StreamToLog to_log(stream, sextant::logger("stream"));
  stream << std::string(LogStreambuf::kLineBytesMax + 10, 'x') << "\n";
  const auto records = running.records();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].body.size(), LogStreambuf::kLineBytesMax);
  EXPECT_EQ(records[1].body.size(), 10U);
}

}  // namespace
}  // namespace sextant::logs
