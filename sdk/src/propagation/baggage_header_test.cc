#include <gtest/gtest.h>

#include <random>

#include "propagation/testing.h"

namespace sextant::propagation {
namespace {

using namespace std::string_literals;

Baggage read_baggage(const HttpHeaders& headers, Context context = {}) {
  return read(w3c_baggage(), headers, std::move(context)).baggage();
}

Baggage read_one(const std::string& header) {
  return read_baggage({{"baggage", header}});
}

std::string value_of(const Baggage& baggage, std::string_view key) {
  const std::string* value = baggage.find(key);
  return value != nullptr ? *value : "(none)";
}

std::string written_baggage(const Baggage& baggage) {
  const auto fields = written(w3c_baggage(), Context().with_baggage(baggage));
  return fields.empty() ? std::string() : fields.at("baggage");
}

TEST(BaggageHeader, reads_the_examples_of_the_specification) {
  const Baggage baggage =
      read_one("key1=value1;property1;property2, key2 = value2, key3=value3; propertyKey=propertyValue");
  ASSERT_EQ(baggage.entries().size(), 3u);
  EXPECT_EQ(value_of(baggage, "key1"), "value1");
  EXPECT_EQ(baggage.entries()[0].metadata, "property1;property2");
  EXPECT_EQ(value_of(baggage, "key2"), "value2");
  EXPECT_EQ(baggage.entries()[2].metadata, "propertyKey=propertyValue");
  EXPECT_EQ(value_of(read_one("userId=alice,serverNode=DF%2028,isProduction=false"), "serverNode"), "DF 28");
}

TEST(BaggageHeader, several_headers_are_one) {
  const Baggage baggage =
      read_baggage({{"baggage", "userId =   alice"}, {"Baggage", "serverNode = DF%2028, x = false"}});
  EXPECT_EQ(baggage.entries().size(), 3u);
  EXPECT_EQ(value_of(baggage, "userId"), "alice");
  EXPECT_EQ(value_of(baggage, "x"), "false");
}

TEST(BaggageHeader, blanks_around_keys_values_and_properties_are_taken_away) {
  const Baggage baggage = read_one(
      "SomeKey \t = \t SomeValue \t ; \t SomeProp \t , \t SomeKey2 \t = \t SomeValue2 \t ; \t ValueProp=PropVal");
  ASSERT_EQ(baggage.entries().size(), 2u);
  EXPECT_EQ(value_of(baggage, "SomeKey"), "SomeValue");
  EXPECT_EQ(baggage.entries()[0].metadata, "SomeProp");
  EXPECT_EQ(value_of(baggage, "SomeKey2"), "SomeValue2");
  EXPECT_EQ(baggage.entries()[1].metadata, "ValueProp=PropVal");
}

TEST(BaggageHeader, values_are_percent_coded_utf_8) {
  const std::string value = "\t \"';=asdf!@#$%^&*() \xc3\xa9\xe2\x82\xac,\\";
  const Baggage baggage = Baggage().with("SomeKey", value);
  const std::string header = written_baggage(baggage);
  EXPECT_EQ(header, "SomeKey=%09%20%22'%3B=asdf!@#$%25^&*()%20%C3%A9%E2%82%AC%2C%5C");
  EXPECT_EQ(value_of(read_one(header), "SomeKey"), value);
  EXPECT_EQ(value_of(read_one("SomeKey=SomeValue=equals"), "SomeKey"), "SomeValue=equals");
  EXPECT_EQ(value_of(read_one("k="), "k"), "");
  EXPECT_EQ(value_of(read_one("k=a%2"), "k"), "a%2");
  EXPECT_EQ(value_of(read_one("k=a%zz%"), "k"), "a%zz%");
  EXPECT_EQ(value_of(read_one("k=%ffa%c3"), "k"), "\xef\xbf\xbd"s + "a\xef\xbf\xbd");
}

TEST(BaggageHeader, the_last_of_two_values_for_a_key_counts) {
  const Baggage baggage = read_baggage({{"baggage", "a=1,b=2,a=3"}, {"baggage", "b=4"}});
  EXPECT_EQ(baggage.entries().size(), 2u);
  EXPECT_EQ(value_of(baggage, "a"), "3");
  EXPECT_EQ(value_of(baggage, "b"), "4");
}

TEST(BaggageHeader, what_comes_in_is_added_to_what_is_there) {
  const Context before = Context().with_baggage(Baggage().with("a", "old").with("b", "old"));
  const Baggage baggage = read_baggage({{"baggage", "a=new,c=new"}}, before);
  EXPECT_EQ(value_of(baggage, "a"), "new");
  EXPECT_EQ(value_of(baggage, "b"), "old");
  EXPECT_EQ(value_of(baggage, "c"), "new");
}

TEST(BaggageHeader, malformed_members_are_left_out_and_counted) {
  const std::uint64_t before = propagation_counts().dropped_baggage;
  const Baggage baggage =
      read_one("good=1,,no equals,=2,k y=3,k\"=4,v=a b,v2=\"q\",v3=\\,v4=\xc3\xa9,also=5;p;\"bad\";q=1");
  EXPECT_EQ(baggage.entries().size(), 2u);
  EXPECT_EQ(value_of(baggage, "also"), "5");
  EXPECT_EQ(baggage.entries()[1].metadata, "p;q=1");
  EXPECT_EQ(propagation_counts().dropped_baggage, before + 8);
}

TEST(BaggageHeader, takes_64_members_and_counts_the_rest) {
  std::string header;
  for (int i = 0; i < 70; ++i) header += (i > 0 ? ",k" : "k") + std::to_string(i) + "=v";
  const std::uint64_t before = propagation_counts().dropped_baggage;
  const Baggage baggage = read_one(header);
  EXPECT_EQ(baggage.entries().size(), 64u);
  EXPECT_EQ(value_of(baggage, "k63"), "v");
  EXPECT_EQ(propagation_counts().dropped_baggage, before + 6);
}

TEST(BaggageHeader, takes_8192_bytes_of_all_headers_and_no_member_in_part) {
  const std::string whole = "a=" + std::string(8190, '0');
  EXPECT_EQ(value_of(read_one(whole), "a").size(), 8190u);
  EXPECT_TRUE(read_one(whole + "0").empty());
  const Baggage baggage =
      read_baggage({{"baggage", "x=1,y=" + std::string(8180, '0')}, {"baggage", "z=1,zz=123456789"}});
  EXPECT_EQ(baggage.entries().size(), 3u);
  EXPECT_EQ(value_of(baggage, "z"), "1");
  EXPECT_EQ(value_of(baggage, "zz"), "(none)");
}

TEST(BaggageHeader, ten_thousand_fragments_cost_no_more_than_the_first_64) {
  HttpHeaders headers;
  for (int i = 0; i < 10'000; ++i) headers.emplace_back("baggage", "k" + std::to_string(i) + "=v");
  const std::uint64_t before = propagation_counts().dropped_baggage;
  EXPECT_EQ(read_baggage(headers).entries().size(), 64u);
  EXPECT_EQ(propagation_counts().dropped_baggage, before + 10'000 - 64);
  std::string one_header;
  for (int i = 0; i < 10'000; ++i) one_header += "k=v,";
  EXPECT_EQ(read_one(one_header).entries().size(), 1u);
  EXPECT_TRUE(read_one(std::string(10'000, ',')).empty());
  EXPECT_EQ(read_one("a=1" + std::string(8'000, ';')).entries().size(), 1u);
}

TEST(BaggageHeader, writes_what_fits_and_counts_what_does_not) {
  Baggage baggage = Baggage().with("a", std::string(8000, 'x')).with("b", std::string(300, 'y')).with("c", "z");
  const std::uint64_t before = propagation_counts().dropped_baggage;
  EXPECT_EQ(written_baggage(baggage), "a=" + std::string(8000, 'x') + ",c=z");
  EXPECT_EQ(propagation_counts().dropped_baggage, before + 1);
  baggage = {};
  for (int i = 0; i < 70; ++i) baggage = baggage.with("k" + std::to_string(i), "v");
  EXPECT_EQ(read_one(written_baggage(baggage)).entries().size(), 64u);
}

TEST(BaggageHeader, keys_that_a_header_cannot_have_are_not_written) {
  EXPECT_EQ(written_baggage(Baggage().with("k y", "1").with("", "2").with("ok", "3", "p=1;\"bad\"")), "ok=3;p=1");
  EXPECT_EQ(written_baggage(Baggage()), "");
}

TEST(BaggageHeader, random_headers_come_out_as_something_that_is_read_again) {
  std::mt19937 random(5);
  const std::string characters = "ab=,;%2f \t\"\\\xc3\xa9\x01";
  for (int round = 0; round < 20'000; ++round) {
    std::string header;
    for (std::size_t n = random() % 40; n-- > 0;) header += characters[random() % characters.size()];
    const Baggage baggage = read_one(header);
    const Baggage again = read_one(written_baggage(baggage));
    ASSERT_EQ(again.entries().size(), baggage.entries().size()) << header;
    for (const Baggage::Entry& entry : baggage.entries()) EXPECT_EQ(value_of(again, entry.key), entry.value);
  }
}

}  // namespace
}  // namespace sextant::propagation
