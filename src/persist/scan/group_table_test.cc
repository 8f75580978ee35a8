#include "persist/scan/group_table.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "base/sys/random.h"

namespace sextant::persist {
namespace {

using data::ValueView;

TEST(GroupValues, EqualValuesShareACodeOthersDoNot) {
  GroupValues values;
  const std::string text(100'000, 'x');
  const std::string same(100'000, 'x');
  const std::vector<ValueView> different = {ValueView::empty(),    ValueView::string(""), ValueView::string("3"),
                                            ValueView::integer(3), ValueView::real(3),    ValueView::boolean(true),
                                            ValueView::integer(1), ValueView::raw("3"),   ValueView::string(text)};
  for (uint32_t i = 0; i < different.size(); ++i) EXPECT_EQ(values.intern(different[i]), i);
  for (uint32_t i = 0; i < different.size(); ++i) EXPECT_EQ(values.intern(different[i]), i);
  EXPECT_EQ(values.intern(ValueView::string(same)), 8U);
  for (uint32_t i = 0; i < different.size(); ++i) EXPECT_TRUE(values.view(i) == different[i]) << i;
  EXPECT_EQ(values.intern(ValueView::empty()), GroupValues::kMissing);
}

TEST(GroupTable, CellsAreTheDistinctKeys) {
  for (size_t width = 0; width <= 5; ++width) {
    SeededRandom random(width + 1);
    GroupTable table(width);
    std::map<std::vector<uint32_t>, uint32_t> expected;
    for (int i = 0; i < 3000; ++i) {
      std::vector<uint32_t> key(width);
      for (uint32_t& word : key) word = static_cast<uint32_t>(random.below(7) * 0x1000'0000);
      const uint32_t cell = table.cell_of(key);
      EXPECT_EQ(cell, expected.try_emplace(key, expected.size()).first->second);
    }
    ASSERT_EQ(table.size(), expected.size());
    for (const auto& [key, cell] : expected) {
      const auto kept = table.key_of(cell);
      EXPECT_EQ(std::vector<uint32_t>(kept.begin(), kept.end()), key);
    }
  }
}

}  // namespace
}  // namespace sextant::persist
