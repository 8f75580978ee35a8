#include "sextant/log.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <set>
#include <stdexcept>
#include <thread>

#include "logs/test_kit.h"

namespace sextant::logs {
namespace {

std::string raw_of(const TraceId& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}
std::string raw_of(const SpanId& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

TEST(Logger, WritesAnOtlpRecordWithBodyAndAttributes) {
  Running running;
  const Logger logger = sextant::logger("planner", "1.2");
  logger.info("Starting agent", {{"version", "1.0.0"}, {"count", 3}, {"ratio", 0.5}, {"ok", true}});
  const Received record = running.record();
  EXPECT_EQ(record.scope, "planner");
  EXPECT_EQ(record.severity, 9U);
  EXPECT_EQ(record.severity_text, "INFO");
  EXPECT_EQ(record.body, "Starting agent");
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"version", "1.0.0"}, {"count", "3"}, {"ratio", "0.500000"}, {"ok", "true"}};
  EXPECT_EQ(record.attributes, expected);
  EXPECT_GT(record.observed_ns, 1'700'000'000'000'000'000U);
  EXPECT_EQ(record.time_ns, record.observed_ns);
  EXPECT_EQ(record.trace_id, "");
  EXPECT_EQ(record.span_id, "");
  EXPECT_EQ(running.sdk.stats().logs_written, 1U);
}

TEST(Logger, EachLevelHasItsNumber) {
  LogOptions options;
  options.least = Severity::kTrace;
  Running running(options);
  const Logger logger = sextant::logger("levels");
  logger.trace("1");
  logger.debug("5");
  logger.info("9");
  logger.warn("13");
  logger.error("17");
  logger.fatal("21");
  logger.log(static_cast<Severity>(12), "12");
  const auto records = running.records();
  ASSERT_EQ(records.size(), 7U);
  for (const Received& record : records) EXPECT_EQ(std::to_string(record.severity), record.body);
}

TEST(Logger, AddsTheActiveSpan) {
  Running running;
  const Logger logger = sextant::logger("spans");
  const ScopedSpan span(tracer("spans"), "work");
  logger.info("within");
  const Received record = running.record();
  const SpanContext& context = current_context().span();
  EXPECT_EQ(record.trace_id, raw_of(context.trace_id));
  EXPECT_EQ(record.span_id, raw_of(context.span_id));
  EXPECT_EQ(record.flags, context.flags);
}

TEST(Logger, TakesAnotherContextThanTheCurrentOne) {
  LogOptions options;
  options.least = Severity::kTrace;
  Running running(options);
  const Logger logger = sextant::logger("spans");
  Span other = tracer("spans").start("other");
  const Context context = Context().with_span(other);
  logger.trace(context, "t");
  logger.debug(context, "d");
  logger.info(context, "i", {{"a", 1}});
  logger.warn(context, "w");
  logger.error(context, "e");
  logger.fatal(context, "f");
  logger.log(Severity::kInfo, context, "l");
  logger.emit(LogEntry(Severity::kInfo, "entry").context(context));
  const auto records = running.records();
  ASSERT_EQ(records.size(), 8U);
  for (const Received& record : records) EXPECT_EQ(record.span_id, raw_of(other.context().span_id)) << record.body;
}

TEST(Logger, EntryHasEventNameTimesAndTextOfItsOwn) {
  Running running;
  const Logger logger = sextant::logger("events");
  const Attribute inner[] = {{"role", "user"}, {"content", "hi"}};
  logger.emit(LogEntry(Severity::kWarn, Map{{inner, 2}})
                  .attributes({{"gen_ai.system", "openai"}})
                  .event_name("gen_ai.user.message")
                  .time(Time(std::chrono::seconds(1'763'289'000)))
                  .observed_time(Time(std::chrono::seconds(1'763'289'001)))
                  .severity_text("W"));
  const Received record = running.record();
  EXPECT_EQ(record.event_name, "gen_ai.user.message");
  EXPECT_EQ(record.time_ns, 1'763'289'000'000'000'000U);
  EXPECT_EQ(record.observed_ns, 1'763'289'001'000'000'000U);
  EXPECT_EQ(record.severity, 13U);
  EXPECT_EQ(record.severity_text, "W");
  EXPECT_EQ(record.body.substr(0, 8), "(field 6");
  EXPECT_EQ(record.attribute("gen_ai.system"), "openai");
}

TEST(Logger, AddsAnExceptionUnlessTheAttributesSayOtherwise) {
  Running running;
  const Logger logger = sextant::logger("errors");
  const std::out_of_range error("index 7");
  logger.error(error, "tool failed", {{"tool", "search"}});
  logger.error(error, "tool failed", {{"exception.message", "mine"}});
  const auto records = running.records();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].attribute("exception.type"), "std::out_of_range");
  EXPECT_EQ(records[0].attribute("exception.message"), "index 7");
  EXPECT_EQ(records[0].attribute("tool"), "search");
  EXPECT_EQ(records[1].attribute("exception.message"), "mine");
  EXPECT_EQ(records[1].attributes.size(), 2U);
}

TEST(Logger, AttributesAreUniqueLimitedAndCut) {
  LogOptions options;
  options.attributes_max = 2;
  options.value_length_max = 4;
  Running running(options);
  sextant::logger("limits").info("a long body stays", {{"a", "first"}, {"b", "äöüßé"}, {"c", 3}, {"a", "second"}});
  const Received record = running.record();
  const std::vector<std::pair<std::string, std::string>> expected = {{"b", "äöüß"}, {"c", "3"}};
  EXPECT_EQ(record.attributes, expected);
  EXPECT_EQ(record.dropped_attributes, 1U);
  EXPECT_EQ(record.body, "a long body stays");
}

TEST(Logger, LargeBodiesAndInvalidTextsArrive) {
  Running running;
  const Logger logger = sextant::logger("large");
  const std::string large(1 << 20, 'x');
  logger.info(large);
  logger.info("bad \xff", {{"key \xfe", "value \xc0"}});
  const auto records = running.records();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].body, large);
  EXPECT_EQ(records[1].body, "bad ?");
  EXPECT_EQ(records[1].attribute("key ?"), "value ?");
}

TEST(Logger, LevelsBelowTheLeastAreOff) {
  LogOptions options;
  options.least = Severity::kWarn;
  Running running(options);
  const Logger logger = sextant::logger("levels");
  EXPECT_FALSE(logger.enabled(Severity::kInfo));
  EXPECT_TRUE(logger.enabled(Severity::kWarn));
  logger.info("no");
  logger.warn("yes");
  int evaluated = 0;
  const auto costly = [&] { return ++evaluated; };
  SEXTANT_LOG(logger, Severity::kDebug, "no", {{"costly", costly()}});
  SEXTANT_LOG(logger, Severity::kError, "yes", {{"costly", costly()}, {"more", 1}});
  EXPECT_EQ(evaluated, 1);
  EXPECT_EQ(running.records().size(), 2U);
}

TEST(Logger, OffIsOff) {
  LogOptions options;
  options.least = Severity::kOff;
  Running running(options);
  const Logger logger = sextant::logger("levels");
  logger.fatal("no");
  logger.log(Severity::kOff, "no");
  logger.log(static_cast<Severity>(0), "no");
  EXPECT_TRUE(running.records().empty());
}

TEST(Logger, LoggersMayHaveLevelsOfTheirOwn) {
  LogOptions options;
  options.loggers = {
      {"net.*", Severity::kDebug, false}, {"net.http", Severity::kError, false}, {"", Severity::kFatal, false}};
  const Logger before = sextant::logger("net.dns");
  EXPECT_FALSE(before.enabled(Severity::kFatal)) << "no SDK runs";
  {
    Running running(options);
    EXPECT_TRUE(before.enabled(Severity::kDebug));
    EXPECT_FALSE(before.enabled(Severity::kTrace));
    EXPECT_FALSE(sextant::logger("net.http").enabled(Severity::kWarn));
    EXPECT_TRUE(sextant::logger("net.http").enabled(Severity::kError));
    EXPECT_FALSE(sextant::logger("disk").enabled(Severity::kDebug));
    EXPECT_TRUE(sextant::logger("disk").enabled(Severity::kInfo));
    EXPECT_FALSE(Logger().enabled(Severity::kError));
    EXPECT_TRUE(Logger().enabled(Severity::kFatal));
  }
  EXPECT_FALSE(before.enabled(Severity::kFatal));
  EXPECT_FALSE(Logger().enabled(Severity::kFatal));
}

TEST(Logger, RecordsOfTracesThatAreNotSampledCanBeLeftOut) {
  LogOptions options;
  options.sampled_only = true;
  Running running(options);
  const Logger logger = sextant::logger("sampled");
  SpanContext span;
  span.trace_id.bytes[0] = 1;
  span.span_id.bytes[0] = 1;
  const Context unsampled = Context().with_span(span);
  span.flags = trace_flags::kSampled;
  const Context sampled = Context().with_span(span);
  EXPECT_FALSE(logger.enabled(Severity::kInfo, unsampled));
  EXPECT_TRUE(logger.enabled(Severity::kInfo, sampled));
  EXPECT_FALSE(logger.enabled(Severity::kDebug, sampled));
  logger.info(unsampled, "no");
  logger.info(sampled, "yes");
  logger.info("without a trace");
  EXPECT_EQ(running.records().size(), 2U);
  EXPECT_EQ(running.sdk.stats().logs_sampled_out, 1U);
}

TEST(Logger, KeepsTheShareOfEachLevelThatIsAskedFor) {
  LogOptions options;
  options.least = Severity::kTrace;
  options.debug_sample_rate = 0.01;
  options.trace_sample_rate = 0.1;
  options.queue.items_max = 200'000;
  Running running(options);
  const Logger logger = sextant::logger("rates");
  constexpr int kCalls = 100'000;
  for (int i = 0; i < kCalls; ++i) {
    logger.debug("d");
    logger.trace("t");
    if (i % 100 == 0) logger.info("i");
  }
  std::map<std::string, int> count;
  for (const Received& record : running.records()) ++count[record.body];
  // Six standard deviations of the binomial distribution: once in a thousand million runs.
  const auto near = [](int seen, double rate) {
    return std::abs(seen - kCalls * rate) <= 6 * std::sqrt(kCalls * rate * (1 - rate));
  };
  EXPECT_TRUE(near(count["d"], 0.01)) << count["d"];
  EXPECT_TRUE(near(count["t"], 0.1)) << count["t"];
  EXPECT_EQ(count["i"], kCalls / 100);
  const Stats stats = running.sdk.stats();
  EXPECT_EQ(stats.logs_written + stats.logs_sampled_out, 2U * kCalls + kCalls / 100);
  EXPECT_EQ(stats.logs_dropped, 0U);
}

TEST(Logger, RatesOfNothingAndOfAllAreExact) {
  LogOptions options;
  options.least = Severity::kTrace;
  options.debug_sample_rate = 0;
  options.info_sample_rate = 0;
  Running running(options);
  for (int i = 0; i < 100; ++i) {
    sextant::logger("rates").debug("no");
    sextant::logger("rates").info("no");
    sextant::logger("rates").trace("yes");
  }
  EXPECT_EQ(running.records().size(), 100U);
}

TEST(Logger, WrongRatesAreAnErrorThatSaysWhatIsRight) {
  const auto error_with = [](double LogOptions::* rate, double value) {
    Options options;
    options.logs.*rate = value;
    auto sdk = Sdk::start(std::move(options));
    return sdk.ok() ? std::string("started") : sdk.error();
  };
  EXPECT_EQ(error_with(&LogOptions::debug_sample_rate, 1.5),
            "logs.debug_sample_rate is 1.500000: give a share from 0 to 1");
  EXPECT_EQ(error_with(&LogOptions::trace_sample_rate, -1),
            "logs.trace_sample_rate is -1.000000: give a share from 0 to 1");
  EXPECT_EQ(error_with(&LogOptions::info_sample_rate, std::nan("")),
            "logs.info_sample_rate is nan: give a share from 0 to 1");
  Running running;  // the failed starts left nothing behind
  sextant::logger("after").info("works");
  EXPECT_EQ(running.record().body, "works");
}

TEST(Logger, ThreadsLoseAndDoubleNothing) {
  LogOptions options;
  options.queue.items_max = 100'000;
  Running running(options);
  constexpr int kThreads = 4;
  constexpr int kEach = 5'000;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([t] {
      const Logger logger = sextant::logger("threads");
      for (int i = 0; i < kEach; ++i) logger.info("x", {{"number", t * kEach + i}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> seen;
  for (const Received& record : running.records()) EXPECT_TRUE(seen.insert(record.attribute("number")).second);
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(kThreads * kEach));
}

TEST(Logger, AFullQueueDropsAndCounts) {
  LogOptions options;
  options.queue.items_max = 16;
  options.queue.batch_items_max = 16;
  Running running(options);
  const Logger logger = sextant::logger("full");
  constexpr int kCalls = 50'000;
  for (int i = 0; i < kCalls; ++i) logger.info("x");
  const std::size_t arrived = running.records().size();
  const Stats stats = running.sdk.stats();
  EXPECT_EQ(stats.logs_written, arrived);
  EXPECT_EQ(stats.logs_written + stats.logs_dropped, static_cast<std::uint64_t>(kCalls));
  EXPECT_EQ(running.sdk.flush().lost, stats.logs_dropped);
}

TEST(Logger, IsQuietWithoutAnSdkAndWhileItStartsAndStops) {
  std::atomic<bool> stopping{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&stopping] {
      const Logger logger = sextant::logger("restarts");
      while (!stopping.load()) logger.info("x", {{"a", 1}});
    });
  }
  Lines lines;
  for (int round = 0; round < 20; ++round) {
    LogOptions options;
    options.outputs.push_back(lines.output());
    Running running(options);
    sextant::logger("restarts").info("mine");
    EXPECT_FALSE(running.records().empty());
  }
  stopping.store(true);
  for (std::thread& thread : threads) thread.join();
}

TEST(Logger, NothingIsKeptWhereLogsAreOff) {
  LogOptions options;
  options.enabled = false;
  Running running(options);
  EXPECT_FALSE(sextant::logger("off").enabled(Severity::kFatal));
  sextant::logger("off").fatal("no");
  EXPECT_TRUE(running.records().empty());
}

}  // namespace
}  // namespace sextant::logs
