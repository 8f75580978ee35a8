#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

#include "metrics/test_support.h"
#include "sextant/metrics.h"

namespace sextant::metrics {
namespace {

using testing::HasSubstr;

TEST(Record, EveryKindArrivesAsItsOtlpForm) {
  const Running running;
  const auto reader = attached();
  const Meter meter = sextant::meter("record.kinds", "1.2");
  meter.counter("c", {"{call}", "Calls."}).add(3);
  meter.counter<double>("cd").add(1.5);
  meter.up_down_counter("u").add(-2);
  meter.up_down_counter<double>("ud").add(-2.5);
  meter.gauge<std::int64_t>("g").set(-7);
  meter.gauge("gd").set(0.25);
  meter.histogram("h", {"ms"}).record(30);
  meter.histogram<std::int64_t>("hi").record(30);
  auto all = collect(*reader);
  ASSERT_EQ(all.size(), 8u);
  EXPECT_EQ(all["c"].data, 7u);
  EXPECT_TRUE(all["c"].monotonic);
  EXPECT_EQ(all["c"].temporality, 2u);
  EXPECT_EQ(all["c"].unit, "{call}");
  EXPECT_EQ(all["c"].description, "Calls.");
  EXPECT_EQ(all["c"].points.at(0).as_int, 3);
  EXPECT_EQ(all["cd"].points.at(0).as_double, 1.5);
  EXPECT_FALSE(all["u"].monotonic);
  EXPECT_EQ(all["u"].points.at(0).as_int, -2);
  EXPECT_EQ(all["ud"].points.at(0).as_double, -2.5);
  EXPECT_EQ(all["g"].data, 5u);
  EXPECT_EQ(all["g"].points.at(0).as_int, -7);
  EXPECT_EQ(all["gd"].points.at(0).as_double, 0.25);
  EXPECT_EQ(all["h"].data, 9u);
  for (const char* name : {"h", "hi"}) {
    const WirePoint& point = all[name].points.at(0);
    EXPECT_EQ(point.count, 1u);
    EXPECT_EQ(point.sum, 30);
    EXPECT_EQ(point.min, 30);
    EXPECT_EQ(point.max, 30);
    EXPECT_EQ(point.bounds, default_bounds());
    EXPECT_EQ(point.buckets.at(4), 1u);
  }
}

TEST(Record, HandlesDoNothingWithoutAnSdkAndCountFromZeroInTheNext) {
  const Meter meter = sextant::meter("record.restart");
  const auto counter = meter.counter("restarted");
  const auto bound = counter.bind({{"k", "v"}});
  counter.add(100);
  bound.add(100);
  EXPECT_FALSE(counter.enabled());
  for (int start = 1; start <= 3; ++start) {
    const Running running;
    const auto reader = attached();
    EXPECT_TRUE(counter.enabled());
    EXPECT_TRUE(collect(*reader).empty());
    counter.add(start);
    bound.add(10 * start);
    auto all = collect(*reader);
    ASSERT_NE(all["restarted"].point("{}"), nullptr);
    EXPECT_EQ(all["restarted"].point("{}")->as_int, start);
    EXPECT_EQ(all["restarted"].point("{k=v}")->as_int, 10 * start);
  }
  counter.add(1);
  bound.add(1);
}

TEST(Record, EmptyHandlesDoNothing) {
  const Running running;
  Counter<> counter;
  counter.add(1);
  const BoundCounter<> bound = counter.bind({{"a", 1}});
  bound.add(1);
  EXPECT_FALSE(counter.enabled());
}

TEST(Record, TheOrderOfAttributesDoesNotCountAndOfEqualKeysTheLastOneDoes) {
  const Running running;
  const auto reader = attached();
  const auto counter = sextant::meter("record.order").counter("ordered");
  counter.add(1, {{"a", "1"}, {"b", 2}});
  counter.add(10, {{"b", 2}, {"a", "1"}});
  counter.add(100, {{"b", 3}, {"a", "1"}, {"b", 2}});
  counter.bind({{"b", 2}, {"a", "1"}}).add(1000);
  counter.add(5, {{"a", 1}, {"b", 2}});  // a number is no text
  auto all = collect(*reader);
  ASSERT_EQ(all["ordered"].points.size(), 2u);
  EXPECT_EQ(all["ordered"].points.at(0).attributes, "{a=1,b=2}");
  EXPECT_EQ(all["ordered"].points.at(0).as_int, 1111);
  EXPECT_EQ(all["ordered"].points.at(1).as_int, 5);
}

TEST(Record, AttributesOfEveryKindAreKept) {
  const Running running;
  const auto reader = attached();
  const auto counter = sextant::meter("record.values").counter("valued");
  const std::string large(5'000, 'x');
  const std::vector<std::string> list = {"a", "b"};
  const Attribute entries[] = {{"x", 1}};
  for (int i = 0; i < 2; ++i) {
    counter.add(1, {{"list", list}});
    counter.add(1, {{"map", Map{{entries, 1}}}});
    counter.add(1, {{"large", large}});
    counter.add(1, {{"none", Value()}, {"yes", true}, {"real", 0.5}});
    counter.add(1, {{"", "a key that is none"}});
  }
  auto all = collect(*reader);
  ASSERT_EQ(all["valued"].points.size(), 5u);
  for (const WirePoint& point : all["valued"].points) EXPECT_EQ(point.as_int, 2) << point.attributes;
  EXPECT_NE(all["valued"].point("{list=[\"a\",\"b\"]}"), nullptr);
  EXPECT_NE(all["valued"].point("{map={\"x\":1}}"), nullptr);
  EXPECT_NE(all["valued"].point("{large=" + large + "}"), nullptr);
  EXPECT_NE(all["valued"].point("{none=,real=0.5,yes=true}"), nullptr);
  EXPECT_NE(all["valued"].point("{}"), nullptr);
}

TEST(Record, WhatCannotBeIsRefusedAndCounted) {
  const Running running;
  const auto reader = attached();
  const Meter meter = sextant::meter("record.refused");
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const std::uint64_t before = stats().refused;
  meter.counter("rc").add(-1);
  meter.counter<double>("rcd").add(-0.5);
  meter.counter<double>("rcd").add(nan);
  meter.counter<double>("rcd").bind({}).add(infinity);
  meter.up_down_counter<double>("rud").add(nan);
  meter.up_down_counter<double>("rud").add(-infinity);
  meter.histogram("rh").record(-1);
  meter.histogram("rh").bind({}).record(nan);
  meter.histogram<std::int64_t>("rhi").record(-1);
  meter.gauge("rg").set(nan);
  EXPECT_EQ(stats().refused - before, 10u);
  EXPECT_TRUE(collect(*reader).empty());
  meter.gauge("rg").set(infinity);
  EXPECT_EQ(collect(*reader)["rg"].points.at(0).as_double, infinity);
}

TEST(Record, NamesThatAreNoneGiveInstrumentsThatDoNothing) {
  const Running running;
  const auto reader = attached();
  for (const std::string& name :
       {std::string(), std::string("1st"), std::string("a b"), std::string("\xc3\xa4"), "a" + std::string(255, 'b')}) {
    const Said said;
    const auto counter = sextant::meter("record.names").counter(name);
    counter.add(1);
    EXPECT_FALSE(counter.enabled());
    EXPECT_THAT(said.text(), HasSubstr("an instrument does nothing, since its name is none")) << name;
  }
  const auto longest = sextant::meter("record.names").counter("a" + std::string(254, '/'));
  longest.add(1);
  sextant::meter("record.names").counter("A-1_b.c/d").add(1);
  EXPECT_EQ(collect(*reader).size(), 2u);
}

TEST(Record, TheSameInstrumentMadeTwiceIsOneAndADifferentOneIsWarnedOf) {
  const Running running;
  const auto reader = attached();
  const Meter meter = sextant::meter("record.twice");
  const Said said;
  meter.counter("Twice", {"s"}).add(1);
  meter.counter("tWICE", {"s"}).add(1);
  EXPECT_EQ(said.text(), "");
  meter.counter("Twice", {"s", "Other words."}).add(1);
  EXPECT_THAT(said.text(), HasSubstr("different descriptions"));
  meter.up_down_counter("twice", {"s"});
  EXPECT_THAT(said.text(), HasSubstr("twice of meter record.twice: counter of int64, unit 's', then up-down counter of "
                                     "int64, unit 's'"));
  EXPECT_EQ(collect(*reader)["Twice"].points.at(0).as_int, 3);
}

TEST(Record, BoundsThatAreNoneAreLeftOut) {
  const Said said;
  const Running running;
  const auto reader = attached();
  const double falling[] = {2, 1};
  sextant::meter("record.bounds").histogram("falling", {"s", "", View<double>(falling, 2)}).record(1);
  EXPECT_THAT(said.text(), HasSubstr("bucket bounds were left out: they must be finite, ascending"));
  EXPECT_EQ(collect(*reader)["falling"].points.at(0).bounds, default_bounds());
}

TEST(Record, NothingIsLostOrCountedTwiceByThreadsThatComeAndGoWhileOthersCollect) {
  constexpr int kThreads = 8;
  constexpr int kCalls = 20'000;
  const Running running;
  const auto cumulative = attached();
  const auto delta = attached(Temporality::kDelta);
  const Meter meter = sextant::meter("record.threads");
  const auto counter = meter.counter("threads.calls");
  const auto real = meter.counter<double>("threads.seconds");
  const auto histogram = meter.histogram("threads.latency");
  const auto bound = counter.bind({{"bound", true}});
  std::atomic<int> left{kThreads};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kCalls; ++i) {
        counter.add(1, {{"thread", t % 3}, {"i", i % 5}});
        bound.add(2);
        real.add(0.5);
        histogram.record(i % 100, {{"thread", t}});
      }
      left.fetch_sub(1);
    });
  }
  std::int64_t calls = 0;
  std::int64_t twos = 0;
  double seconds = 0;
  double last_seconds = 0;
  std::uint64_t measured = 0;
  const auto gather = [&] {
    auto all = collect(*delta);
    for (const WirePoint& point : all["threads.calls"].points)
      (point.attributes == "{bound=true}" ? twos : calls) += *point.as_int;
    for (const WirePoint& point : all["threads.seconds"].points) seconds += *point.as_double;
    for (const WirePoint& point : all["threads.latency"].points) {
      measured += point.count;
      EXPECT_TRUE(point.min && point.max && *point.min >= 0 && *point.max <= 99);
    }
    auto whole = collect(*cumulative);
    if (whole.count("threads.seconds") == 0) return;
    const double now = *whole["threads.seconds"].points.at(0).as_double;
    EXPECT_GE(now, last_seconds);
    last_seconds = now;
  };
  while (left.load() > 0) gather();
  for (std::thread& thread : threads) thread.join();
  gather();
  EXPECT_EQ(calls, kThreads * kCalls);
  EXPECT_EQ(twos, 2 * kThreads * kCalls);
  EXPECT_EQ(seconds, 0.5 * kThreads * kCalls);
  EXPECT_EQ(measured, static_cast<std::uint64_t>(kThreads * kCalls));
  EXPECT_EQ(last_seconds, 0.5 * kThreads * kCalls);
  auto whole = collect(*cumulative);
  ASSERT_EQ(whole["threads.latency"].points.size(), static_cast<std::size_t>(kThreads));
  EXPECT_EQ(whole["threads.latency"].point("{thread=7}")->count, static_cast<std::uint64_t>(kCalls));
  EXPECT_EQ(whole["threads.latency"].point("{thread=7}")->max, 99);
}

TEST(Record, AMeasurementFromTheEndOfAThreadCounts) {
  struct AtEnd {
    Counter<> counter;
    ~AtEnd() { counter.add(7); }
  };
  const Running running;
  const auto reader = attached();
  const auto counter = sextant::meter("record.end").counter("ended");
  std::thread([&] {
    thread_local AtEnd at_end;
    at_end.counter = counter;
    counter.add(1);
  }).join();
  EXPECT_EQ(collect(*reader)["ended"].points.at(0).as_int, 8);
}

TEST(Record, StartsAndStopsWhileThreadsMeasureDoNoHarm) {
  const auto counter = sextant::meter("record.storm").counter("stormy");
  const auto bound = counter.bind({{"bound", 1}});
  std::atomic<bool> done{false};
  std::atomic<int> calls{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; !done.load(); ++i) {
        counter.add(1, {{"t", t}, {"i", i % 50}});
        bound.add(1);
        calls.fetch_add(1);
      }
    });
  }
  for (int start = 0; start < 50; ++start) {
    const Running running;
    const auto reader = attached(Temporality::kDelta);
    collect(*reader);
    const int before = calls.load();
    while (calls.load() < before + 100) std::this_thread::yield();
    collect(*reader);
  }
  done.store(true);
  for (std::thread& thread : threads) thread.join();
}

TEST(Record, ManyAttributeSetsOfManySizesFindTheirSeries) {
  constexpr int kSets = 1'500;
  const Running running;
  const auto reader = attached();
  const auto counter = sextant::meter("record.sets").counter("sets");
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < kSets; ++i) {
      const std::string value(static_cast<std::size_t>(i % 40), 'v');
      counter.add(i, {{"id", i}, {"padding", value}, {"text", std::to_string(i)}});
    }
  }
  auto all = collect(*reader);
  ASSERT_EQ(all["sets"].points.size(), static_cast<std::size_t>(kSets));
  for (int i = 0; i < kSets; ++i) EXPECT_EQ(all["sets"].points.at(static_cast<std::size_t>(i)).as_int, 3 * i);
}

TEST(Record, AChildOfAForkBeginsAnewWithTheSameReaders) {
  const Running running;
  const auto reader = attached();
  const auto counter = sextant::meter("record.fork").counter("forked");
  const auto bound = counter.bind({});
  bound.add(5);
  const auto observable =
      sextant::meter("record.fork").observable_gauge<double>("forked.gauge", {}, [](auto& o) { o.observe(1); });
  std::thread other([&] { counter.add(1); });
  other.join();
  before_fork();
  const pid_t child = fork();
  if (child == 0) {
    after_fork_in_child();
    const bool empty = collect(*reader).count("forked") == 0;
    bound.add(3);
    const bool right = collect(*reader)["forked"].points.at(0).as_int == 3;
    _exit(empty && right ? 0 : 1);
  }
  after_fork_in_parent();
  ASSERT_GT(child, 0);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(collect(*reader)["forked"].points.at(0).as_int, 6);
}

}  // namespace
}  // namespace sextant::metrics
