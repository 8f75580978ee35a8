// Severities, time formats and outputs by name.
#include <gtest/gtest.h>

#include "logs/test_kit.h"
#include "logs/time_text.h"

namespace sextant::logs {
namespace {

TEST(Severity, HasANameForEachNumberOfTheDataModel) {
  EXPECT_EQ(severity_text(Severity::kTrace), "TRACE");
  EXPECT_EQ(severity_text(static_cast<Severity>(8)), "DEBUG4");
  EXPECT_EQ(severity_text(Severity::kInfo), "INFO");
  EXPECT_EQ(severity_text(static_cast<Severity>(14)), "WARN2");
  EXPECT_EQ(severity_text(Severity::kError), "ERROR");
  EXPECT_EQ(severity_text(static_cast<Severity>(24)), "FATAL4");
  EXPECT_EQ(severity_text(static_cast<Severity>(0)), "");
  EXPECT_EQ(severity_text(Severity::kOff), "");
}

TEST(Severity, IsReadByNameAndByNumber) {
  for (unsigned number = 1; number <= 24; ++number) {
    const auto severity = static_cast<Severity>(number);
    EXPECT_EQ(*parse_severity(severity_text(severity)), severity);
    EXPECT_EQ(*parse_severity(std::to_string(number)), severity);
  }
  EXPECT_EQ(*parse_severity("info"), Severity::kInfo);
  EXPECT_EQ(*parse_severity("Warning"), Severity::kWarn);
  EXPECT_EQ(*parse_severity("err"), Severity::kError);
  EXPECT_EQ(*parse_severity("critical"), Severity::kFatal);
  EXPECT_EQ(*parse_severity("notice"), static_cast<Severity>(10));
  EXPECT_EQ(*parse_severity("off"), Severity::kOff);
}

TEST(Severity, ThatIsUnknownIsNamedWithTheKnownOnes) {
  EXPECT_EQ(parse_severity("loud").error(),
            "log level 'loud' is unknown: give trace, debug, info, warn, error, fatal, off or a number from 1 to 24");
  EXPECT_FALSE(parse_severity("").ok());
  EXPECT_FALSE(parse_severity("0").ok());
  EXPECT_FALSE(parse_severity("25").ok());
  EXPECT_FALSE(parse_severity("informational message").ok());
}

std::string text(std::int64_t wall_ns, LogTimeFormat format) {
  char out[kTimeBytesMax];
  return {out, write_time(out, wall_ns, format)};
}

TEST(LogTime, IsWrittenAsTheFormatSays) {
  constexpr std::int64_t kTime = 1'763'289'000'123'456'789;
  EXPECT_EQ(text(kTime, LogTimeFormat::kRfc3339), "2025-11-16T10:30:00Z");
  EXPECT_EQ(text(kTime, LogTimeFormat::kRfc3339Ms), "2025-11-16T10:30:00.123Z");
  EXPECT_EQ(text(kTime, LogTimeFormat::kRfc3339Nano), "2025-11-16T10:30:00.123456789Z");
  EXPECT_EQ(text(kTime, LogTimeFormat::kIso8601), "2025-11-16T10:30:00.123+0000");
  EXPECT_EQ(text(kTime, LogTimeFormat::kUnix), "1763289000");
  EXPECT_EQ(text(kTime, LogTimeFormat::kUnixMs), "1763289000123");
  EXPECT_EQ(text(kTime, LogTimeFormat::kUnixUs), "1763289000123456");
  EXPECT_EQ(text(kTime, LogTimeFormat::kUnixNs), "1763289000123456789");
  EXPECT_EQ(text(kTime, LogTimeFormat::kNone), "");
}

TEST(LogTime, AgreesWithTheSystemsCalendar) {
  std::int64_t seconds = -9'000'000'000;  // 1684
  for (int i = 0; i < 200'000; ++i, seconds += 91'007) {
    if (seconds > 9'200'000'000) break;  // 2261
    std::tm calendar{};
    const std::time_t time = seconds;
    ASSERT_NE(gmtime_r(&time, &calendar), nullptr);
    char expected[32];
    std::strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%SZ", &calendar);
    ASSERT_EQ(text(seconds * 1'000'000'000, LogTimeFormat::kRfc3339), expected);
  }
  EXPECT_EQ(text(-1, LogTimeFormat::kRfc3339Nano), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(text(INT64_MIN, LogTimeFormat::kRfc3339), "1677-09-21T00:12:43Z");
  EXPECT_EQ(text(INT64_MAX, LogTimeFormat::kRfc3339Nano), "2262-04-11T23:47:16.854775807Z");
}

TEST(LogOutput, IsNamedByItsTarget) {
  EXPECT_EQ(log_output("stdout").target, LogTarget::kStdout);
  EXPECT_EQ(log_output("stderr").target, LogTarget::kStderr);
  EXPECT_EQ(log_output("/var/log/agent.log").target, LogTarget::kFile);
  EXPECT_EQ(log_output("/var/log/agent.log").path, "/var/log/agent.log");
}

TEST(LogOutput, FormatsAreReadByName) {
  EXPECT_EQ(*parse_log_format("json"), LogFormat::kJson);
  EXPECT_EQ(*parse_log_format("text"), LogFormat::kText);
  EXPECT_EQ(parse_log_format("xml").error(), "log format 'xml' is unknown: give json or text");
  EXPECT_EQ(*parse_log_time_format("rfc3339"), LogTimeFormat::kRfc3339);
  EXPECT_EQ(*parse_log_time_format("iso8601"), LogTimeFormat::kIso8601);
  EXPECT_EQ(*parse_log_time_format("unix"), LogTimeFormat::kUnix);
  EXPECT_EQ(*parse_log_time_format("unix_ms"), LogTimeFormat::kUnixMs);
  EXPECT_EQ(*parse_log_time_format("none"), LogTimeFormat::kNone);
  EXPECT_EQ(parse_log_time_format("rfc822").error(),
            "timestamp format 'rfc822' is unknown: give one of none, rfc3339, rfc3339_ms, rfc3339_nano, iso8601, unix, "
            "unix_ms, unix_us, unix_ns");
}

}  // namespace
}  // namespace sextant::logs
