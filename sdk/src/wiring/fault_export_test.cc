// Receivers that fail in every way, seen from the program: it is never held up, memory has its bound, and what became
// of every span is known.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "otlp/any_value.h"
#include "otlp/items.h"
#include "otlp/wire.h"
#include "sextant/sextant.h"
#include "tests/support/hanging_names.h"
#include "tests/support/receiver.h"

namespace sextant {
namespace {

using std::chrono::milliseconds;
using test::Answer;
using test::Received;
using test::Receiver;
using testing::HasSubstr;
using Manner = Answer::Manner;

constexpr milliseconds kSoon{50};
constexpr milliseconds kLong{120'000};  // for what happens in any case

/// Silences what the SDK says of the faults.
class FaultExportTest : public testing::Test {
 protected:
  FaultExportTest() { set_diagnostic_level(LogLevel::kOff); }
  ~FaultExportTest() override { set_diagnostic_level(LogLevel::kWarn); }

  static ExporterPtr exporter_to(const std::string& url) {
    OtlpHttpSettings settings;
    settings.endpoint = url;
    return otlp_http(settings);
  }
  static Options options_to(const std::vector<std::string>& urls) {
    Options options;
    options.service_name = "faults";
    options.sampler = always_on();
    for (const std::string& url : urls) options.exporters.push_back(exporter_to(url));
    options.export_settings.retry_pause = milliseconds(1);
    options.export_settings.retry_pause_max = milliseconds(5);
    options.span_queue.delay = milliseconds(5);
    options.span_queue.items_max = 65'536;
    return options;
  }
  static Sdk started(Options options) {
    auto sdk = Sdk::start(std::move(options));
    EXPECT_TRUE(sdk) << sdk.error();
    return std::move(*sdk);
  }
  static void make_spans(std::size_t count) {
    const Tracer tracer = sextant::tracer("faults");
    for (std::size_t i = 0; i < count; ++i) tracer.start("step", {{"index", i}}).end();
  }
  /// Waits for what a thread of the SDK's brings about.
  template <class Condition>
  static void until(Condition condition) {
    while (!condition()) std::this_thread::yield();
  }
  /// Invariant: what has ended is somewhere, or is counted as gone. Requires: flushed, so that nothing is on its way.
  static void expect_all_accounted_for(const Stats& stats) {
    for (const ExporterCounts& exporter : stats.exporters) {
      EXPECT_EQ(stats.spans_ended,
                exporter.sent + exporter.rejected + exporter.lost + exporter.pending + stats.spans_dropped)
          << exporter.name;
    }
  }
};

/// An Export…ServiceResponse that rejects.
std::string partial_success(std::uint64_t rejected, std::string_view message) {
  char inner[200];
  char* end = otlp::write_varint(otlp::write_tag<1>(inner, otlp::WireType::kVarint), rejected);
  end = otlp::write_bytes<2>(end, message);
  char outer[220];
  char* const outer_end = otlp::write_bytes<1>(outer, std::string_view(inner, static_cast<std::size_t>(end - inner)));
  return std::string(outer, outer_end);
}

TEST_F(FaultExportTest, AReceiverThatIsDownCostsNothingButTime) {
  const test::Port down;
  Sdk sdk = started(options_to({down.url()}));
  make_spans(100);
  const FlushResult flushed = sdk.flush(kSoon);
  EXPECT_FALSE(flushed.complete);
  EXPECT_EQ(flushed.lost, 0u);
  EXPECT_THAT(flushed.message, HasSubstr("100 items not sent, 0 lost"));
  EXPECT_THAT(flushed.message, HasSubstr("Connection refused"));
  expect_all_accounted_for(sdk.stats());
  const FlushResult stopped = sdk.shutdown(kSoon);
  EXPECT_FALSE(stopped.complete);
  EXPECT_EQ(stopped.lost, 100u);
  EXPECT_THAT(stopped.message, HasSubstr("100 lost"));
}

TEST_F(FaultExportTest, NothingIsLostInAnOutage) {
  const test::Port port;
  auto receiver = std::make_unique<Receiver>(Receiver::Handler(), Receiver::Wrap(), port.number());
  Sdk sdk = started(options_to({port.url()}));
  make_spans(1'000);
  ASSERT_TRUE(sdk.flush(kLong).complete);
  receiver.reset();
  constexpr std::uint64_t kRounds = 60;  // of a second each, at 1,000 spans a second
  for (std::uint64_t round = 1; round <= kRounds; ++round) {
    make_spans(1'000);
    until([&] { return sdk.stats().exporters[0].retries >= round; });
  }
  EXPECT_EQ(sdk.stats().exporters[0].sent, 1'000u);
  receiver = std::make_unique<Receiver>(Receiver::Handler(), Receiver::Wrap(), port.number());
  const FlushResult flushed = sdk.flush(kLong);
  EXPECT_TRUE(flushed.complete) << flushed.message;
  const Stats stats = sdk.stats();
  EXPECT_EQ(stats.exporters[0].sent, 61'000u);
  EXPECT_EQ(stats.exporters[0].lost + stats.exporters[0].rejected + stats.spans_dropped, 0u);
}

TEST_F(FaultExportTest, AHungReceiverDoesNotHoldUpTheProgramOrItsEnd) {
  Receiver receiver([](const Received&) { return Answer{0, {}, {}, Manner::kHang}; });
  Sdk sdk = started(options_to({receiver.url()}));
  make_spans(2'000);
  receiver.wait_for(1);
  make_spans(2'000);
  const FlushResult stopped = sdk.shutdown(milliseconds(1'000));
  EXPECT_FALSE(stopped.complete);
  EXPECT_EQ(stopped.lost, 4'000u);
  EXPECT_THAT(stopped.message, HasSubstr("4000 lost"));
}

TEST_F(FaultExportTest, AnAttemptAtAHungReceiverEndsInTimeAndIsMadeAgain) {
  Receiver receiver([](const Received&) { return Answer{0, {}, {}, Manner::kHang}; });
  Options options = options_to({receiver.url()});
  options.export_settings.timeout = milliseconds(20);
  Sdk sdk = started(std::move(options));
  make_spans(10);
  receiver.wait_for(3);
  EXPECT_THAT(sdk.stats().exporters[0].last_error, HasSubstr("timed out"));
  receiver.set_handler({});
  until([&] { return sdk.stats().exporters[0].sent == 10; });
}

TEST_F(FaultExportTest, AConnectionThatNobodyServesIsLikeNone) {
  test::Port half_open;
  half_open.listen_without_accepting();
  Options options = options_to({half_open.url()});
  options.export_settings.timeout = milliseconds(10);
  Sdk sdk = started(std::move(options));
  make_spans(5'000);
  until([&] { return sdk.stats().exporters[0].retries >= 2; });
  EXPECT_THAT(sdk.stats().exporters[0].last_error, HasSubstr("timed out"));
  EXPECT_EQ(sdk.shutdown(kSoon).lost, 5'000u);
}

TEST_F(FaultExportTest, AConnectionThatEndsWithoutAnAnswerIsTriedAgain) {
  std::atomic<int> left{3};
  Receiver receiver(
      [&](const Received&) { return left.fetch_sub(1) > 0 ? Answer{0, {}, {}, Manner::kClose} : Answer{}; });
  Sdk sdk = started(options_to({receiver.url()}));
  make_spans(10);
  EXPECT_TRUE(sdk.flush(kLong).complete);
  const Stats stats = sdk.stats();
  EXPECT_EQ(stats.exporters[0].sent, 10u);
  EXPECT_EQ(receiver.requests().size(), 4u);
}

TEST_F(FaultExportTest, GarbageForAnAnswerIsTriedAgain) {
  std::atomic<int> left{2};
  Receiver receiver([&](const Received&) {
    return left.fetch_sub(1) > 0 ? Answer{0, {}, "\x16\x03\x01 no HTTP at all\r\n\r\n", Manner::kRaw} : Answer{};
  });
  Sdk sdk = started(options_to({receiver.url()}));
  make_spans(10);
  EXPECT_TRUE(sdk.flush(kLong).complete);
  const ExporterCounts counts = sdk.stats().exporters[0];
  EXPECT_EQ(counts.sent, 10u);
  EXPECT_EQ(counts.retries, 2u);
  EXPECT_THAT(counts.last_error, HasSubstr("the answer cannot be read: its header is no HTTP"));
}

TEST_F(FaultExportTest, AnyBytesForAnAnswerLeaveTheCountsRight) {
  constexpr std::uint32_t kSeed = 20'261;
  std::mt19937 chance(kSeed);
  const std::vector<std::string> pieces = {
      "HTTP/1.1 ",         "200 OK",  "503 x",    "\r\n", "\r\n\r\n", ": ", "Content-Length",
      "Transfer-Encoding", "chunked", "7fffffff", "1",    "0"};
  std::mutex mutex;
  Receiver receiver([&](const Received&) {
    const std::lock_guard<std::mutex> lock(mutex);
    std::string bytes = chance() % 2 == 0 ? "HTTP/1.1 200 OK\r\n" : "";
    for (auto i = chance() % 20; i > 0; --i)
      bytes += chance() % 3 == 0 ? std::string(1, static_cast<char>(chance())) : pieces[chance() % pieces.size()];
    return Answer{0, {}, bytes, chance() % 10 == 0 ? Manner::kProper : Manner::kRaw};
  });
  Sdk sdk = started(options_to({receiver.url()}));
  for (int i = 0; i < 200; ++i) {
    make_spans(3);
    sdk.flush(milliseconds(2));
  }
  receiver.set_handler({});
  EXPECT_TRUE(sdk.flush(kLong).complete) << "seed " << kSeed;
  const Stats stats = sdk.stats();
  EXPECT_EQ(stats.spans_ended, 600u);
  EXPECT_EQ(stats.exporters[0].lost + stats.exporters[0].pending, 0u);
  expect_all_accounted_for(stats);
}

TEST_F(FaultExportTest, AnAnswerOfAGibibyteIsNotReadAndNotAskedForAgain) {
  Receiver receiver(
      [](const Received&) { return Answer{200, {{"Content-Length", "1073741824"}}, {}, Manner::kEndless}; });
  Receiver endless([](const Received&) { return Answer{200, {}, {}, Manner::kEndless}; });
  Sdk sdk = started(options_to({receiver.url(), endless.url()}));
  make_spans(10);
  EXPECT_TRUE(sdk.flush(kLong).complete);
  for (const ExporterCounts& counts : sdk.stats().exporters) {
    EXPECT_EQ(counts.rejected, 10u);
    EXPECT_EQ(counts.attempts, 1u);
    EXPECT_THAT(counts.last_error, HasSubstr("answered 200 with more than 4 MiB"));
  }
}

TEST_F(FaultExportTest, WhatIsNotWantedNowIsSentAgain) {
  for (const int status : {429, 502, 503, 504}) {
    std::atomic<int> left{2};
    Receiver receiver([&](const Received&) { return left.fetch_sub(1) > 0 ? Answer{status, {}, "busy"} : Answer{}; });
    Sdk sdk = started(options_to({receiver.url()}));
    make_spans(10);
    EXPECT_TRUE(sdk.flush(kLong).complete);
    const ExporterCounts counts = sdk.stats().exporters[0];
    EXPECT_EQ(counts.sent, 10u);
    EXPECT_EQ(counts.retries, 2u);
    EXPECT_EQ(counts.last_error, "answered " + std::to_string(status) + " busy");
    const auto requests = receiver.requests();
    EXPECT_EQ(requests.at(0).body, requests.at(2).body);
  }
}

TEST_F(FaultExportTest, APauseThatTheReceiverAsksForIsKeptUntilTheProgramWantsAnEnd) {
  Receiver receiver([](const Received&) { return Answer{429, {{"Retry-After", "3600"}}}; });
  Sdk sdk = started(options_to({receiver.url()}));
  make_spans(10);
  until([&] { return sdk.stats().exporters[0].retries == 1; });
  receiver.set_handler({});
  EXPECT_EQ(receiver.requests().size(), 1u);
  EXPECT_TRUE(sdk.flush(kLong).complete);
  EXPECT_EQ(sdk.stats().exporters[0].sent, 10u);
}

TEST_F(FaultExportTest, WhatIsRefusedIsCountedAndNotSentAgain) {
  for (const int status : {400, 401, 404, 413, 415, 500, 501, 301}) {
    Receiver receiver([&](const Received&) { return Answer{status, {}, "not like this\nmore"}; });
    Sdk sdk = started(options_to({receiver.url()}));
    make_spans(10);
    const FlushResult flushed = sdk.flush(kLong);
    EXPECT_TRUE(flushed.complete);
    EXPECT_EQ(flushed.lost, 10u);
    const Stats stats = sdk.stats();
    EXPECT_EQ(stats.exporters[0].rejected, 10u);
    EXPECT_EQ(stats.exporters[0].last_error, "answered " + std::to_string(status) + " not like this");
    EXPECT_EQ(receiver.requests().size(), 1u);
    expect_all_accounted_for(stats);
  }
}

TEST_F(FaultExportTest, WhatIsRejectedOfABatchIsCounted) {
  const std::vector<Answer> answers = {
      {200, {{"Content-Type", "application/x-protobuf"}}, partial_success(3, "three too many")},
      {200,
       {{"Content-Type", "application/json; charset=utf-8"}},
       R"({"partialSuccess": {"rejectedSpans": "3", "errorMessage": "three too many"}})"}};
  for (const Answer& answer : answers) {
    Receiver receiver([&](const Received&) { return answer; });
    Sdk sdk = started(options_to({receiver.url()}));
    make_spans(10);
    const FlushResult flushed = sdk.flush(kLong);
    EXPECT_TRUE(flushed.complete);
    EXPECT_EQ(flushed.lost, 3u);
    const Stats stats = sdk.stats();
    EXPECT_EQ(stats.exporters[0].sent, 7u);
    EXPECT_EQ(stats.exporters[0].rejected, 3u);
    EXPECT_EQ(stats.exporters[0].last_error, "three too many");
    EXPECT_EQ(receiver.requests().size(), 1u);
    expect_all_accounted_for(stats);
  }
}

TEST_F(FaultExportTest, ANameServerThatHangsHoldsUpNothing) {
  test::HangingNames names;
  Options options = options_to({"http://hangs.invalid:4318"});
  options.export_settings.timeout = milliseconds(10);
  Sdk sdk = started(std::move(options));
  make_spans(10);
  names.wait_for_lookup();
  until([&] { return sdk.stats().exporters[0].last_error.find("takes too long") != std::string::npos; });
  EXPECT_FALSE(sdk.flush(kSoon).complete);
  EXPECT_EQ(sdk.shutdown(kSoon).lost, 10u);
}

TEST_F(FaultExportTest, TheEndDoesNotWaitForANameServer) {
  test::HangingNames names;
  Options options = options_to({"http://hangs.invalid:4318"});
  options.export_settings.timeout = std::chrono::hours(1);
  Sdk sdk = started(std::move(options));
  make_spans(10);
  names.wait_for_lookup();
  EXPECT_EQ(sdk.shutdown(kSoon).lost, 10u);
}

TEST_F(FaultExportTest, OneDeadReceiverOfSeveralDelaysNoOther) {
  const test::Port down;
  test::Port half_open;
  half_open.listen_without_accepting();
  Receiver hung([](const Received&) { return Answer{0, {}, {}, Manner::kHang}; });
  Receiver first;
  Receiver second;
  Sdk sdk = started(options_to({down.url(), first.url(), half_open.url(), hung.url(), second.url()}));
  make_spans(10'000);
  until([&] {
    const Stats stats = sdk.stats();
    return stats.exporters[1].sent == 10'000 && stats.exporters[4].sent == 10'000;
  });
  const Stats stats = sdk.stats();
  EXPECT_EQ(stats.exporters[0].pending, 10'000u);
  EXPECT_EQ(stats.exporters[2].pending, 10'000u);
  EXPECT_EQ(stats.exporters[3].pending, 10'000u);
  EXPECT_EQ(stats.spans_dropped, 0u);
  const FlushResult stopped = sdk.shutdown(kSoon);
  EXPECT_EQ(stopped.lost, 30'000u);
}

TEST_F(FaultExportTest, MemoryHasItsBoundAndWhatGoesIsCounted) {
  Receiver receiver([](const Received&) { return Answer{0, {}, {}, Manner::kHang}; });
  Options options = options_to({receiver.url()});
  options.export_settings.pending_bytes_max = 100'000;
  options.span_queue.items_max = 1'024;
  Sdk sdk = started(std::move(options));
  std::size_t made = 0;
  while (sdk.stats().exporters[0].lost < 20'000) {
    make_spans(500);
    made += 500;
    EXPECT_LE(sdk.stats().exporters[0].pending_bytes, 100'000u + 100'000u);  // and the one that is being sent
  }
  sdk.flush(kSoon);
  const Stats stats = sdk.stats();
  EXPECT_EQ(stats.spans_ended, made);
  EXPECT_GT(stats.exporters[0].pending, 0u);
  expect_all_accounted_for(stats);
  EXPECT_EQ(sdk.shutdown(kSoon).lost, made);
}

TEST_F(FaultExportTest, ASlowReceiverHoldsUpNobodyAndDropsAreCounted) {
  std::mutex mutex;
  std::condition_variable opened;
  bool open = false;
  Receiver receiver([&](const Received&) {
    std::unique_lock<std::mutex> lock(mutex);
    opened.wait(lock, [&] { return open; });
    return Answer{};
  });
  Options options = options_to({receiver.url()});
  options.span_queue.items_max = 1'024;
  options.export_settings.timeout = kLong;
  Sdk sdk = started(std::move(options));
  make_spans(50'000);
  {
    const std::lock_guard<std::mutex> lock(mutex);
    open = true;
    opened.notify_all();
  }
  EXPECT_TRUE(sdk.flush(kLong).complete);
  const Stats stats = sdk.stats();
  EXPECT_EQ(stats.spans_ended, 50'000u);
  EXPECT_EQ(stats.exporters[0].sent + stats.spans_dropped, 50'000u);
}

/// Which numbers have come, in the attribute that make_spans() sets. Internally locked.
class Tally {
 public:
  explicit Tally(std::size_t size) : seen_(size) {}
  void add(const std::string& request) {
    const std::lock_guard<std::mutex> lock(mutex_);
    otlp::for_each_item(request, [&](const otlp::Place&, std::string_view span) {
      const otlp::AnyView index = otlp::read_any(otlp::find_attribute(span, otlp::SpanView::kAttributes, "index"));
      const auto at = static_cast<std::size_t>(index.integer);
      if (at < seen_.size() && !seen_[at]) {
        seen_[at] = true;
        ++once_;
      } else {
        ++more_;
      }
    });
  }
  std::size_t once() const { return once_; }
  std::size_t more() const { return more_; }

 private:
  std::mutex mutex_;
  std::vector<bool> seen_;
  std::size_t once_ = 0;
  std::size_t more_ = 0;
};

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr std::size_t kSpansOfAThread = 5'000;
#else
constexpr std::size_t kSpansOfAThread = 125'000;
#endif

TEST_F(FaultExportTest, OfAMillionSpansOfEightThreadsNoneIsLostOrDoubled) {
  constexpr std::size_t kThreads = 8;
  constexpr std::size_t kSpans = kThreads * kSpansOfAThread;
  Tally tally(kSpans);
  std::atomic<int> requests{0};
  Receiver receiver([&](const Received& received) {
    if (requests.fetch_add(1) % 50 == 49) return Answer{503, {}, "busy"};  // some are sent twice
    tally.add(received.body);
    return Answer{};
  });
  receiver.keep_no_bodies();
  Sdk sdk = started(options_to({receiver.url()}));
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      const Tracer tracer = sextant::tracer("million");
      for (std::size_t i = 0; i < kSpansOfAThread; ++i) {
        tracer.start("step", {{"index", t * kSpansOfAThread + i}}).end();
        if (i % 512 != 0) continue;
        until([&] {
          const Stats stats = sdk.stats();
          return stats.spans_queued < 32'768 && stats.exporters[0].pending_bytes < (16u << 20);
        });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(sdk.flush(kLong).complete);
  const Stats stats = sdk.stats();
  EXPECT_EQ(stats.spans_ended, kSpans);
  EXPECT_EQ(stats.spans_dropped, 0u);
  EXPECT_EQ(stats.exporters[0].sent, kSpans);
  EXPECT_EQ(tally.once(), kSpans);
  EXPECT_EQ(tally.more(), 0u);
}

}  // namespace
}  // namespace sextant
