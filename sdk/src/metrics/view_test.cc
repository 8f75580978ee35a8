// Views, and the limit of points.
#include <gmock/gmock.h>

#include "metrics/test_support.h"
#include "sextant/metrics.h"

namespace sextant::metrics {
namespace {

using testing::HasSubstr;

MetricView of(const std::string& instrument) {
  MetricView view;
  view.instrument_name = instrument;
  return view;
}

MetricOptions with(const MetricView& view) {
  MetricOptions options;
  options.views.push_back(view);
  return options;
}

TEST(View, PatternsFitAnyRunOfCharactersOrOne) {
  EXPECT_TRUE(matches_pattern("*", ""));
  EXPECT_TRUE(matches_pattern("*", "anything"));
  EXPECT_TRUE(matches_pattern("http.*.duration", "HTTP.server.duration"));
  EXPECT_TRUE(matches_pattern("a*b*c", "a-b-b-c"));
  EXPECT_TRUE(matches_pattern("a?c", "abc"));
  EXPECT_FALSE(matches_pattern("a?c", "ac"));
  EXPECT_FALSE(matches_pattern("a*b", "abc"));
  EXPECT_FALSE(matches_pattern("", "a"));
  EXPECT_FALSE(matches_pattern("abc", "ab"));
  // Hostile ones cost their length times the text's.
  EXPECT_FALSE(matches_pattern("*a*a*a*a*a*a*a*a*b", std::string(2'000, 'a')));
}

TEST(View, AViewRenamesAndDescribes) {
  MetricView view = of("old.name");
  view.name = "new.name";
  view.description = "New.";
  const Running running(with(view));
  const auto reader = attached();
  sextant::meter("view.rename").counter("old.name", {"s", "Old."}).add(1);
  auto all = collect(*reader);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all["new.name"].description, "New.");
  EXPECT_EQ(all["new.name"].unit, "s");
}

TEST(View, ExcludedAttributesAreAddedUpAndIncludedOnesAloneAreKept) {
  MetricOptions options;
  MetricView included = of("labels.in*");
  included.include_attributes = {"agent_type", "agent_id", "message_type"};
  included.exclude_attributes = {"agent_id"};
  options.views.push_back(included);
  MetricView excluded = of("labels.ex*");
  excluded.exclude_attributes = {"sensitive_data"};
  options.views.push_back(excluded);
  MetricView none = of("labels.none");
  none.include_attributes.emplace();
  options.views.push_back(none);
  const Running running(options);
  const auto reader = attached();
  for (const char* name : {"labels.in", "labels.ex", "labels.none"}) {
    const auto counter = sextant::meter("view.labels").counter(name);
    counter.add(1, {{"agent_type", "wasm"}, {"agent_id", 1}, {"sensitive_data", "x"}});
    counter.bind({{"agent_type", "wasm"}, {"agent_id", 1}, {"sensitive_data", "y"}}).add(2);
  }
  auto all = collect(*reader);
  EXPECT_EQ(all["labels.in"].points.size(), 1u);
  EXPECT_EQ(all["labels.in"].points.at(0).attributes, "{agent_type=wasm}");
  EXPECT_EQ(all["labels.in"].points.at(0).as_int, 3);
  EXPECT_EQ(all["labels.ex"].points.at(0).attributes, "{agent_id=1,agent_type=wasm}");
  EXPECT_EQ(all["labels.ex"].points.at(0).as_int, 3);
  EXPECT_EQ(all["labels.none"].points.at(0).attributes, "{}");
}

TEST(View, AllCriteriaMustFit) {
  MetricView view = of("*");
  view.instrument_kind = InstrumentKind::kCounter;
  view.instrument_unit = "By";
  view.meter_name = "view.criteria";
  view.meter_version = "1";
  view.meter_schema_url = "https://example.org/1";
  view.aggregation = Aggregation::kDrop;
  const Running running(with(view));
  const auto reader = attached();
  const Meter fits = sextant::meter("view.criteria", "1", "https://example.org/1");
  const auto dropped = fits.counter("dropped", {"By"});
  dropped.add(1);
  dropped.bind({}).add(1);
  EXPECT_FALSE(dropped.enabled());
  fits.counter("other.unit", {"s"}).add(1);
  fits.up_down_counter("other.kind", {"By"}).add(1);
  sextant::meter("view.criteria", "2", "https://example.org/1").counter("other.version", {"By"}).add(1);
  sextant::meter("view.criteria", "1").counter("other.schema", {"By"}).add(1);
  sextant::meter("view.else", "1", "https://example.org/1").counter("other.meter", {"By"}).add(1);
  auto all = collect(*reader);
  EXPECT_EQ(all.size(), 5u);
  EXPECT_EQ(all.count("dropped"), 0u);
}

TEST(View, EachViewThatFitsMakesAStream) {
  MetricOptions options;
  MetricView first = of("multiplied");
  first.name = "by.kind";
  first.include_attributes = {"kind"};
  MetricView second = of("multiplied");
  second.aggregation = Aggregation::kExplicitHistogram;
  second.bounds = {10};
  options.views = {first, second};
  const Running running(options);
  const auto reader = attached();
  const auto counter = sextant::meter("view.several").counter("multiplied");
  const auto bound = counter.bind({{"kind", "a"}, {"id", 2}});
  for (int i = 0; i < 3; ++i) {
    counter.add(5, {{"kind", "a"}, {"id", 1}});
    bound.add(20);
  }
  auto all = collect(*reader);
  EXPECT_EQ(all["by.kind"].point("{kind=a}")->as_int, 75);
  EXPECT_EQ(all["multiplied"].point("{id=1,kind=a}")->buckets, (std::vector<std::uint64_t>{3, 0}));
  EXPECT_EQ(all["multiplied"].point("{id=2,kind=a}")->sum, 60);
}

TEST(View, TwoStreamsOfOneNameAreWarnedOf) {
  const Said said;
  MetricOptions options;
  options.views = {of("clash"), of("cl*")};
  const Running running(options);
  sextant::meter("view.clash").counter("clash").add(1);
  EXPECT_THAT(said.text(), HasSubstr("two views make streams of the same name: give one another name: clash"));
}

TEST(View, AHistogramCanBecomeASum) {
  MetricView view = of("summed");
  view.aggregation = Aggregation::kSum;
  const Running running(with(view));
  const auto reader = attached();
  const auto histogram = sextant::meter("view.sum").histogram("summed");
  histogram.record(1.5);
  histogram.record(2);
  const WireMetric metric = collect(*reader)["summed"];
  EXPECT_EQ(metric.data, 7u);
  EXPECT_TRUE(metric.monotonic);
  EXPECT_EQ(metric.points.at(0).as_double, 3.5);
}

TEST(View, AnAggregationThatDoesNotFitIsWarnedOfAndLeftOut) {
  const Said said;
  MetricView view = of("misfit");
  view.aggregation = Aggregation::kLastValue;
  const Running running(with(view));
  const auto reader = attached();
  sextant::meter("view.misfit").counter("misfit").add(2);
  EXPECT_EQ(collect(*reader)["misfit"].data, 7u);
  EXPECT_THAT(said.text(),
              HasSubstr("a view's aggregation does not fit an instrument, which keeps its own: misfit is a "
                        "counter"));
}

TEST(View, MinimumAndMaximumCanBeLeftOut) {
  MetricView view = of("rangeless");
  view.record_min_max = false;
  const Running running(with(view));
  const auto reader = attached();
  sextant::meter("view.range").histogram("rangeless").record(2);
  const WirePoint point = collect(*reader)["rangeless"].points.at(0);
  EXPECT_FALSE(point.min || point.max);
  EXPECT_EQ(point.sum, 2);
}

TEST(View, WhatCannotBeIsAnErrorThatSaysWhy) {
  const auto error_of = [](const MetricView& view) {
    const auto checked = check_options(with(view));
    return checked.ok() ? std::string() : checked.error();
  };
  EXPECT_EQ(error_of(of("fine*")), "");
  MetricView view = of("a*");
  view.name = "b";
  EXPECT_EQ(error_of(view),
            "metrics: view 1 (of 'a*'): it gives a name, 'b', so it must select one instrument: set instrument_name, "
            "without '*' and '?'");
  view = of("a");
  view.name = "1";
  EXPECT_EQ(error_of(view),
            "metrics: view 1 (of 'a'): its name '1' is none: a letter, then up to 254 letters, digits, '_', '.', '-' "
            "and '/'");
  view = {};
  view.bounds = {1, 1};
  EXPECT_EQ(error_of(view), "metrics: view 1: its bounds must be finite, ascending, and no more than 1000");
  view = {};
  view.max_buckets = 1;
  EXPECT_EQ(error_of(view), "metrics: view 1: max_buckets is 1 and must be between 2 and 1024");
  view = {};
  view.max_scale = 21;
  EXPECT_EQ(error_of(view), "metrics: view 1: max_scale is 21 and must be between -10 and 20");
  MetricOptions options;
  options.interval = std::chrono::milliseconds(0);
  EXPECT_EQ(check_options(options).error(), "metrics: interval must be above 0 ms");
  options = {};
  options.timeout = std::chrono::milliseconds(-1);
  EXPECT_EQ(check_options(options).error(), "metrics: timeout must be above 0 ms");
  options = {};
  options.cardinality_limit = 0;
  EXPECT_EQ(check_options(options).error(), "metrics: cardinality_limit must be at least 1");
  options = {};
  options.batch_points_max = 0;
  EXPECT_EQ(check_options(options).error(), "metrics: batch_points_max must be at least 1");
  options = {};
  options.histogram_aggregation = Aggregation::kSum;
  EXPECT_EQ(check_options(options).error(),
            "metrics: histogram_aggregation must be kExplicitHistogram or kExponentialHistogram");
}

std::int64_t sum_of(const WireMetric& metric) {
  std::int64_t sum = 0;
  for (const WirePoint& point : metric.points) sum += *point.as_int;
  return sum;
}

TEST(Cardinality, WhatIsBeyondTheLimitIsAddedUpInOnePointAndNothingIsLost) {
  const Said said;
  const Running running;
  const auto whole = attached();
  const auto delta = attached(Temporality::kDelta);
  const auto counter = sextant::meter("cardinality").counter("crowded");
  const std::uint64_t before = stats().overflowed;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 2'500; ++i) counter.add(1, {{"id", i}});
    const WireMetric metric = collect(*delta)["crowded"];
    EXPECT_EQ(metric.points.size(), 2'000u);
    EXPECT_EQ(metric.point("{otel.metric.overflow=true}")->as_int, 501);
    EXPECT_EQ(sum_of(metric), 2'500);
  }
  counter.bind({{"id", "another"}}).add(1);
  counter.add(1, {{"otel.metric.overflow", true}});
  const WireMetric metric = collect(*whole)["crowded"];
  EXPECT_EQ(metric.points.size(), 2'000u);
  EXPECT_EQ(metric.point("{id=0}")->as_int, 2);
  EXPECT_EQ(sum_of(metric), 5'002);
  EXPECT_GE(stats().overflowed - before, 502u);
  EXPECT_THAT(said.text(), HasSubstr("a metric has as many attribute sets as it may"));
}

TEST(Cardinality, AViewHasALimitOfItsOwn) {
  MetricView view = of("tight");
  view.cardinality_limit = 3;
  MetricOptions options = with(view);
  options.cardinality_limit = 1;
  const Running running(options);
  const auto reader = attached();
  for (const char* name : {"tight", "single"}) {
    for (int i = 0; i < 5; ++i) sextant::meter("cardinality.view").counter(name).add(1, {{"id", i}});
  }
  auto all = collect(*reader);
  EXPECT_EQ(all["tight"].points.size(), 3u);
  EXPECT_EQ(all["tight"].point("{otel.metric.overflow=true}")->as_int, 3);
  EXPECT_EQ(all["single"].points.size(), 1u);
  EXPECT_EQ(sum_of(all["single"]), 5);
}

}  // namespace
}  // namespace sextant::metrics
