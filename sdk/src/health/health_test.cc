#include "sextant/health.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "health/health_routes.h"
#include "net/http_test_client.h"

namespace sextant {
namespace {

constexpr HealthSettings kUncached{8, std::chrono::milliseconds(0)};
constexpr auto kSoon = std::chrono::milliseconds(20);
constexpr auto kAnHour = std::chrono::milliseconds(3'600'000);

/// What holds checks up. Internally locked.
class Gate {
 public:
  ~Gate() { open(); }
  void open() {
    const std::lock_guard<std::mutex> lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  std::string pass() {
    std::unique_lock<std::mutex> lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    return {};
  }
  void wait_for(int count) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return arrived_ >= count; });
  }
  int arrived() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return arrived_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int arrived_ = 0;
  bool open_ = false;
};

HealthCheck well(const std::string& name) {
  return {name, [] { return ""; }, kAnHour};
}

HealthCheck ill(const std::string& name, const std::string& error) {
  return {name, [error] { return error; }, kAnHour};
}

const CheckReport& of(const HealthReport& report, const std::string& name) {
  for (const CheckReport& one : report.checks) {
    if (one.name == name) return one;
  }
  static const CheckReport none;
  return none;
}

TEST(HealthTest, AProgramWithoutChecksIsHealthy) {
  const HealthReport report = HealthChecker().check();
  EXPECT_TRUE(report.healthy);
  EXPECT_EQ(report.json(), "{\"status\":\"healthy\",\"checks\":{}}\n");
}

TEST(HealthTest, EachCheckSaysItsSentence) {
  HealthChecker checker(kUncached);
  ASSERT_TRUE(checker.add(well("llm")).ok());
  ASSERT_TRUE(checker.add(ill("redis", "no answer to PING")).ok());
  const HealthReport report = checker.check();
  EXPECT_FALSE(report.healthy);
  ASSERT_EQ(report.checks.size(), 2u);
  EXPECT_TRUE(report.checks[0].healthy);
  EXPECT_EQ(report.checks[1].error, "no answer to PING");
}

TEST(HealthTest, WhatFailsAndIsOptionalIsShownAndNothingMore) {
  HealthChecker checker(kUncached);
  HealthCheck check = ill("cache", "cold");
  check.importance = Importance::kOptional;
  ASSERT_TRUE(checker.add(std::move(check)).ok());
  const HealthReport report = checker.check();
  EXPECT_TRUE(report.healthy);
  EXPECT_FALSE(of(report, "cache").healthy);
}

TEST(HealthTest, AnExceptionIsAFailureAndItsSentence) {
  HealthChecker checker(kUncached);
  ASSERT_TRUE(checker.add({"a", []() -> std::string { throw std::runtime_error("broken pipe"); }, kAnHour}).ok());
  ASSERT_TRUE(checker.add({"b", []() -> std::string { throw std::runtime_error(""); }, kAnHour}).ok());
  ASSERT_TRUE(checker.add({"c", []() -> std::string { throw 7; }, kAnHour}).ok());
  const HealthReport report = checker.check();
  EXPECT_EQ(of(report, "a").error, "broken pipe");
  EXPECT_EQ(of(report, "b").error, "it threw an exception without a message");
  EXPECT_EQ(of(report, "c").error, "it threw something that is no exception");
}

TEST(HealthTest, ChecksRunAtTheSameTime) {
  HealthChecker checker(kUncached);
  const auto gate = std::make_shared<Gate>();
  for (const char* name : {"a", "b", "c"}) {
    ASSERT_TRUE(checker
                    .add({name,
                          [gate] {
                            if (gate->arrived() == 2) gate->open();  // the third one lets all through
                            return gate->pass();
                          },
                          kAnHour})
                    .ok());
  }
  EXPECT_TRUE(checker.check().healthy);
}

TEST(HealthTest, ACheckThatHangsIsReportedAndNotRunAgainUntilItReturns) {
  HealthChecker checker(kUncached);
  const auto gate = std::make_shared<Gate>();
  std::atomic<int> runs{0};
  std::atomic<bool> fails{false};
  ASSERT_TRUE(checker
                  .add({"slow",
                        [&runs, gate] {
                          ++runs;
                          return gate->pass();
                        },
                        kSoon})
                  .ok());
  ASSERT_TRUE(checker.add({"quick", [&] { return fails ? "no" : ""; }, kAnHour}).ok());
  HealthReport report = checker.check();
  EXPECT_FALSE(report.healthy);
  EXPECT_EQ(of(report, "slow").error, "it timed out after 20 ms");
  EXPECT_TRUE(of(report, "quick").healthy);
  fails = true;
  report = checker.check();
  EXPECT_EQ(of(report, "slow").error, "it has not returned for " + std::to_string(of(report, "slow").latency.count()) +
                                          " ms, and is not run again until it does");
  EXPECT_EQ(of(report, "quick").error, "no");
  EXPECT_EQ(runs, 1);
  gate->open();
  fails = false;
  while (!checker.check().healthy) {
  }
  EXPECT_GE(runs, 2);
}

TEST(HealthTest, WhereAllThreadsHangOtherChecksSayThatTheyDidNotRun) {
  HealthChecker checker({2, std::chrono::milliseconds(0)});
  const auto gate = std::make_shared<Gate>();
  for (const char* name : {"a", "b"}) ASSERT_TRUE(checker.add({name, [gate] { return gate->pass(); }, kSoon}).ok());
  ASSERT_TRUE(checker.add({"c", [] { return ""; }, kSoon}).ok());
  const HealthReport report = checker.check();
  EXPECT_EQ(of(report, "c").error, "it did not get to run within 20 ms: all 2 threads are busy with other checks");
  gate->open();
  while (!checker.check().healthy) {
  }
}

TEST(HealthTest, ManyChecksShareFewThreads) {
  HealthChecker checker({2, std::chrono::milliseconds(0)});
  std::atomic<int> at_once{0};
  std::atomic<int> most{0};
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(checker
                    .add({std::to_string(i),
                          [&] {
                            const int now = ++at_once;
                            int seen = most;
                            while (now > seen && !most.compare_exchange_weak(seen, now)) {
                            }
                            --at_once;
                            return "";
                          },
                          kAnHour})
                    .ok());
  }
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(checker.check().healthy);
  EXPECT_LE(most, 2);
}

TEST(HealthTest, AResultIsGivenAgainWhileItIsNew) {
  std::atomic<int> runs{0};
  HealthChecker checker({8, kAnHour});
  ASSERT_TRUE(checker
                  .add({"a",
                        [&] {
                          ++runs;
                          return "";
                        },
                        kAnHour})
                  .ok());
  for (int i = 0; i < 10; ++i) checker.check();
  EXPECT_EQ(runs, 1);
  ASSERT_TRUE(checker.add(ill("b", "new")).ok());
  EXPECT_FALSE(checker.check().healthy);  // what is new is asked
  EXPECT_EQ(runs, 2);
}

TEST(HealthTest, WhoAsksAtTheSameTimeSharesAResult) {
  std::atomic<int> runs{0};
  HealthChecker checker({8, kAnHour});
  const auto gate = std::make_shared<Gate>();
  ASSERT_TRUE(checker
                  .add({"a",
                        [&runs, gate] {
                          ++runs;
                          return gate->pass();
                        },
                        kAnHour})
                  .ok());
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([&] { EXPECT_TRUE(checker.check().healthy); });
  gate->wait_for(1);
  gate->open();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(runs, 1);
}

TEST(HealthTest, WhatIsRemovedIsNotRunAgain) {
  std::atomic<int> runs{0};
  HealthChecker checker(kUncached);
  ASSERT_TRUE(checker
                  .add({"a",
                        [&] {
                          ++runs;
                          return "no";
                        },
                        kAnHour})
                  .ok());
  EXPECT_FALSE(checker.check().healthy);
  EXPECT_TRUE(checker.remove("a"));
  EXPECT_TRUE(checker.remove("a"));
  EXPECT_TRUE(checker.check().healthy);
  EXPECT_EQ(runs, 1);
}

TEST(HealthTest, RemovingACheckThatHangsSaysThatItHasNotReturned) {
  HealthChecker checker(kUncached);
  const auto gate = std::make_shared<Gate>();
  ASSERT_TRUE(checker.add({"a", [gate] { return gate->pass(); }, kSoon}).ok());
  checker.check();
  EXPECT_FALSE(checker.remove("a"));
}

TEST(HealthTest, ACheckerEndsAlthoughACheckHangs) {
  const auto gate = std::make_shared<Gate>();
  {
    HealthChecker checker(kUncached);
    ASSERT_TRUE(checker.add({"a", [gate] { return gate->pass(); }, kSoon}).ok());
    checker.check();
  }
  gate->open();
}

TEST(HealthTest, ACheckIsWaitedForAtTheEndWhereItReturnsInTime) {
  const auto gate = std::make_shared<Gate>();
  std::atomic<bool> returned{false};
  std::thread opener;
  {
    HealthChecker checker(kUncached);
    ASSERT_TRUE(checker
                    .add({"a",
                          [&] {
                            gate->pass();
                            returned = true;
                            return "";
                          },
                          kAnHour})
                    .ok());
    std::thread asker([copy = checker] { copy.check(); });
    gate->wait_for(1);
    opener = std::thread([&] { gate->open(); });
    asker.join();
  }
  EXPECT_TRUE(returned);
  opener.join();
}

TEST(HealthTest, ChecksThatCannotBeAreErrors) {
  HealthChecker checker;
  EXPECT_EQ(checker.add({"", [] { return ""; }}).error(), "a health check needs a name");
  EXPECT_EQ(checker.add({"a", nullptr}).error(), "the health check 'a' has no function");
  EXPECT_EQ(checker.add({"a", [] { return ""; }, std::chrono::milliseconds(0)}).error(),
            "the health check 'a' needs a timeout above 0 ms and of at most an hour");
  ASSERT_TRUE(checker.add(well("a")).ok());
  EXPECT_EQ(checker.add(well("a")).error(), "a health check 'a' is there already");
  for (std::size_t i = 1; i < HealthChecker::kChecksMax; ++i) ASSERT_TRUE(checker.add(well(std::to_string(i))).ok());
  EXPECT_EQ(checker.add(well("b")).error(), "the health check 'b' is one too many: there are 256");
}

TEST(HealthTest, TheReportIsJsonForEveryNameAndSentence) {
  HealthReport report;
  report.checks.push_back({"a\"\n", false, std::chrono::milliseconds(12), "bad \xff byte\\"});
  EXPECT_EQ(report.json(),
            "{\"status\":\"unhealthy\",\"checks\":{\"a\\\"\\n\":{\"status\":\"unhealthy\",\"latency_ms\":12,"
            "\"error\":\"bad \xef\xbf\xbd byte\\\\\"}}}\n");
}

TEST(HealthTest, ALongSentenceIsCut) {
  HealthChecker checker(kUncached);
  ASSERT_TRUE(checker.add(ill("a", std::string(1'000'000, 'x'))).ok());
  EXPECT_EQ(of(checker.check(), "a").error.size(), 1'024u);
}

/// JSON without spaces, and every number as `N`.
std::string shape_of(const std::string& json) {
  std::string out;
  for (const char c : json) {
    if (c == ' ' || c == '\n') continue;
    const bool digit = c >= '0' && c <= '9';
    if (!digit)
      out += c;
    else if (out.empty() || out.back() != 'N')
      out += 'N';
  }
  return out;
}

TEST(HealthTest, TheReportHasTheFormOfTheFixture) {
  std::ifstream file(SEXTANT_SDK_FIXTURES "/beluga/health-response.json");
  if (!file) GTEST_SKIP() << "there is no " SEXTANT_SDK_FIXTURES;
  std::stringstream expected;
  expected << file.rdbuf();
  HealthChecker checker(kUncached);
  for (const char* name : {"llm", "vectorstore", "redis"}) ASSERT_TRUE(checker.add(well(name)).ok());
  EXPECT_EQ(shape_of(checker.check().json()), shape_of(expected.str()));
}

class HealthRoutesTest : public testing::Test {
 protected:
  void SetUp() override {
    net::HttpServer::Routes routes;
    health::add_health_routes(routes, checker_);
    auto server = net::HttpServer::start("127.0.0.1", 0, std::move(routes));
    ASSERT_TRUE(server.ok()) << server.error();
    server_ = std::move(*server);
  }
  net::TestAnswer get(const std::string& path) { return net::TestClient(server_->port()).get(path); }

  HealthChecker checker_{kUncached};
  std::unique_ptr<net::HttpServer> server_;
};

TEST_F(HealthRoutesTest, ReadinessIsWhatTheChecksSay) {
  net::TestAnswer answer = get("/readyz");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(net::find_header(answer.headers, "content-type"), "application/json");
  std::atomic<bool> fails{true};
  ASSERT_TRUE(checker_.add({"redis", [&] { return fails ? "down" : ""; }, kAnHour}).ok());
  answer = get("/readyz");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(shape_of(answer.body),
            "{\"status\":\"unhealthy\",\"checks\":{\"redis\":{\"status\":\"unhealthy\",\"latency_ms\":N,"
            "\"error\":\"down\"}}}");
  fails = false;
  EXPECT_EQ(get("/readyz").status, 200);
}

TEST_F(HealthRoutesTest, LivenessIsAnsweredWhileAReadinessCheckHangs) {
  const auto gate = std::make_shared<Gate>();
  ASSERT_TRUE(checker_.add({"a", [gate] { return gate->pass(); }, kAnHour}).ok());
  net::TestClient waiting(server_->port());
  waiting.send("GET /readyz HTTP/1.1\r\nHost: test\r\n\r\n");
  gate->wait_for(1);
  const net::TestAnswer alive = get("/healthz");
  EXPECT_EQ(alive.status, 200);
  EXPECT_EQ(alive.body, "{\"status\":\"healthy\",\"checks\":{}}\n");
  gate->open();
  EXPECT_EQ(waiting.receive().status, 200);
}

TEST_F(HealthRoutesTest, TheServerMayEndWhileAProbeWaits) {
  const auto gate = std::make_shared<Gate>();
  ASSERT_TRUE(checker_.add({"a", [gate] { return gate->pass(); }, kAnHour}).ok());
  net::TestClient waiting(server_->port());
  waiting.send("GET /readyz HTTP/1.1\r\nHost: test\r\n\r\n");
  gate->wait_for(1);
  server_->stop();
  gate->open();
  EXPECT_TRUE(waiting.is_ended());
}

}  // namespace
}  // namespace sextant
