#include "base/net/uri.h"

#include <gtest/gtest.h>

namespace sextant {
namespace {

using Segments = std::vector<std::string>;

TEST(UriTest, Percent) {
  EXPECT_EQ(percent_decode("a%20b%2Fc%c3%a9+"), "a b/c\xc3\xa9+");
  for (const char* bad : {"%", "%2", "%zz", "a%00b"}) EXPECT_EQ(percent_decode(bad), std::nullopt) << bad;
  EXPECT_EQ(percent_encode("a b/\xc3\xa9~"), "a%20b%2F%C3%A9~");
  std::string all;
  for (int c = 1; c < 256; ++c) all.push_back(static_cast<char>(c));
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
}

TEST(UriTest, AnEncodedSlashNeverSeparates) {
  EXPECT_EQ(split_path("/api/traces/a%2Fb"), (Segments{"api", "traces", "a/b"}));
  EXPECT_EQ(split_path("/a%2Fb/c"), (Segments{"a/b", "c"}));
  EXPECT_EQ(split_path("/"), (Segments{""}));
  EXPECT_EQ(split_path("/a/"), (Segments{"a", ""}));
  EXPECT_EQ(split_path("/%2525"), (Segments{"%25"})) << "decoded once";
  EXPECT_EQ(split_path("/a/%zz"), std::nullopt);
}

TEST(UriTest, Query) {
  EXPECT_EQ(parse_query("a=1&b=x+y&c&d=%3D%26&a=2&&e=f=g"),
            (QueryParameters{{"a", "1"}, {"b", "x y"}, {"c", ""}, {"d", "=&"}, {"a", "2"}, {"e", "f=g"}}));
  EXPECT_EQ(parse_query(""), QueryParameters{});
  EXPECT_EQ(parse_query("a=%"), std::nullopt);
  std::string many;
  for (int i = 0; i < 1001; ++i) many += "a&";
  EXPECT_EQ(parse_query(many), std::nullopt);
}

}  // namespace
}  // namespace sextant
