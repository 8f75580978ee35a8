#include <gtest/gtest.h>

#include <random>

#include "propagation/testing.h"

namespace sextant::propagation {
namespace {

using namespace std::string_literals;

const PropagatorPtr kW3c = trace_context();
const std::string kGood = "00-"s + kTrace + "-" + kParent + "-01";

Context read_parent(const std::string& value) {
  return read(kW3c, {{"traceparent", value}});
}

TEST(TraceContext, reads_what_the_specification_gives_as_an_example) {
  const Context context = read_parent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  EXPECT_EQ(context.span().trace_id.hex(), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(context.span().span_id.hex(), "00f067aa0ba902b7");
  EXPECT_TRUE(context.span().sampled());
  EXPECT_TRUE(context.span().remote);
  EXPECT_FALSE(read_parent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00").span().sampled());
}

TEST(TraceContext, every_malformed_traceparent_is_passed_over_and_counted) {
  const std::string tail = "-"s + kTrace + "-" + kParent + "-01";
  const std::string bad[] = {
      "",
      " ",
      "00",
      "00-",
      "00" + tail + ".",
      "00" + tail + "-what-the-future-will-be-like",
      "00" + tail + "-",
      "cc" + tail + ".what-the-future-will-be-like",
      "cc" + tail + "0",
      "ff" + tail,
      "FF" + tail,
      ".0" + tail,
      "0." + tail,
      "0A" + tail,
      "000" + tail,
      "0000" + tail,
      "0" + tail,
      tail,
      "00-00000000000000000000000000000000-"s + kParent + "-01",
      "00-.2345678901234567890123456789012-"s + kParent + "-01",
      "00-1234567890123456789012345678901.-"s + kParent + "-01",
      "00-123456789012345678901234567890123-"s + kParent + "-01",
      "00-1234567890123456789012345678901-"s + kParent + "-01",
      "00-1234567890123456789012345678901A-"s + kParent + "-01",
      "00-"s + kTrace + "-0000000000000000-01",
      "00-"s + kTrace + "-.234567890123456-01",
      "00-"s + kTrace + "-123456789012345.-01",
      "00-"s + kTrace + "-123456789012345B-01",
      "00-"s + kTrace + "-12345678901234567-01",
      "00-"s + kTrace + "-123456789012345-01",
      "00-"s + kTrace + "-" + kParent + "-.0",
      "00-"s + kTrace + "-" + kParent + "-0.",
      "00-"s + kTrace + "-" + kParent + "-0A",
      "00-"s + kTrace + "-" + kParent + "-001",
      "00-"s + kTrace + "-" + kParent + "-1",
      "00-"s + kTrace + "-" + kParent,
      "00_"s + kTrace + "-" + kParent + "-01",
      "00-"s + kTrace + "_" + kParent + "-01",
      "00-"s + kTrace + "-" + kParent + "_01",
      kGood + "," + kGood,
      std::string(55, '-'),
      std::string(55, '\0'),
      std::string(10'000, '0'),
  };
  for (const std::string& value : bad) {
    const std::uint64_t before = propagation_counts().malformed_contexts;
    EXPECT_FALSE(read_parent(value).span().valid()) << value;
    EXPECT_EQ(propagation_counts().malformed_contexts, before + 1) << value;
  }
}

TEST(TraceContext, versions_above_00_are_read_by_what_version_00_knows) {
  const std::string tail = "-"s + kTrace + "-" + kParent + "-";
  for (const std::string& value : {"cc" + tail + "01", "01" + tail + "01", "fe" + tail + "01-what-the-future-will-be",
                                   "cc" + tail + "01-", "cc" + tail + "fd-x"}) {
    const Context context = read_parent(value);
    ASSERT_TRUE(context.span().valid()) << value;
    EXPECT_TRUE(context.span().sampled());
    EXPECT_EQ(written(kW3c, context)["traceparent"], kGood) << value;
  }
}

TEST(TraceContext, flags_that_are_unknown_are_neither_kept_nor_sent) {
  EXPECT_EQ(read_parent("00-"s + kTrace + "-" + kParent + "-ff").span().flags, 0x03);
  EXPECT_EQ(read_parent("00-"s + kTrace + "-" + kParent + "-09").span().flags, 0x01);
  EXPECT_EQ(read_parent("00-"s + kTrace + "-" + kParent + "-02").span().flags, trace_flags::kRandom);
  SpanContext span = some_span(0xff);
  EXPECT_EQ(written(kW3c, Context().with_span(span))["traceparent"], "00-"s + kTrace + "-" + kParent + "-03");
}

TEST(TraceContext, blanks_and_tabs_around_the_value_do_not_matter) {
  for (const std::string& value : {" " + kGood, "\t" + kGood, kGood + " ", kGood + "\t", "\t " + kGood + " \t"})
    EXPECT_TRUE(read_parent(value).span().valid()) << value;
}

TEST(TraceContext, names_are_read_in_any_case_and_written_in_lower_case) {
  for (const char* name : {"traceparent", "TraceParent", "TrAcEpArEnT", "TRACEPARENT"})
    EXPECT_TRUE(read(kW3c, {{name, kGood}}).span().valid()) << name;
  for (const char* name : {"trace-parent", "trace.parent", "traceparent ", "xtraceparent"})
    EXPECT_FALSE(read(kW3c, {{name, kGood}}).span().valid()) << name;
  EXPECT_EQ(written(kW3c, Context().with_span(some_span())).count("traceparent"), 1u);
}

TEST(TraceContext, two_traceparents_are_none) {
  EXPECT_FALSE(read(kW3c, {{"traceparent", kGood}, {"traceparent", kGood}}).span().valid());
  EXPECT_FALSE(read(kW3c, {{"traceparent", kGood}, {"TraceParent", ""}}).span().valid());
}

TEST(TraceContext, what_is_malformed_leaves_the_context_as_it_is) {
  const Context before = Context().with_span(some_span());
  const Context after = read(kW3c, {{"traceparent", "nonsense"}}, before);
  EXPECT_EQ(after.span().trace_id, before.span().trace_id);
  EXPECT_FALSE(after.span().remote);
}

TEST(TraceContext, writes_nothing_without_a_valid_span) {
  EXPECT_TRUE(written(kW3c, Context()).empty());
  SpanContext no_span_id = some_span();
  no_span_id.span_id = {};
  EXPECT_TRUE(written(kW3c, Context().with_span(no_span_id)).empty());
}

TEST(TraceContext, what_is_written_is_read_again) {
  SpanContext span = some_span(trace_flags::kSampled | trace_flags::kRandom);
  span.trace_state = std::make_shared<const std::string>("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
  std::map<std::string, std::string> fields;
  MapWriter writer(fields);
  kW3c->inject(Context().with_span(span), writer);
  Context context;
  kW3c->extract(MapReader(fields), context);
  EXPECT_EQ(context.span().trace_id, span.trace_id);
  EXPECT_EQ(context.span().span_id, span.span_id);
  EXPECT_EQ(context.span().flags, span.flags);
  EXPECT_EQ(state_of(context), *span.trace_state);
}

TEST(TraceContext, random_bytes_never_become_a_context_that_is_not_what_stands_there) {
  std::mt19937 random(7);
  const std::string characters = "0123456789abcdefABCDEF-.,= \t\xff\0z"s;
  for (int round = 0; round < 20'000; ++round) {
    std::string value = kGood;
    for (std::size_t change = random() % 4; change-- > 0;)
      value[random() % value.size()] = characters[random() % characters.size()];
    if (random() % 8 == 0) value.resize(random() % 70, characters[random() % characters.size()]);
    const Context context = read_parent(value);
    if (!context.span().valid()) continue;
    const std::string again = written(kW3c, context)["traceparent"];
    const std::size_t at = value.find_first_not_of(" \t");
    EXPECT_EQ(value.substr(at + 3, 49), again.substr(3, 49));
  }
}

}  // namespace
}  // namespace sextant::propagation
