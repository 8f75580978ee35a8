// Strategies: what is read from either form, and what is kept by them.
#include "sampling/strategy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <thread>

#include "base/clock.h"
#include "sampling/strategy_json.h"
#include "tests/support/repository.h"

namespace sextant::sampling {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kSecond = 1'000'000'000;

TEST(Limiter, HoldsOneSecondsWorth) {
  Limiter limiter(5);
  const std::int64_t now = 100 * kSecond;
  int taken = 0;
  for (int i = 0; i < 100; ++i) taken += limiter.take(now) ? 1 : 0;
  EXPECT_EQ(taken, 5);
  EXPECT_FALSE(limiter.take(now + kSecond / 5 - 1));
  EXPECT_TRUE(limiter.take(now + kSecond / 5));
  taken = 0;
  for (int i = 0; i < 100; ++i) taken += limiter.take(now + 60 * kSecond) ? 1 : 0;
  EXPECT_EQ(taken, 5);
}

TEST(Limiter, HoldsAtLeastOne) {
  Limiter rare(0.1);
  EXPECT_TRUE(rare.take(kSecond));
  EXPECT_FALSE(rare.take(10 * kSecond));
  EXPECT_TRUE(rare.take(11 * kSecond));
  Limiter none(0);
  EXPECT_FALSE(none.take(kSecond));
  Limiter hardly(1e-300);
  EXPECT_TRUE(hardly.take(kSecond));
  EXPECT_FALSE(hardly.take(1'000'000 * kSecond));
  Limiter boundless(1e9);
  for (int i = 0; i < 10'000; ++i) ASSERT_TRUE(boundless.take(kSecond));
}

TEST(Limiter, GivesNoMoreToManyThreads) {
  Limiter limiter(1'000);
  std::atomic<int> taken{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) taken += limiter.take(kSecond) ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, 1'000);
}

StrategyText read(std::string_view json, std::string_view service = "s", std::size_t operations_max = 100) {
  Result<StrategyText> text = read_strategy(json, service, operations_max);
  EXPECT_TRUE(text.ok()) << text.error();
  return text.ok() ? std::move(*text) : StrategyText{};
}

/// Of 100,000 random traces.
std::size_t kept(Strategy& strategy, std::string_view operation, std::uint64_t seed = 1) {
  std::mt19937_64 random(seed);
  std::size_t kept = 0;
  for (int i = 0; i < 100'000; ++i) {
    TraceId id;
    for (std::uint8_t& byte : id.bytes) byte = static_cast<std::uint8_t>(random());
    kept += strategy.decide(id, operation) ? 1 : 0;
  }
  return kept;
}

/// Six standard deviations of the binomial distribution.
void expect_share(std::size_t kept, double share) {
  const double mean = 100'000 * share;
  EXPECT_NEAR(static_cast<double>(kept), mean, 6 * std::sqrt(mean * (1 - share)));
}

/// By a rate: at once one second's worth, and then as much as the time allows that this has taken.
template <class Work>
void expect_rate(double per_second, Work work) {
  const std::int64_t begin = monotonic_ns();
  const std::size_t kept = work();
  const double seconds = static_cast<double>(monotonic_ns() - begin) * 1e-9 + 0.1;  // the coarse clock's grain
  EXPECT_GE(static_cast<double>(kept), std::floor(per_second));
  EXPECT_LE(static_cast<double>(kept), per_second * (1 + seconds) + 1);
}

TEST(Strategy, DoesWhatTheFixtureSays) {
  const std::string json = test::text_of_file(test::fixtures() + "caxton/sampling-strategies.json");
  if (json.empty()) GTEST_SKIP() << "skipped: the fixture sampling-strategies.json is not there";
  Strategy other(read(json, "another"));
  expect_share(kept(other, "agent.execute"), 0.05);
  StrategyText text = read(json, "caxton-runtime");
  EXPECT_EQ(text.rule.max_traces_per_second, 100);
  expect_rate(100, [&] {
    Strategy capped(text);
    return kept(capped, "anything");
  });
  expect_rate(50, [&] {
    Strategy rated(text);
    return kept(rated, "message.process");
  });
  text.rule.max_traces_per_second.reset();
  Strategy uncapped(text);
  expect_share(kept(uncapped, "anything"), 0.1);
  expect_share(kept(uncapped, "agent.execute"), 0.2);
}

TEST(Strategy, KeepsTheSameTracesAsTheRatioSampler) {
  Strategy strategy(read(R"({"default_strategy": {"type": "probabilistic", "param": 0.5}})"));
  TraceId low;
  low.bytes[9] = 0x7f;
  TraceId high;
  high.bytes[9] = 0x80;
  EXPECT_FALSE(strategy.decide(low, ""));
  EXPECT_TRUE(strategy.decide(high, ""));
}

TEST(Strategy, CapsOperationsOfTheirOwn) {
  Strategy strategy(read(R"({"default_strategy": {"type": "probabilistic", "param": 1, "operation_strategies": [
      {"operation": "a", "type": "probabilistic", "param": 1, "max_traces_per_second": 7}]}})"));
  expect_rate(7, [&] { return kept(strategy, "a"); });
  EXPECT_EQ(kept(strategy, "b"), 100'000u);
}

TEST(Strategy, KeepsBoundsForEachOperation) {
  Strategy strategy(read(R"({"operationSampling": {"defaultSamplingProbability": 0,
      "defaultLowerBoundTracesPerSecond": 3, "perOperationStrategies": []}})"));
  expect_rate(3, [&] { return kept(strategy, "a"); });
  expect_rate(3, [&] { return kept(strategy, "b"); });
  Strategy capped(read(R"({"operationSampling": {"defaultSamplingProbability": 1,
      "defaultUpperBoundTracesPerSecond": 9, "perOperationStrategies": null}})"));
  expect_rate(9, [&] { return kept(capped, "a"); });
  expect_rate(9, [&] { return kept(capped, "b"); });
}

TEST(Strategy, KeepsNoBoundsForEndlesslyManyOperations) {
  Strategy strategy(read(R"({"operationSampling": {"defaultSamplingProbability": 0,
      "defaultLowerBoundTracesPerSecond": 0.001}})"));
  std::size_t kept = 0;
  for (int i = 0; i < 50'000; ++i) kept += strategy.decide(TraceId{}, "operation " + std::to_string(i)) ? 1 : 0;
  EXPECT_LE(kept, 4'096u);
  EXPECT_GE(kept, 4'000u);
}

TEST(Strategy, FindsEveryOneOfManyOperations) {
  StrategyText text;
  for (int i = 0; i < 2'000; ++i)
    text.operations.push_back({"operation " + std::to_string(i), {RuleText::Kind::kShare, 1, {}}});
  Strategy strategy(text);
  for (int i = 0; i < 2'000; ++i) ASSERT_TRUE(strategy.decide(TraceId{}, "operation " + std::to_string(i)));
  EXPECT_FALSE(strategy.decide(TraceId{}, "operation 2000"));
  EXPECT_FALSE(strategy.decide(TraceId{}, ""));
}

TEST(Strategy, DescribesItself) {
  EXPECT_EQ(Strategy(read(R"({"default_strategy": {"type": "probabilistic", "param": 0.1, "max_traces_per_second": 5,
      "operation_strategies": [{"operation": "a", "type": "ratelimiting", "param": 2}]}})"))
                .describe(),
            "0.100000, at most 5/s; a: 2/s");
}

TEST(StrategyJson, TakesTheFormsOfAnAnswer) {
  const StrategyText share = read(
      R"({"strategyType": "PROBABILISTIC", "probabilisticSampling": {"samplingRate": 0.5}, "rateLimitingSampling": null,
          "operationSampling": null, "later": [{"x": {}}]})");
  EXPECT_EQ(share.rule.kind, RuleText::Kind::kShare);
  EXPECT_EQ(share.rule.param, 0.5);
  const StrategyText rate = read(R"({"strategyType": 1, "rateLimitingSampling": {"maxTracesPerSecond": 5}})");
  EXPECT_EQ(rate.rule.kind, RuleText::Kind::kRate);
  EXPECT_EQ(rate.rule.param, 5);
  const StrategyText operations = read(
      R"({"probabilisticSampling": {"samplingRate": 0.5}, "operationSampling": {"defaultSamplingProbability": 0.25,
          "defaultLowerBoundTracesPerSecond": 1, "defaultUpperBoundTracesPerSecond": 0, "perOperationStrategies": [
          {"operation": "a", "probabilisticSampling": {"samplingRate": 0.75}},
          {"operation": "b", "rateLimitingSampling": {"maxTracesPerSecond": 2}}]}})");
  EXPECT_EQ(operations.rule.param, 0.25);
  EXPECT_EQ(operations.lower_bound, 1);
  EXPECT_FALSE(operations.upper_bound.has_value());
  ASSERT_EQ(operations.operations.size(), 2u);
  EXPECT_EQ(operations.operations[0].rule.param, 0.75);
  EXPECT_EQ(operations.operations[1].rule.kind, RuleText::Kind::kRate);
}

TEST(StrategyJson, FillsUpWithTheOperationsOfTheDefault) {
  constexpr std::string_view kJson = R"({"default_strategy": {"type": "probabilistic", "param": 0.1,
      "operation_strategies": [{"operation": "x", "type": "probabilistic", "param": 0.3},
                               {"operation": "y", "type": "probabilistic", "param": 0.3}]},
      "service_strategies": [{"param": 1, "type": "ratelimiting", "service": "s",
      "operation_strategies": [{"operation": "x", "type": "probabilistic", "param": 1}]}]})";
  Strategy strategy(read(kJson));
  EXPECT_EQ(kept(strategy, "x"), 100'000u);
  expect_share(kept(strategy, "y"), 0.3);
  EXPECT_EQ(read(kJson, "s", 2).operations.size(), 2u);
  EXPECT_EQ(read(kJson, "other", 1).operations.size(), 1u);
}

std::string error_of(std::string_view json) {
  const Result<StrategyText> text = read_strategy(json, "s", 10);
  return text.ok() ? "" : text.error();
}

TEST(StrategyJson, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(error_of("[]"), "line 1, column 1: an object is expected");
  EXPECT_EQ(error_of("{"), "line 1, column 2: a key in quotes is missing");
  EXPECT_THAT(error_of("{} x"), HasSubstr("something follows the end"));
  EXPECT_THAT(error_of("{}"), HasSubstr("there is no strategy in it: default_strategy, an entry of service_strategies "
                                        "for 's', or one of probabilisticSampling"));
  EXPECT_THAT(error_of(R"({"service_strategies": [{"service": "other", "type": "ratelimiting", "param": 1}]})"),
              HasSubstr("there is no strategy in it"));
  EXPECT_EQ(error_of("{\"default_strategy\":\n {\"type\": \"always\", \"param\": 1}}"),
            "line 2, column 31: the strategy's type is 'always': probabilistic or ratelimiting is expected");
  EXPECT_THAT(error_of(R"({"default_strategy": {"type": "probabilistic"}})"), HasSubstr("the strategy has no param"));
  EXPECT_THAT(error_of(R"({"default_strategy": {"type": "probabilistic", "param": 2}})"),
              HasSubstr("the param of a probabilistic strategy is above 1"));
  EXPECT_THAT(error_of(R"({"default_strategy": {"type": "probabilistic", "param": "1"}})"),
              HasSubstr("column 57: a number from 0 to 1000000000 is expected"));
  EXPECT_THAT(error_of(R"({"default_strategy": {"type": 1, "param": 1}})"), HasSubstr("a text is expected"));
  EXPECT_THAT(error_of(R"({"service_strategies": {}})"), HasSubstr("a list is expected"));
  EXPECT_THAT(error_of(R"({"probabilisticSampling": {"samplingRate": -1}})"), HasSubstr("a number from 0 to 1 is"));
  EXPECT_THAT(error_of(R"({"operationSampling": {"perOperationStrategies": [{"operation": "a"}]}})"),
              HasSubstr("the operation has neither probabilisticSampling nor rateLimitingSampling"));
}

TEST(StrategyJson, SurvivesMutatedTexts) {
  const std::string goods[] = {
      R"({"service_strategies":[{"service":"s","type":"probabilistic","param":0.1,"max_traces_per_second":100,)"
      R"("operation_strategies":[{"operation":"a","type":"ratelimiting","param":50}]}],)"
      R"("default_strategy":{"type":"probabilistic","param":0.05}})",
      R"({"strategyType":0,"operationSampling":{"defaultSamplingProbability":0.5,"perOperationStrategies":)"
      R"([{"operation":"a","probabilisticSampling":{"samplingRate":0.2}}]},"rateLimitingSampling":null})"};
  std::mt19937 random(13);
  for (int round = 0; round < 30'000; ++round) {
    std::string json = goods[random() % 2];
    for (std::size_t i = 1 + random() % 4; i > 0 && !json.empty(); --i) {
      const std::size_t at = random() % json.size();
      if (random() % 2 == 0) {
        json[at] = "{}[]\",:0.e-x"[random() % 12];
      } else {
        json.erase(at, 1 + random() % 20);
      }
    }
    Result<StrategyText> text = read_strategy(json, "s", 10);
    if (!text.ok()) {
      ASSERT_FALSE(text.error().empty());
      continue;
    }
    ASSERT_LE(text->operations.size(), 10u);
    Strategy(*text).decide(TraceId{}, "a");
  }
}

}  // namespace
}  // namespace sextant::sampling
