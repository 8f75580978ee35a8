#include <condition_variable>
#include <limits>
#include <mutex>
#include <thread>

#include "metrics/test_support.h"
#include "sextant/metrics.h"
#include "sextant/prometheus.h"

namespace sextant::metrics {
namespace {

TEST(Observation, EveryKindIsAskedOnceForEachCollection) {
  const Running running;
  const auto reader = attached();
  const Meter meter = sextant::meter("observation.kinds");
  int asked = 0;
  const auto counter = meter.observable_counter<std::int64_t>("o.c", {"By", "Bytes."}, [&](auto& observer) {
    ++asked;
    observer.observe(10 * asked, {{"disk", "a"}});
    observer.observe(1, {{"disk", "b"}});
  });
  const auto real = meter.observable_counter<double>("o.cd", {}, [](auto& observer) { observer.observe(0.5); });
  const auto level = meter.observable_up_down_counter<std::int64_t>("o.u", {}, [](auto& o) { o.observe(-3); });
  const auto gauge = meter.observable_gauge<double>("o.g", {}, [](auto& observer) { observer.observe(2.5); });
  auto first = collect(*reader);
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(first["o.c"].data, 7u);
  EXPECT_TRUE(first["o.c"].monotonic);
  EXPECT_EQ(first["o.c"].temporality, 2u);
  EXPECT_EQ(first["o.c"].unit, "By");
  EXPECT_EQ(first["o.c"].point("{disk=a}")->as_int, 10);
  EXPECT_EQ(first["o.cd"].points.at(0).as_double, 0.5);
  EXPECT_FALSE(first["o.u"].monotonic);
  EXPECT_EQ(first["o.u"].points.at(0).as_int, -3);
  EXPECT_EQ(first["o.g"].data, 5u);
  EXPECT_EQ(first["o.g"].points.at(0).as_double, 2.5);
  auto second = collect(*reader);
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(second["o.c"].point("{disk=a}")->as_int, 20);
  EXPECT_EQ(second["o.c"].point("{disk=a}")->start, first["o.c"].point("{disk=a}")->start);
}

TEST(Observation, DeltaTellsTheDifferenceAndACounterThatFellBeganAnew) {
  const Running running;
  const auto delta = attached(Temporality::kDelta);
  const auto whole = attached();
  std::int64_t value = 100;
  bool told = true;
  const auto counter = sextant::meter("observation.delta").observable_counter<std::int64_t>("od", {}, [&](auto& o) {
    if (told) o.observe(value);
  });
  EXPECT_EQ(collect(*delta)["od"].points.at(0).as_int, 100);
  value = 130;
  EXPECT_EQ(collect(*whole)["od"].points.at(0).as_int, 130);
  EXPECT_EQ(collect(*delta)["od"].points.at(0).as_int, 30);
  EXPECT_EQ(collect(*delta).count("od"), 0u);
  told = false;
  EXPECT_EQ(collect(*delta).count("od"), 0u);
  EXPECT_EQ(collect(*whole).count("od"), 0u);
  told = true;
  value = 135;
  EXPECT_EQ(collect(*delta)["od"].points.at(0).as_int, 5);
  value = 4;
  EXPECT_EQ(collect(*delta)["od"].points.at(0).as_int, 4);
}

TEST(Observation, ASeriesThatComesLaterBeganAtTheLastCollection) {
  const Running running;
  const auto reader = attached();
  bool late = false;
  const auto gauge = sextant::meter("observation.late").observable_counter<std::int64_t>("ol", {}, [&](auto& o) {
    o.observe(1, {{"n", 1}});
    if (late) o.observe(1, {{"n", 2}});
  });
  const WireMetric first = collect(*reader)["ol"];
  late = true;
  const WireMetric second = collect(*reader)["ol"];
  EXPECT_EQ(second.point("{n=1}")->start, first.point("{n=1}")->start);
  EXPECT_EQ(second.point("{n=2}")->start, first.points.at(0).time);
}

TEST(Observation, WhatAViewMakesEqualIsAddedUpAndOfGaugesTheLastCounts) {
  MetricOptions options;
  MetricView view;
  view.exclude_attributes = {"id"};
  options.views.push_back(view);
  const Running running(options);
  const auto reader = attached();
  const Meter meter = sextant::meter("observation.merge");
  const auto tell = [](auto& observer) {
    observer.observe(1, {{"id", 1}});
    observer.observe(2, {{"id", 2}});
  };
  const auto level = meter.observable_up_down_counter<std::int64_t>("om.u", {}, tell);
  const auto gauge = meter.observable_gauge<double>("om.g", {}, tell);
  auto all = collect(*reader);
  EXPECT_EQ(all["om.u"].points.at(0).as_int, 3);
  EXPECT_EQ(all["om.g"].points.at(0).as_double, 2);
}

TEST(Observation, TheLimitHoldsAndWhatIsBeyondItIsAddedUp) {
  MetricOptions options;
  options.cardinality_limit = 4;
  const Running running(options);
  const auto reader = attached();
  int begin = 0;
  const auto level =
      sextant::meter("observation.limit").observable_up_down_counter<std::int64_t>("ox", {}, [&](auto& observer) {
        for (int i = begin; i < begin + 10; ++i) observer.observe(1, {{"id", i}});
      });
  for (; begin < 1'000; begin += 10) {
    const WireMetric metric = collect(*reader)["ox"];
    ASSERT_EQ(metric.points.size(), 4u);
    ASSERT_EQ(metric.point("{otel.metric.overflow=true}")->as_int, 7);
  }
}

TEST(Observation, WhatCannotBeIsRefusedAndCounted) {
  const Running running;
  const auto reader = attached();
  const auto counter = sextant::meter("observation.refused").observable_counter<double>("or", {}, [](auto& observer) {
    observer.observe(-1);
    observer.observe(std::numeric_limits<double>::quiet_NaN());
  });
  const std::uint64_t before = stats().refused;
  EXPECT_TRUE(collect(*reader).empty());
  EXPECT_EQ(stats().refused - before, 2u);
}

TEST(Observation, SeveralCallbacksOfOneInstrumentAreAllAskedUntilTheyAreRemoved) {
  const Running running;
  const auto reader = attached();
  const Meter meter = sextant::meter("observation.several");
  Observable first = meter.observable_gauge<double>("os", {}, [](auto& o) { o.observe(1, {{"of", 1}}); });
  Observable second = meter.observable_gauge<double>("os", {}, [](auto& o) { o.observe(2, {{"of", 2}}); });
  EXPECT_EQ(collect(*reader)["os"].points.size(), 2u);
  first.remove();
  EXPECT_EQ(collect(*reader)["os"].points.size(), 1u);
  second = Observable();
  EXPECT_TRUE(collect(*reader).empty());
}

TEST(Observation, ACallbackMayRemoveItselfMakeAnotherAndAskForACollection) {
  const Running running;
  const auto reader = attached();
  const Meter meter = sextant::meter("observation.self");
  Observable self;
  Observable other;
  std::string text;
  self = meter.observable_gauge<double>("oself", {}, [&](auto& observer) {
    self.remove();
    other = meter.observable_gauge<double>("oother", {}, [](auto& o) { o.observe(2); });
    text = prometheus_text();
    observer.observe(1);
  });
  EXPECT_EQ(collect(*reader)["oself"].points.at(0).as_double, 1);
  EXPECT_EQ(text, "");
  auto all = collect(*reader);
  EXPECT_EQ(all.count("oself"), 0u);
  EXPECT_EQ(all["oother"].points.at(0).as_double, 2);
}

TEST(Observation, RemovingWaitsForACallbackThatRuns) {
  const Running running;
  const auto reader = attached();
  std::mutex mutex;
  std::condition_variable changed;
  bool inside = false;
  bool go = false;
  std::atomic<bool> ended{false};
  Observable observable = sextant::meter("observation.wait").observable_gauge<double>("ow", {}, [&](auto& observer) {
    std::unique_lock<std::mutex> lock(mutex);
    inside = true;
    changed.notify_all();
    changed.wait(lock, [&] { return go; });
    observer.observe(1);
    ended.store(true);
  });
  std::thread collecting([&] { collect(*reader); });
  {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [&] { return inside; });
  }
  std::thread removing([&] {
    observable.remove();
    EXPECT_TRUE(ended.load());
  });
  {
    const std::lock_guard<std::mutex> lock(mutex);
    go = true;
    changed.notify_all();
  }
  removing.join();
  collecting.join();
}

}  // namespace
}  // namespace sextant::metrics
