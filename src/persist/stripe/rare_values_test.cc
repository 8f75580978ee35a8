#include "persist/stripe/rare_values.h"

#include <gtest/gtest.h>

#include <array>

namespace sextant::persist {
namespace {

using data::ValueView;

constexpr uint32_t kTexts = 10;

/// Keys 3, 7 and 8,000,000 with one, three and two values of several types.
std::string three_keys() {
  RareValuesWriter writer;
  const std::array one = {StoredValue::of(ValueView::string("a"))};
  const std::array three = {StoredValue::of(ValueView::integer(-5)), StoredValue::text(data::ValueType::kString, 9),
                            StoredValue::of(ValueView::string("bc"))};
  const std::array two = {StoredValue::of(ValueView::integer(7)), StoredValue::of(ValueView::integer(8))};
  writer.add(3, one);
  writer.add(7, three);
  writer.add(8'000'000, two);
  EXPECT_EQ(writer.value_count(), 6U);
  std::string bytes;
  writer.take(Effort::kSmall, bytes);
  EXPECT_TRUE(writer.empty());
  return bytes;
}

TEST(RareValues, EachKeyGivesItsOwnValues) {
  const std::string bytes = three_keys();
  const auto rare = RareValues::open(bytes, 6, kTexts);
  ASSERT_TRUE(rare.has_value()) << rare.error().message();
  for (const uint32_t absent : {0U, 4U, 8'000'001U, UINT32_MAX}) {
    EXPECT_FALSE(rare->find(absent).has_value()) << absent;
  }
  const auto values = rare->find(7);
  ASSERT_TRUE(values.has_value());
  ASSERT_EQ(values->size(), 3U);
  const std::array expected = {StoredValue::of(ValueView::integer(-5)), StoredValue::text(data::ValueType::kString, 9),
                               StoredValue::of(ValueView::string("bc"))};
  ValueColumn::Scratch scratch;
  for (uint32_t i = 0; i < 3; ++i) EXPECT_EQ(values->at(i, scratch).value(), expected[i]) << i;
  uint32_t seen = 0;
  const auto read = values->read([&](uint32_t i, const StoredValue& value) {
    EXPECT_EQ(i, seen++);
    EXPECT_EQ(value, expected[i]);
  });
  EXPECT_TRUE(read.has_value());
  EXPECT_EQ(seen, 3U);
}

TEST(RareValues, ForeignBytesAreDamageOrWhatTheySay) {
  const std::string bytes = three_keys();
  for (const uint32_t count : {0U, 5U, 7U}) EXPECT_FALSE(RareValues::open(bytes, count, kTexts).has_value()) << count;
  EXPECT_FALSE(RareValues::open(bytes, 6, 9).has_value()) << "a text that is not there";
  for (size_t at = 0; at < bytes.size(); ++at) {
    EXPECT_FALSE(RareValues::open(std::string_view(bytes).substr(0, at), 6, kTexts).has_value()) << at;
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      // What opens can be asked without harm; checksums are for those who hold the slice.
      const auto rare = RareValues::open(flipped, 6, kTexts);
      if (!rare) continue;
      for (const uint32_t number : {3U, 7U, 8'000'000U}) {
        const auto values = rare->find(number);
        if (values) (void)values->read([](uint32_t, const StoredValue&) {});
      }
    }
  }
}

}  // namespace
}  // namespace sextant::persist
