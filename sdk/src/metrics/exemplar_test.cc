#include "metrics/test_support.h"
#include "sextant/metrics.h"
#include "sextant/sextant.h"

namespace sextant::metrics {
namespace {

struct WireExemplar {
  std::string trace_id, span_id, attributes;
  std::uint64_t time = 0;
  double value = 0;
};

WireExemplar decode(const std::string& bytes) {
  WireExemplar out;
  out.attributes = text_of(bytes, 7);
  for (otlp::Reader reader(bytes); reader.next();) {
    if (reader.field() == 2) out.time = reader.number();
    if (reader.field() == 3) out.value = reader.real();
    if (reader.field() == 4) out.span_id = reader.bytes();
    if (reader.field() == 5) out.trace_id = reader.bytes();
    if (reader.field() == 6) out.value = static_cast<double>(static_cast<std::int64_t>(reader.number()));
  }
  return out;
}

SpanContext context_of(std::uint8_t id, std::uint8_t flags) {
  SpanContext context;
  context.trace_id.bytes.fill(id);
  context.span_id.bytes.fill(id);
  context.flags = flags;
  return context;
}

MetricOptions with(ExemplarFilter filter) {
  MetricOptions options;
  options.exemplar_filter = filter;
  return options;
}

TEST(Exemplar, OnlySampledSpansGiveExemplarsByDefault) {
  const Running running;
  const auto reader = attached();
  const auto counter = sextant::meter("exemplar.default").counter("exampled");
  counter.add(1);
  {
    const Scope scope(Context().with_span(context_of(1, 0)));
    counter.add(2);
  }
  EXPECT_TRUE(collect(*reader)["exampled"].points.at(0).exemplars.empty());
  {
    const Scope scope(Context().with_span(context_of(2, trace_flags::kSampled)));
    counter.add(4);
  }
  const WirePoint point = collect(*reader)["exampled"].points.at(0);
  ASSERT_EQ(point.exemplars.size(), 1u);
  const WireExemplar exemplar = decode(point.exemplars.at(0));
  EXPECT_EQ(exemplar.trace_id, std::string(16, '\2'));
  EXPECT_EQ(exemplar.span_id, std::string(8, '\2'));
  EXPECT_EQ(exemplar.value, 4);
  EXPECT_GE(exemplar.time, point.start);
  EXPECT_LE(exemplar.time, point.time + 1'000'000'000);
  counter.add(1);
  EXPECT_TRUE(collect(*reader)["exampled"].points.at(0).exemplars.empty());
}

TEST(Exemplar, AlwaysOnTakesThemOutsideOfSpansAndAlwaysOffNever) {
  {
    const Running running(with(ExemplarFilter::kAlwaysOn));
    const auto reader = attached();
    sextant::meter("exemplar.on").counter<double>("example.on").add(0.5);
    const WirePoint point = collect(*reader)["example.on"].points.at(0);
    ASSERT_EQ(point.exemplars.size(), 1u);
    EXPECT_EQ(decode(point.exemplars.at(0)).value, 0.5);
    EXPECT_EQ(decode(point.exemplars.at(0)).trace_id, "");
  }
  const Running running(with(ExemplarFilter::kAlwaysOff));
  const auto reader = attached();
  const Scope scope(Context().with_span(context_of(2, trace_flags::kSampled)));
  sextant::meter("exemplar.off").counter("example.off").add(1);
  EXPECT_TRUE(collect(*reader)["example.off"].points.at(0).exemplars.empty());
}

TEST(Exemplar, EachBucketHasOneOfItsOwn) {
  MetricOptions options = with(ExemplarFilter::kAlwaysOn);
  MetricView view;
  view.bounds = {10, 20};
  options.views.push_back(view);
  const Running running(options);
  const auto reader = attached();
  const auto histogram = sextant::meter("exemplar.bucket").histogram("bucketed").bind({});
  for (int i = 0; i < 1'000; ++i) histogram.record(5);
  histogram.record(15);
  histogram.record(25);
  const WirePoint point = collect(*reader)["bucketed"].points.at(0);
  ASSERT_EQ(point.exemplars.size(), 3u);
  EXPECT_EQ(decode(point.exemplars.at(0)).value, 5);
  EXPECT_EQ(decode(point.exemplars.at(1)).value, 15);
  EXPECT_EQ(decode(point.exemplars.at(2)).value, 25);
}

TEST(Exemplar, ExponentialHistogramsKeepUpToTwentyEvenlyChosen) {
  MetricOptions options = with(ExemplarFilter::kAlwaysOn);
  options.histogram_aggregation = Aggregation::kExponentialHistogram;
  const Running running(options);
  const auto reader = attached();
  const auto histogram = sextant::meter("exemplar.exponential").histogram("exponential");
  for (int i = 1; i <= 5; ++i) histogram.record(i);
  EXPECT_EQ(collect(*reader)["exponential"].points.at(0).exemplars.size(), 5u);
  double sum = 0;
  constexpr int kRounds = 50;
  for (int round = 0; round < kRounds; ++round) {
    for (int i = 0; i < 1'000; ++i) histogram.record(i);
    const WirePoint point = collect(*reader)["exponential"].points.at(0);
    ASSERT_EQ(point.exemplars.size(), 20u);
    for (const std::string& exemplar : point.exemplars) sum += decode(exemplar).value;
  }
  // The mean of 1,000 draws of [0, 1000) is within 5 standard deviations of 500.
  EXPECT_NEAR(sum / (20 * kRounds), 499.5, 5 * 289 / 31.6);
}

TEST(Exemplar, WhatTheViewFilteredOutStandsInTheExemplar) {
  MetricOptions options = with(ExemplarFilter::kAlwaysOn);
  MetricView view;
  view.exclude_attributes = {"user"};
  options.views.push_back(view);
  const Running running(options);
  const auto reader = attached();
  const auto counter = sextant::meter("exemplar.filtered").counter("filtered");
  counter.add(1, {{"model", "m"}, {"user", "u1"}});
  EXPECT_EQ(decode(collect(*reader)["filtered"].points.at(0).exemplars.at(0)).attributes, "{user=u1}");
  counter.bind({{"model", "m"}, {"user", "u2"}}).add(1);
  const WirePoint point = collect(*reader)["filtered"].points.at(0);
  EXPECT_EQ(decode(point.exemplars.at(0)).attributes, "{user=u2}");
  EXPECT_EQ(point.attributes, "{model=m}");
}

TEST(Exemplar, EveryReaderGetsThoseOfItsOwnInterval) {
  const Running running(with(ExemplarFilter::kAlwaysOn));
  const auto often = attached(Temporality::kDelta);
  const auto seldom = attached();
  const auto counter = sextant::meter("exemplar.readers").counter("read");
  counter.add(1);
  EXPECT_EQ(collect(*often)["read"].points.at(0).exemplars.size(), 1u);
  EXPECT_TRUE(collect(*often).empty());
  EXPECT_EQ(collect(*seldom)["read"].points.at(0).exemplars.size(), 1u);
  EXPECT_EQ(collect(*seldom)["read"].points.at(0).exemplars.size(), 0u);
}

}  // namespace
}  // namespace sextant::metrics
