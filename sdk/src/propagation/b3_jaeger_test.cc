// The two formats that stand beside the W3C's.
#include <gtest/gtest.h>

#include <random>

#include "propagation/testing.h"

namespace sextant::propagation {
namespace {

using namespace std::string_literals;

constexpr const char* kId = "80f198ee56343ba864fe8b2a57d3eff7";
constexpr const char* kSpan = "e457b5a2e4d86bd1";

Context read_b3(const std::string& value) {
  return read(b3(), {{"b3", value}});
}

TEST(B3, reads_the_single_header) {
  const Context context = read_b3(kId + "-"s + kSpan + "-1-05e3ac9a4f6e3b90");
  EXPECT_EQ(context.span().trace_id.hex(), kId);
  EXPECT_EQ(context.span().span_id.hex(), kSpan);
  EXPECT_TRUE(context.span().sampled());
  EXPECT_TRUE(context.span().remote);
  EXPECT_FALSE(context.span().debug);
  EXPECT_FALSE(read_b3(kId + "-"s + kSpan + "-0").span().sampled());
  EXPECT_TRUE(read_b3(kId + "-"s + kSpan).span().valid());
  EXPECT_FALSE(read_b3(kId + "-"s + kSpan).span().sampled());
}

TEST(B3, a_trace_id_of_16_digits_is_the_right_half) {
  EXPECT_EQ(read_b3("64fe8b2a57d3eff7-"s + kSpan + "-1").span().trace_id.hex(), "000000000000000064fe8b2a57d3eff7");
}

TEST(B3, debug_means_sampled_and_is_passed_on) {
  const Context context = read_b3(kId + "-"s + kSpan + "-d");
  EXPECT_TRUE(context.span().sampled());
  EXPECT_TRUE(context.span().debug);
  EXPECT_EQ(written(b3(), context)["b3"], kId + "-"s + kSpan + "-d");
  auto multi = written(b3(B3Encoding::kMulti), context);
  EXPECT_EQ(multi["X-B3-Flags"], "1");
  EXPECT_EQ(multi.count("X-B3-Sampled"), 0u);
}

TEST(B3, malformed_headers_are_passed_over) {
  for (const std::string& value :
       {"x"s, "-"s, kId + "-"s, kId + "-"s + kSpan + "-2", kId + "-"s + kSpan + "-1-05e3", kId + "-"s + kSpan + "-1-zz",
        kId + "-"s + kSpan + "-1-05e3ac9a4f6e3b90-more", kId + "0-"s + kSpan + "-1", "0-"s + kSpan + "-1",
        "00000000000000000000000000000000-"s + kSpan + "-1", kId + "-0000000000000000-1"s, kId + "-e457-1"s,
        "g0f198ee56343ba864fe8b2a57d3eff7-"s + kSpan + "-1", std::string(10'000, '-')}) {
    const std::uint64_t before = propagation_counts().malformed_contexts;
    EXPECT_FALSE(read_b3(value).span().valid()) << value;
    EXPECT_EQ(propagation_counts().malformed_contexts, before + 1) << value;
  }
}

TEST(B3, a_decision_alone_is_no_context_and_no_fault) {
  const std::uint64_t before = propagation_counts().malformed_contexts;
  for (const char* value : {"0", "1", "d", ""}) EXPECT_FALSE(read_b3(value).span().valid());
  EXPECT_EQ(propagation_counts().malformed_contexts, before);
}

TEST(B3, reads_several_headers_in_any_case) {
  const Context context = read(b3(), {{"x-b3-traceid", kId},
                                      {"X-B3-SPANID", kSpan},
                                      {"X-B3-ParentSpanId", "05e3ac9a4f6e3b90"},
                                      {"x-b3-sampled", "1"}});
  EXPECT_EQ(context.span().trace_id.hex(), kId);
  EXPECT_EQ(context.span().span_id.hex(), kSpan);
  EXPECT_TRUE(context.span().sampled());
  EXPECT_TRUE(read(b3(), {{"X-B3-TraceId", kId}, {"X-B3-SpanId", kSpan}, {"X-B3-Sampled", "true"}}).span().sampled());
  EXPECT_FALSE(read(b3(), {{"X-B3-TraceId", kId}, {"X-B3-SpanId", kSpan}, {"X-B3-Sampled", "0"}}).span().sampled());
  EXPECT_TRUE(read(b3(), {{"X-B3-TraceId", kId}, {"X-B3-SpanId", kSpan}, {"X-B3-Flags", "1"}}).span().debug);
  EXPECT_FALSE(read(b3(), {{"X-B3-TraceId", kId}}).span().valid());
  EXPECT_FALSE(read(b3(), {{"X-B3-TraceId", kId}, {"X-B3-SpanId", kSpan}, {"X-B3-Sampled", "maybe"}}).span().valid());
}

TEST(B3, the_single_header_goes_before_the_others_where_it_can_be_read) {
  const HttpHeaders both = {
      {"b3", kId + "-"s + kSpan + "-1"}, {"X-B3-TraceId", kTrace}, {"X-B3-SpanId", kParent}, {"X-B3-Sampled", "0"}};
  EXPECT_EQ(read(b3(), both).span().trace_id.hex(), kId);
  const HttpHeaders broken = {{"b3", "nonsense"}, {"X-B3-TraceId", kTrace}, {"X-B3-SpanId", kParent}};
  EXPECT_EQ(read(b3(), broken).span().trace_id.hex(), kTrace);
}

TEST(B3, writes_one_header_or_several) {
  const Context context = Context().with_span(some_span());
  EXPECT_EQ(written(b3(), context)["b3"], kTrace + "-"s + kParent + "-1");
  auto fields = written(b3(B3Encoding::kMulti), Context().with_span(some_span(0)));
  EXPECT_EQ(fields["X-B3-TraceId"], kTrace);
  EXPECT_EQ(fields["X-B3-SpanId"], kParent);
  EXPECT_EQ(fields["X-B3-Sampled"], "0");
  EXPECT_EQ(fields.count("X-B3-ParentSpanId"), 0u);
  EXPECT_TRUE(written(b3(), Context()).empty());
  EXPECT_EQ(b3()->fields(), std::vector<std::string>({"b3"}));
  EXPECT_EQ(b3(B3Encoding::kMulti)->fields().size(), 4u);
}

Context read_jaeger(const std::string& value) {
  return read(jaeger(), {{"uber-trace-id", value}});
}

TEST(Jaeger, reads_its_header) {
  const Context context = read_jaeger(kId + ":"s + kSpan + ":0:1");
  EXPECT_EQ(context.span().trace_id.hex(), kId);
  EXPECT_EQ(context.span().span_id.hex(), kSpan);
  EXPECT_TRUE(context.span().sampled());
  EXPECT_TRUE(context.span().remote);
  EXPECT_FALSE(read_jaeger(kId + ":"s + kSpan + ":0:0").span().sampled());
  EXPECT_TRUE(read_jaeger(kId + ":"s + kSpan + ":0:3").span().debug);
  EXPECT_FALSE(read_jaeger(kId + ":"s + kSpan + ":0:2").span().debug);
}

TEST(Jaeger, zeros_in_front_of_ids_may_be_missing_and_colons_may_be_encoded) {
  EXPECT_EQ(read_jaeger("ab:1:0:1").span().trace_id.hex(), std::string(30, '0') + "ab");
  EXPECT_EQ(read_jaeger("ab:1::01").span().span_id.hex(), "0000000000000001");
  EXPECT_EQ(read_jaeger("ab%3A1%3a0%3A1").span().span_id.hex(), "0000000000000001");
}

TEST(Jaeger, malformed_headers_are_passed_over) {
  for (const std::string& value : {"x"s, ":::"s, kId + ":"s, kId + ":"s + kSpan, kId + ":"s + kSpan + ":0", "0:1:0:1"s,
                                   "1:0:0:1"s, "1:1:0:"s, "1:1:0:123"s, "1:1:0:x"s, "1:1:zz:1"s, kId + "0:1:0:1"s,
                                   "1:11111111111111111:0:1"s, "1:1:0:1:1"s, std::string(10'000, ':')}) {
    EXPECT_FALSE(read_jaeger(value).span().valid()) << value;
  }
}

TEST(Jaeger, writes_its_header_and_reads_it_again) {
  auto fields = written(jaeger(), Context().with_span(some_span()));
  EXPECT_EQ(fields["uber-trace-id"], kTrace + ":"s + kParent + ":0:1");
  SpanContext debug = some_span();
  debug.debug = true;
  EXPECT_EQ(written(jaeger(), Context().with_span(debug))["uber-trace-id"], kTrace + ":"s + kParent + ":0:3");
}

TEST(Jaeger, carries_baggage_in_fields_of_their_own) {
  const Context context = Context().with_span(some_span()).with_baggage(Baggage().with("user", "a b").with("k y", "-"));
  auto fields = written(jaeger(), context);
  EXPECT_EQ(fields["uberctx-user"], "a%20b");
  EXPECT_EQ(fields.size(), 2u);
  const Context back = read(jaeger(), {{"Uberctx-user", "a%20b"}, {"uberctx-x", "1"}, {"uberctx-", "none"}});
  EXPECT_EQ(*back.baggage().find("user"), "a b");
  EXPECT_EQ(*back.baggage().find("x"), "1");
  EXPECT_EQ(back.baggage().entries().size(), 2u);
}

TEST(Jaeger, ten_thousand_baggage_fields_cost_no_more_than_64) {
  HttpHeaders headers;
  for (int i = 0; i < 10'000; ++i) headers.emplace_back("uberctx-k" + std::to_string(i), std::string(100, 'v'));
  const std::uint64_t before = propagation_counts().dropped_baggage;
  const Context context = read(jaeger(), headers);
  EXPECT_LE(context.baggage().entries().size(), 64u);
  EXPECT_EQ(propagation_counts().dropped_baggage, before + 10'000 - context.baggage().entries().size());
  const Context big = read(jaeger(), {{"uberctx-a", std::string(9'000, 'v')}, {"uberctx-b", "1"}});
  EXPECT_EQ(big.baggage().entries().size(), 1u);
}

TEST(B3AndJaeger, random_headers_never_give_a_context_that_is_half_valid) {
  std::mt19937 random(3);
  const std::string characters = "0123456789abcdefABCDEF-:dg%3 "s;
  for (int round = 0; round < 20'000; ++round) {
    std::string value = kId + (random() % 2 == 0 ? "-"s : ":"s) + kSpan + "-1";
    for (std::size_t change = random() % 5; change-- > 0;)
      value[random() % value.size()] = characters[random() % characters.size()];
    for (const Context& context : {read_b3(value), read_jaeger(value)})
      EXPECT_EQ(context.span().trace_id.valid(), context.span().span_id.valid());
  }
}

}  // namespace
}  // namespace sextant::propagation
