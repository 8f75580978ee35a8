#include "persist/stripe/column_filter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "persist/stripe/rare_values.h"

namespace sextant::persist {
namespace {

using data::ValueView;

const ColumnId kColumn(ColumnFamily::kSpanAttribute, 3);
const ColumnId kRareKey(ColumnFamily::kSpanAttribute, 9);
const ColumnId kRareColumnId(ColumnFamily::kSpanAttribute, kRareColumn);

/// Stripe 0 has ids 0 to 99 and rare values, stripe 1 nothing, stripe 2 ids 100 to 199.
ColumnFiltersWriter written() {
  ColumnFiltersWriter writer;
  for (uint64_t stripe = 0; stripe < 3; ++stripe) {
    std::vector<std::string> texts;
    for (uint64_t i = 0; i < 100; ++i) texts.push_back("id-" + std::to_string(stripe / 2 * 100 + i));
    std::vector<StoredValue> values;
    for (const std::string& text : texts) values.push_back(StoredValue::of(ValueView::string(text)));
    values.push_back(StoredValue::text(data::ValueType::kString, 7));
    if (stripe != 1) writer.add_direct(kColumn, values);
    if (stripe == 0) writer.add_rare(kRareKey, std::span(values).first(8));
    writer.end_stripe();
  }
  return writer;
}

std::string encoded(ColumnId id) {
  std::string bytes;
  EXPECT_TRUE(written().encode(id, bytes));
  return bytes;
}

uint64_t hash_of(const std::string& text) {
  return filter_hash(ValueView::string(text));
}

TEST(ColumnFilters, TellStripesApart) {
  const auto filters = ColumnFilters::decode(encoded(kColumn));
  ASSERT_TRUE(filters.has_value());
  EXPECT_EQ(filters->stripe_count(), 2U);
  EXPECT_EQ(filters->value_count(), 200U);
  uint64_t wrong = 0;
  for (uint64_t i = 0; i < 200; ++i) {
    const uint64_t hash = hash_of("id-" + std::to_string(i));
    EXPECT_TRUE(filters->may_have(hash));
    EXPECT_TRUE(filters->stripe_may_have(i < 100 ? 0 : 2, hash));
    EXPECT_FALSE(filters->stripe_may_have(1, hash));
    EXPECT_FALSE(filters->stripe_may_have(3, hash));
    wrong += filters->stripe_may_have(i < 100 ? 2 : 0, hash) ? 1 : 0;
    wrong += filters->may_have(hash_of("other-" + std::to_string(i))) ? 1 : 0;
  }
  EXPECT_LT(wrong, 10U);
}

TEST(ColumnFilters, KnowRareKeysApart) {
  const auto filters = ColumnFilters::decode(encoded(kRareColumnId));
  ASSERT_TRUE(filters.has_value());
  EXPECT_EQ(filters->value_count(), 8U);
  uint64_t wrong = 0;
  for (uint64_t i = 0; i < 8; ++i) {
    const uint64_t hash = hash_of("id-" + std::to_string(i));
    EXPECT_TRUE(filters->stripe_may_have(0, rare_filter_hash(kRareKey.number, hash)));
    wrong += filters->may_have(rare_filter_hash(kRareKey.number + 1, hash)) ? 1 : 0;
  }
  EXPECT_LT(wrong, 2U);
}

TEST(ColumnFilters, AreOfAttributesOnly) {
  EXPECT_TRUE(ColumnFiltersWriter::is_filtered(kColumn));
  EXPECT_FALSE(ColumnFiltersWriter::is_filtered(SpanFieldColumn::kStatusMessages));
  const auto none = ColumnFilters::decode(encoded(ColumnId(ColumnFamily::kLinkAttribute, 3)));
  ASSERT_TRUE(none.has_value());
  EXPECT_FALSE(none->may_have(hash_of("id-1")));
}

TEST(ColumnFilters, NumbersThatCompareEqualHashEqual) {
  for (const int64_t number : {int64_t{0}, int64_t{-7}, int64_t{1} << 53, INT64_MIN}) {
    EXPECT_EQ(filter_hash(ValueView::integer(number)), filter_hash(ValueView::real(static_cast<double>(number))));
  }
  EXPECT_EQ(filter_hash(ValueView::real(0.0)), filter_hash(ValueView::real(-0.0)));
  EXPECT_NE(filter_hash(ValueView::integer(INT64_MAX)), filter_hash(ValueView::real(9223372036854775808.0)));
  EXPECT_NE(filter_hash(ValueView::integer(1)), filter_hash(ValueView::real(1.5)));
  EXPECT_NE(filter_hash(ValueView::integer(1)), filter_hash(ValueView::boolean(true)));
  EXPECT_NE(filter_hash(ValueView::string("a")), filter_hash(ValueView::raw("a")));
}

TEST(ColumnFilters, RefuseWhatIsNotWhole) {
  const std::string bytes = encoded(kColumn);
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto filters = ColumnFilters::decode(std::string_view(bytes).substr(0, size));
    ASSERT_FALSE(filters.has_value()) << size;
    EXPECT_EQ(filters.error().code(), ErrorCode::kDataLoss);
  }
  EXPECT_FALSE(ColumnFilters::decode(bytes + "x").has_value());
}

}  // namespace
}  // namespace sextant::persist
