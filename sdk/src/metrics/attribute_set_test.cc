#include <deque>
#include <map>
#include <random>

#include "metrics/attribute_set.h"
#include "metrics/test_support.h"
#include "metrics/thread_cache.h"

namespace sextant::metrics {
namespace {

/// Attributes that own what they hold.
struct Owned {
  std::deque<std::string> texts;
  std::vector<Attribute> attributes;
};

Owned random_attributes(std::mt19937_64& random) {
  Owned made;
  const auto text = [&](std::size_t size_max) -> std::string_view {
    std::string out(random() % (size_max + 1), '\0');
    for (char& c : out) c = static_cast<char>(random() % 3);
    made.texts.push_back(out);
    return made.texts.back();
  };
  for (std::size_t i = random() % 5; i > 0; --i) {
    const std::string_view key = text(20);
    switch (random() % 5) {
      case 0:
        made.attributes.push_back({key, text(40)});
        break;
      case 1:
        made.attributes.push_back({key, static_cast<std::int64_t>(random() % 3)});
        break;
      case 2:
        made.attributes.push_back({key, static_cast<double>(random() % 3)});
        break;
      case 3:
        made.attributes.push_back({key, random() % 2 == 0});
        break;
      default:
        made.attributes.push_back({key, Value()});
    }
  }
  return made;
}

/// The attributes in the order in which they were given, encoded.
std::string in_order(const Owned& owned) {
  std::string out;
  for (const Attribute& attribute : owned.attributes) {
    const std::string one = canonical(Attributes(&attribute, 1));
    out += (attribute.key.empty() ? "-" + canonical({{"x", attribute.value}}) : one) + "|";
  }
  return out;
}

TEST(AttributeSet, FlatKeysAreEqualExactlyWhereAttributesAre) {
  std::mt19937_64 random(5);
  std::map<std::string, std::vector<std::uint64_t>> by_content;
  std::map<std::vector<std::uint64_t>, std::string> by_words;
  for (int i = 0; i < 50'000; ++i) {
    const Owned owned = random_attributes(random);
    FlatKey key;
    ASSERT_TRUE(key.assign(1, owned.attributes));
    const std::vector<std::uint64_t> words(key.words(), key.words() + key.size());
    const std::string content = in_order(owned);
    const auto known = by_content.emplace(content, words).first;
    ASSERT_EQ(known->second, words);
    ASSERT_EQ(by_words.emplace(words, content).first->second, content);
    ASSERT_TRUE(key.equals(known->second.data(), known->second.size()));
  }
}

TEST(AttributeSet, WhatIsTooLargeOrAListIsNoFlatKey) {
  FlatKey key;
  const std::string large(2'000, 'x');
  EXPECT_FALSE(key.assign(1, {{"large", large}}));
  EXPECT_FALSE(key.assign(1, {{large, 1}}));
  EXPECT_FALSE(key.assign(1, {{"map", Map{}}}));
  std::vector<Attribute> many(100, Attribute{"key", 1});
  EXPECT_FALSE(key.assign(1, many));
  EXPECT_TRUE(key.assign(1, {{"text", std::string_view(large).substr(0, 500)}}));
}

TEST(AttributeSet, ACacheFindsWhatItHoldsAndNothingElseAndStaysBounded) {
  std::mt19937_64 random(6);
  const Instrument instrument;
  const Instrument other;
  ThreadCache cache;
  std::deque<Series> series;
  std::map<std::string, Series*> expected;
  std::size_t hits = 0;
  for (int i = 0; i < 60'000; ++i) {
    const Owned owned = random_attributes(random);
    FlatKey key;
    ASSERT_TRUE(key.assign(1, owned.attributes));
    EXPECT_EQ(cache.find(other, key), nullptr);
    Series*& known = expected[in_order(owned)];
    if (known == nullptr) known = &series.emplace_back();
    const ThreadCache::Entry* entry = cache.find(instrument, key);
    hits += entry != nullptr ? 1 : 0;
    if (entry == nullptr) entry = &cache.add(instrument, key, {{known, nullptr}});
    ASSERT_EQ(entry->targets.at(0).series, known);
    ASSERT_EQ(cache.find(instrument, key), entry);
    ASSERT_LE(cache.size(), 2 * ThreadCache::kEntriesMax);
  }
  EXPECT_GT(hits, 0u);
  cache.clear();
  EXPECT_EQ(cache.size(), 0u);
}

TEST(AttributeSet, CanonicalAttributesAreSortedAndFilteredByKey) {
  const std::string all = canonical({{"c", 3}, {"a", "x"}, {"b", true}, {"a", "y"}});
  EXPECT_EQ(text_of(all), "{a=y,b=true,c=3}");
  const KeyFilter filter(std::vector<std::string>{"c", "a"}, {"a"});
  EXPECT_EQ(text_of(filtered(all, filter, Part::kKept)), "{c=3}");
  EXPECT_EQ(text_of(filtered(all, filter, Part::kFilteredOut)), "{a=y,b=true}");
  EXPECT_EQ(filtered(all, KeyFilter(), Part::kKept), all);
  EXPECT_EQ(filtered(all, KeyFilter(), Part::kFilteredOut), "");
}

}  // namespace
}  // namespace sextant::metrics
