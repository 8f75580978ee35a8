#include "base/net/address.h"

#include <gtest/gtest.h>

namespace sextant {
namespace {

TEST(AddressTest, FormsThatUsersWrite) {
  EXPECT_EQ(parse_listen_address("127.0.0.1:8420"), (ListenAddress{.host = "127.0.0.1", .port = 8420}));
  EXPECT_EQ(parse_listen_address("[::1]:0"), (ListenAddress{.host = "::1", .port = 0}));
  EXPECT_EQ(parse_listen_address("localhost:65535"), (ListenAddress{.host = "localhost", .port = 65535}));
  EXPECT_EQ(parse_listen_address(":4318"), (ListenAddress{.host = "", .port = 4318}));
  EXPECT_EQ(parse_listen_address("[::1]:80")->text(), "[::1]:80");
}

TEST(AddressTest, WhatIsNoAddress) {
  for (const char* text : {"", "localhost", "8420", "a:b", "a:", "a:65536", "a:-1", "::1:80", "a:80x"}) {
    const auto address = parse_listen_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().code(), ErrorCode::kInvalidArgument);
  }
}

TEST(AddressTest, Loopback) {
  for (const char* host : {"localhost", "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(is_loopback_host(host)) << host;
  }
  for (const char* host : {"", "0.0.0.0", "::", "10.0.0.1", "127.0.0.1.example.org", "::ffff:10.0.0.1"}) {
    EXPECT_FALSE(is_loopback_host(host)) << host;
  }
}

}  // namespace
}  // namespace sextant
