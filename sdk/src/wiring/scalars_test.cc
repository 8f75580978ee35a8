// Values as people write them.
#include "wiring/scalars.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace sextant::wiring {
namespace {

using testing::HasSubstr;

TEST(Scalars, DurationsHaveUnits) {
  EXPECT_EQ(parse_duration("60s").value().count(), 60'000);
  EXPECT_EQ(parse_duration("1m30s").value().count(), 90'000);
  EXPECT_EQ(parse_duration("500ms").value().count(), 500);
  EXPECT_EQ(parse_duration("1.5s").value().count(), 1'500);
  EXPECT_EQ(parse_duration("2h").value().count(), 7'200'000);
  EXPECT_EQ(parse_duration("1d").value().count(), 86'400'000);
  EXPECT_EQ(parse_duration("0s").value().count(), 0);
  EXPECT_EQ(parse_duration("10us").value().count(), 1);
  for (const char* bad : {"", "60", "s", "5 s", "-5s", "1x", "1m30", "1..5s", "11d", "1e3s", "99999999999999999999s"})
    EXPECT_THAT(parse_duration(bad).ok() ? "" : parse_duration(bad).error(), HasSubstr("such as 500ms, 60s or 1m30s"))
        << bad;
}

TEST(Scalars, NumbersKeepToTheirRange) {
  EXPECT_EQ(parse_integer("2048", 1, 5'000).value(), 2'048u);
  for (const char* bad : {"", "-1", "0", "5001", "1.0", "0x10", " 7", "7 ", "18446744073709551616"})
    EXPECT_EQ(parse_integer(bad, 1, 5'000).error(), "takes a whole number from 1 to 5000") << bad;
  EXPECT_EQ(parse_number("0.25", 0, 1).value(), 0.25);
  for (const char* bad : {"", "1.1", "-0.1", "nan", "inf", "0,5", "0.5x"})
    EXPECT_EQ(parse_number(bad, 0, 1).error(), "takes a number from 0 to 1") << bad;
}

TEST(Scalars, PairsArePercentDecoded) {
  const auto pairs = parse_pairs(" a = b%20c , ,%C3%A9=%3D%2C,empty=");
  ASSERT_TRUE(pairs.ok());
  ASSERT_EQ(pairs.value().size(), 3u);
  EXPECT_EQ(pairs.value()[0].value, "b c");
  EXPECT_EQ(pairs.value()[1].key, "\xc3\xa9");
  EXPECT_EQ(pairs.value()[1].value, "=,");
  EXPECT_EQ(pairs.value()[2].value, "");
}

TEST(Scalars, PairsThatAreNoneSayWhichOne) {
  EXPECT_EQ(parse_pairs("a=1,b").error(), "entry 2 is not of the form key=value");
  EXPECT_EQ(parse_pairs("=1").error(), "entry 1 is not of the form key=value");
  EXPECT_EQ(parse_pairs("a=%4").error(), "entry 1 (a) has a '%' that two hexadecimal digits do not follow");
  EXPECT_EQ(parse_pairs("a%zz=1").error(), "entry 1 has a '%' that two hexadecimal digits do not follow");
}

TEST(Scalars, EndpointsNeedNoScheme) {
  const Endpoint plain = parse_endpoint("tempo:4317").value();
  EXPECT_EQ(plain.scheme, "");
  EXPECT_EQ(plain.host_and_port(), "tempo:4317");
  EXPECT_EQ(plain.url("http"), "http://tempo:4317");
  EXPECT_EQ(parse_endpoint("tempo").value().url("http"), "http://tempo:4318");
  EXPECT_EQ(parse_endpoint("[::1]").value().url("http"), "http://[::1]:4318");
  EXPECT_EQ(parse_endpoint("[::1]:99/x").value().host_and_port(), "[::1]:99");
  EXPECT_EQ(parse_endpoint("HTTPS://gateway/otlp").value().url("http"), "https://gateway/otlp");
  EXPECT_EQ(parse_endpoint("https://gateway/otlp").value().port, 443);
  for (const char* bad : {"", "ftp://host", "http://", "a b:1", "host:0", "host:70000", "host:x"})
    EXPECT_THAT(parse_endpoint(bad).ok() ? "" : parse_endpoint(bad).error(), HasSubstr("takes an ")) << bad;
}

TEST(Scalars, HeadersMustBeFitForTheWire) {
  EXPECT_EQ(problem_of_header("api-key", "abc\tdef"), "");
  EXPECT_EQ(problem_of_header("a b", "x"), "'a b' cannot be the name of an HTTP header");
  EXPECT_EQ(problem_of_header("", "x"), "'' cannot be the name of an HTTP header");
  EXPECT_EQ(problem_of_header("k", "secret\r\nX: y"),
            "the value of header 'k' holds a line break or another control character");
}

TEST(Scalars, TheNearestWordIsFound) {
  EXPECT_EQ(nearest("samplng_rate", {"sampling_rate", "span_timeout"}), "sampling_rate");
  EXPECT_EQ(nearest("tracin", {"metrics", "tracing"}), "tracing");
  EXPECT_EQ(nearest("colour", {"sampling_rate", "span_timeout"}), "");
}

TEST(Scalars, SurviveAnyText) {
  constexpr std::string_view kLetters = "0123456789.smhduen%=,:/[]@ -+x\n\xff";
  std::mt19937 random(7);
  for (int round = 0; round < 30'000; ++round) {
    std::string text;
    for (std::size_t i = random() % 20; i > 0; --i) text += kLetters[random() % kLetters.size()];
    if (const auto duration = parse_duration(text); duration.ok()) {
      ASSERT_LE(duration.value(), kDurationMax) << text;
    }
    (void)parse_pairs(text);
    if (const auto endpoint = parse_endpoint(text); endpoint.ok()) {
      ASSERT_GT(endpoint.value().port, 0) << text;
    }
  }
}

}  // namespace
}  // namespace sextant::wiring
