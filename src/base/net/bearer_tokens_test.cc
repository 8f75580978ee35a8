#include "base/net/bearer_tokens.h"

#include <gtest/gtest.h>

namespace sextant {
namespace {

// printf 'first' | sha256sum, and of 'second'.
constexpr const char* kFirst = "a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e";
constexpr const char* kSecond = "16367AACB67A4A017C8DA8AB95682CCB390863780F7114DDA0A0E0C55644C7C4";

TEST(BearerTokensTest, NoneMeansEverybody) {
  EXPECT_FALSE(BearerTokens().required());
  EXPECT_TRUE(BearerTokens().allows(""));
}

TEST(BearerTokensTest, AnyOfThemIsGood) {
  const auto tokens = BearerTokens::make({{"a", kFirst}, {"b", kSecond}});
  ASSERT_TRUE(tokens);
  EXPECT_TRUE(tokens->required());
  for (const char* good : {"Bearer first", "bearer first", "BEARER  second"}) EXPECT_TRUE(tokens->allows(good)) << good;
  for (const char* bad :
       {"", "Bearer", "Bearer ", "Bearer firs", "Bearer firstt", "Bearer third", "Basic first", "first"}) {
    EXPECT_FALSE(tokens->allows(bad)) << bad;
  }
}

TEST(BearerTokensTest, DigestsAreChecked) {
  for (const char* digest : {"", "abc", "zz37aacb67a4a017c8da8ab95682ccb390863780f7114dda0a0e0c55644c7c4", "first"}) {
    const auto tokens = BearerTokens::make({{"mine", digest}});
    ASSERT_FALSE(tokens);
    EXPECT_EQ(tokens.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_NE(tokens.error().message().find("mine"), std::string::npos);
  }
}

}  // namespace
}  // namespace sextant
