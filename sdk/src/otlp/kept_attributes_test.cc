#include "otlp/kept_attributes.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

namespace sextant::otlp {
namespace {

std::string kept_of(Attributes attributes, std::uint32_t max, std::uint32_t* dropped = nullptr) {
  KeptAttributes kept(attributes, max);
  std::string text;
  kept.for_each([&](const Attribute& attribute) {
    text += std::string(attribute.key) + "=" + std::to_string(attribute.value.as_int()) + " ";
  });
  if (dropped != nullptr) *dropped = kept.dropped();
  return text;
}

TEST(KeptAttributes, TheLastValueOfAKeyCounts) {
  const Attribute all[] = {{"a", 1}, {"b", 2}, {"a", 3}, {"c", 4}, {"a", 5}};
  EXPECT_EQ(kept_of({all, 5}, 128), "b=2 c=4 a=5 ");
}

TEST(KeptAttributes, WithoutAKeyThereIsNone) {
  const Attribute all[] = {{"", 1}, {"b", 2}, {"", 3}};
  EXPECT_EQ(kept_of({all, 3}, 128), "b=2 ");
}

TEST(KeptAttributes, WhatIsBeyondTheLimitIsCounted) {
  const Attribute all[] = {{"a", 1}, {"b", 2}, {"c", 3}, {"c", 4}, {"d", 5}};
  std::uint32_t dropped = 0;
  EXPECT_EQ(kept_of({all, 5}, 2, &dropped), "a=1 b=2 ");
  EXPECT_EQ(dropped, 2U);
  EXPECT_EQ(kept_of({all, 5}, 0, &dropped), "");
  EXPECT_EQ(dropped, 4U);
}

TEST(KeptAttributes, ListsOfAnyLengthHaveEachKeyOnce) {
  std::mt19937 random(5);
  for (int round = 0; round < 2'000; ++round) {
    std::vector<std::string> keys(random() % 200);
    std::vector<Attribute> all;
    std::map<std::string, std::int64_t> last;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      keys[i] = "key." + std::to_string(random() % 60);
      all.push_back({keys[i], static_cast<std::int64_t>(i)});
      last[keys[i]] = static_cast<std::int64_t>(i);
    }
    KeptAttributes kept(all, 1'000);
    std::map<std::string, std::int64_t> seen;
    kept.for_each(
        [&](const Attribute& attribute) { ASSERT_TRUE(seen.emplace(attribute.key, attribute.value.as_int()).second); });
    ASSERT_EQ(seen, last);
  }
}

}  // namespace
}  // namespace sextant::otlp
