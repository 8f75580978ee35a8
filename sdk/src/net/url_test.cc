#include "net/url.h"

#include <gtest/gtest.h>

namespace sextant::net {
namespace {

TEST(Url, parts_are_found) {
  const Result<Url> url = parse_url("HTTP://user:pw@Example.org:4318/v1/traces?x=1#part");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->scheme, "http");
  EXPECT_EQ(url->user_info, "user:pw");
  EXPECT_EQ(url->host, "Example.org");
  EXPECT_EQ(url->port, 4318);
  EXPECT_EQ(url->target, "/v1/traces?x=1");
  EXPECT_EQ(url->authority(), "Example.org:4318");
}

TEST(Url, what_is_left_out_has_its_usual_value) {
  EXPECT_EQ(parse_url("https://host")->port, 443);
  EXPECT_EQ(parse_url("http://host")->target, "/");
  EXPECT_EQ(parse_url("http://host?q=1")->target, "/?q=1");
  EXPECT_EQ(parse_url("http://[::1]:80/x")->host, "::1");
  EXPECT_EQ(parse_url("http://[::1]/x")->authority(), "[::1]:80");
}

TEST(Url, what_is_wrong_is_said) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "no scheme"},           {"localhost:4318", "no scheme"},     {"http://", "no host"},
      {"http://:80", "no host"},   {"http://host:0", "port"},           {"http://host:65536", "port"},
      {"http://host:12x", "port"}, {"http://[::1", "no host"},          {"grpc://host", "no port"},
      {"http://ho st", "spaces"},  {"http://host/\r\nX: y", "control"},
  };
  for (const auto& [text, said] : cases) {
    const Result<Url> url = parse_url(text);
    ASSERT_FALSE(url.ok()) << text;
    EXPECT_NE(url.error().find(said), std::string::npos) << url.error();
  }
}

}  // namespace
}  // namespace sextant::net
