#include "query/traces/literals.h"

#include <gtest/gtest.h>

#include "base/sys/random.h"
#include "query/traces/cursor.h"
#include "tests/support/plain_store.h"
#include "tests/support/span_maker.h"

namespace sextant::query {
namespace {

constexpr uint64_t kSecond = kNanosPerSecond;

TEST(Duration, ReadsNumbersWithUnits) {
  EXPECT_EQ(parse_duration("250ms"), 250 * kNanosPerMillisecond);
  EXPECT_EQ(parse_duration("1.5s"), 1500 * kNanosPerMillisecond);
  EXPECT_EQ(parse_duration("2m"), 120 * kSecond);
  EXPECT_EQ(parse_duration("1h30m"), 5400 * kSecond);
  EXPECT_EQ(parse_duration("7ns"), 7u);
  EXPECT_EQ(parse_duration("3us"), 3000u);
  EXPECT_EQ(parse_duration("3\xC2\xB5s"), 3000u);
  EXPECT_EQ(parse_duration("2w"), 14 * 86400 * kSecond);
  EXPECT_EQ(parse_duration("0s"), 0u);
}

TEST(Duration, SaysWhereItWentWrong) {
  const auto offset = [](std::string_view text) {
    const auto parsed = parse_duration(text);
    return parsed ? static_cast<size_t>(-1) : parsed.error().offset;
  };
  EXPECT_EQ(offset(""), 0u);
  EXPECT_EQ(offset("abc"), 0u);
  EXPECT_EQ(offset("10"), 2u);
  EXPECT_EQ(offset("10parsecs"), 2u);
  EXPECT_EQ(offset("1h5x"), 3u);
  EXPECT_EQ(offset("-5s"), 0u);
  EXPECT_EQ(offset("1.2.3s"), 3u);
  EXPECT_EQ(offset("."), 0u);
  EXPECT_EQ(offset("99999999999w"), 0u);
  EXPECT_NE(parse_duration("10").error().message.find("250ms"), std::string::npos);
}

TEST(Time, ReadsEveryForm) {
  const UnixNanos now = 1'700'000'000 * kSecond;
  EXPECT_EQ(parse_time("now", now), now);
  EXPECT_EQ(parse_time("now-15m", now), now - 900 * kSecond);
  EXPECT_EQ(parse_time("now-1000w", 5), 0u);
  EXPECT_EQ(parse_time("1700000000000000001", now), 1'700'000'000'000'000'001u);
  EXPECT_EQ(parse_time("1970-01-01T00:00:00Z", now), 0u);
  EXPECT_EQ(parse_time("2023-11-14T22:13:20Z", now), now);
  EXPECT_EQ(parse_time("2023-11-15T00:13:20.25+02:00", now), now + 250 * kNanosPerMillisecond);
  EXPECT_EQ(parse_time("2023-11-14T17:13:20.000000001-05:00", now), now + 1);
  EXPECT_EQ(parse_time("2024-02-29T00:00:00Z", now), 1'709'164'800 * kSecond);
}

TEST(Time, RefusesWhatIsNotATime) {
  for (const std::string_view text :
       {"", "yesterday", "now-", "now-5", "now+5m", "2023-02-29T00:00:00Z", "2023-11-14", "2023-11-14T22:13:20",
        "2023-13-01T00:00:00Z", "1969-12-31T23:59:59Z", "2600-01-01T00:00:00Z", "99999999999999999999999", "-5", "1.5",
        "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20Zjunk"}) {
    const auto parsed = parse_time(text, 1);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_LE(parsed.error().offset, text.size()) << text;
    EXPECT_FALSE(parsed.error().message.empty());
  }
  EXPECT_EQ(parse_time("2023-11-14X22:13:20Z", 1).error().offset, 10u);
  EXPECT_EQ(parse_time("now-5parsecs", 1).error().offset, 5u);
}

TEST(Time, WritesWhatItReads) {
  SeededRandom random(3);
  for (int i = 0; i < 2000; ++i) {
    const UnixNanos time = random.next() % (UINT64_MAX / kSecond * kSecond);
    const std::string text = format_time(time);
    EXPECT_EQ(text.size(), 30u);
    EXPECT_EQ(parse_time(text, 0), time) << text;
  }
  EXPECT_EQ(format_time(0), "1970-01-01T00:00:00.000000000Z");
}

/// One span with this attribute (and a resource attribute of the same key when given) against a filter's text.
bool matches(std::string_view filter, const testing::PlainSpan& span) {
  const auto parsed = parse_attribute(filter);
  EXPECT_TRUE(parsed.has_value()) << filter << ": " << (parsed ? "" : parsed.error().message);
  return parsed && testing::holds(*parsed, testing::batch_of({span}), 0);
}

TEST(Attribute, BareWordsMatchEveryTypeThatReadsSo) {
  EXPECT_TRUE(matches("retries=3", {.attributes = {{"retries", int64_t{3}}}}));
  EXPECT_TRUE(matches("retries=3", {.attributes = {{"retries", 3.0}}}));
  EXPECT_TRUE(matches("retries=3", {.attributes = {{"retries", "3"}}}));
  EXPECT_TRUE(matches("ratio=0.5", {.attributes = {{"ratio", 0.5}}}));
  EXPECT_TRUE(matches("stream=true", {.attributes = {{"stream", true}}}));
  EXPECT_TRUE(matches("stream=true", {.attributes = {{"stream", "true"}}}));
  EXPECT_FALSE(matches("stream=true", {.attributes = {{"stream", false}}}));
  EXPECT_FALSE(matches("retries=3", {.attributes = {{"retries", "3.0"}}}));
  EXPECT_TRUE(matches("empty=", {.attributes = {{"empty", ""}}}));
}

TEST(Attribute, QuotedValuesAreText) {
  EXPECT_FALSE(matches("retries=\"3\"", {.attributes = {{"retries", int64_t{3}}}}));
  EXPECT_TRUE(matches("retries=\"3\"", {.attributes = {{"retries", "3"}}}));
  EXPECT_TRUE(matches(R"(say="a \"b\" \\")", {.attributes = {{"say", R"(a "b" \)"}}}));
  EXPECT_TRUE(matches("\"a=b\"=c", {.attributes = {{"a=b", "c"}}}));
  EXPECT_TRUE(matches("q=a=b", {.attributes = {{"q", "a=b"}}}));
}

TEST(Attribute, ContainsLooksIntoTexts) {
  const testing::PlainSpan span{.attributes = {{"q", "the 30 quick = foxes"}, {"n", int64_t{30}}, {"odd*", "x"}},
                                .event = {{"q", "event \"30\""}}};
  EXPECT_TRUE(matches("q*=quick", span));
  EXPECT_TRUE(matches("q*=30", span));
  EXPECT_TRUE(matches("q*=k = f", span));
  EXPECT_TRUE(matches("q*=the 30 quick = foxes", span));
  EXPECT_FALSE(matches("q*=Quick", span));
  EXPECT_FALSE(matches("n*=3", span));
  EXPECT_FALSE(matches("missing*=a", span));
  EXPECT_TRUE(matches(R"(event.q*="\"30\"")", span));
  EXPECT_TRUE(matches("\"q\"*=quick", span));
  EXPECT_TRUE(matches("\"odd*\"=x", span));
  EXPECT_TRUE(matches("odd**=x", span));
}

TEST(Attribute, ScopesChooseWhereToLook) {
  const testing::PlainSpan span{.attributes = {{"k", "span"}, {"event.id", "7"}},
                                .resource = {{"k", "resource"}, {"only", "here"}},
                                .event = {{"k", "event"}}};
  EXPECT_TRUE(matches("k=span", span));
  EXPECT_FALSE(matches("k=resource", span));
  EXPECT_TRUE(matches("resource.k=resource", span));
  EXPECT_TRUE(matches("event.k=event", span));
  EXPECT_TRUE(matches("only=here", span));
  EXPECT_FALSE(matches("span.only=here", span));
  EXPECT_TRUE(matches(".event.id=7", span));
  EXPECT_FALSE(matches("event.id=7", span));
}

TEST(Attribute, SaysWhereItWentWrong) {
  EXPECT_EQ(parse_attribute("nothing").error().offset, 7u);
  EXPECT_EQ(parse_attribute("=x").error().offset, 0u);
  EXPECT_EQ(parse_attribute("span.=x").error().offset, 5u);
  EXPECT_EQ(parse_attribute("k=\"open").error().offset, 2u);
  EXPECT_EQ(parse_attribute("k=\"a\"b").error().offset, 5u);
  EXPECT_EQ(parse_attribute("").error().offset, 0u);
  EXPECT_EQ(parse_attribute("*=x").error().offset, 0u);
  EXPECT_EQ(parse_attribute("k*=").error().offset, 3u);
  EXPECT_EQ(parse_attribute("k*=\"\"").error().offset, 3u);
  EXPECT_EQ(parse_attribute("k*=\"open").error().offset, 3u);
}

TEST(Cursor, ComesBackAsItWentOut) {
  SeededRandom random(1);
  for (int i = 0; i < 200; ++i) {
    const data::RunCursor cursor{random.next(), random.next(), testing::trace_id(random.next())};
    const std::string text = encode_cursor(cursor);
    const auto back = decode_cursor(text);
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(back->sequence, cursor.sequence);
    EXPECT_EQ(back->start, cursor.start);
    EXPECT_EQ(back->trace_id, cursor.trace_id);
  }
}

TEST(Cursor, NoticesEveryChange) {
  const std::string text = encode_cursor({7, 8, testing::trace_id(9)});
  for (size_t i = 0; i < text.size(); ++i) {
    for (const char c : {'A', 'b', '0', '-', '!', ' ', '\0'}) {
      std::string changed = text;
      if (changed[i] == c) continue;
      changed[i] = c;
      const auto decoded = decode_cursor(changed);
      // The last character holds bits that belong to no byte; whoever changes only those has changed nothing.
      if (decoded.has_value()) {
        EXPECT_EQ(i + 1, text.size()) << c;
        EXPECT_EQ(encode_cursor(*decoded), text);
      } else {
        EXPECT_LE(decoded.error().offset, text.size());
      }
    }
  }
  for (size_t length = 0; length < text.size(); ++length) EXPECT_FALSE(decode_cursor(text.substr(0, length)));
  EXPECT_FALSE(decode_cursor(text + "A"));
  EXPECT_EQ(decode_cursor("ab!c").error().offset, 2u);
}

}  // namespace
}  // namespace sextant::query
