// Tests of encoded numbers: what goes in comes out, by every way of reading; sizes; damage.
#include "persist/column/int_column.h"
#include "tests/support/column_samples.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

namespace sextant::persist {
namespace {

using testing::Numbers;

std::string encoded(const Numbers& values) {
  std::string out;
  encode_ints(values, out);
  return out;
}

IntTag tag_of(const std::string& bytes) {
  return static_cast<IntTag>(bytes[0]);
}

/// The bytes at the end of an allocation of their size, where a sanitizer sees a read beyond.
std::vector<char> exact(const std::string& bytes) {
  std::vector<char> out(bytes.begin(), bytes.end());
  out.shrink_to_fit();
  return out;
}

void expect_column(const Numbers& values, const IntColumn& column) {
  ASSERT_EQ(column.size(), values.size());
  Numbers out(values.size());
  column.read(0, out);
  EXPECT_EQ(out, values);
  for (uint32_t i = 0; i < values.size(); ++i) ASSERT_EQ(column.at(i), values[i]) << "at " << i;
  if (!values.empty()) {
    EXPECT_EQ(column.min(), *std::ranges::min_element(values));
    EXPECT_EQ(column.max(), *std::ranges::max_element(values));
  }
}

void expect_parts(const Numbers& values, const IntColumn& column, std::mt19937_64& random) {
  const bool narrow = column.max() <= std::numeric_limits<uint32_t>::max();
  for (int round = 0; round < 50; ++round) {
    const auto begin = static_cast<uint32_t>(random() % (values.size() + 1));
    const size_t size = random() % (values.size() - begin + 1);
    const Numbers expected(values.begin() + begin, values.begin() + begin + static_cast<ptrdiff_t>(size));
    Numbers out(size);
    column.read(begin, out);
    ASSERT_EQ(out, expected) << begin << "+" << size;
    if (!narrow) continue;
    std::vector<uint32_t> small(size);
    column.read(begin, small);
    ASSERT_TRUE(std::ranges::equal(small, expected)) << begin << "+" << size;
  }
}

TEST(IntColumn, ComesBackByEveryWayOfReading) {
  std::mt19937_64 random(1);
  for (const auto& [name, make] : testing::number_samples()) {
    for (const size_t count : testing::sample_counts()) {
      SCOPED_TRACE(name + " " + std::to_string(count));
      const Numbers values = make(count, random);
      const std::string bytes = encoded(values);
      const std::vector<char> place = exact(bytes);
      const auto column = IntColumn::open({place.data(), place.size()}, static_cast<uint32_t>(count));
      ASSERT_TRUE(column.has_value()) << column.error().message();
      expect_column(values, *column);
      expect_parts(values, *column, random);
    }
  }
}

TEST(IntColumn, ComesBackAtEveryWidth) {
  std::mt19937_64 random(2);
  for (uint32_t width = 1; width <= 64; ++width) {
    Numbers values = testing::make_numbers(333, [&] { return random() & low_mask(width); });
    values[7] = low_mask(width);
    values[8] = 0;
    SCOPED_TRACE(width);
    const std::string bytes = encoded(values);
    const auto column = IntColumn::open(bytes, 333);
    ASSERT_TRUE(column.has_value());
    expect_column(values, *column);
    expect_parts(values, *column, random);
  }
}

TEST(IntColumn, EachEncodingIsChosenWhereItIsSmallest) {
  std::mt19937_64 random(3);
  const auto tag = [&](std::string_view wanted) {
    for (const auto& [name, make] : testing::number_samples()) {
      if (name == wanted) return tag_of(encoded(make(8192, random)));
    }
    ADD_FAILURE() << wanted;
    return IntTag::kConstant;
  };
  EXPECT_EQ(tag("constant"), IntTag::kConstant);
  EXPECT_EQ(tag("small"), IntTag::kPacked);
  EXPECT_EQ(tag("full"), IntTag::kPacked);
  EXPECT_EQ(tag("log-normal"), IntTag::kFramed);
  EXPECT_EQ(tag("few outliers"), IntTag::kFramed);
  EXPECT_EQ(tag("ascending"), IntTag::kDelta);
  EXPECT_EQ(tag("curved"), IntTag::kDeltaOfDelta);
  EXPECT_EQ(tag("few large values"), IntTag::kDictionary);
  EXPECT_EQ(tag("extremes"), IntTag::kDictionary);
  EXPECT_EQ(tag("mostly one"), IntTag::kZstd);
}

TEST(IntColumn, SizesAreNearWhatTheDistributionHolds) {
  std::mt19937_64 random(4);
  const auto bits_each = [](const Numbers& values) {
    return 8.0 * static_cast<double>(encoded(values).size()) / static_cast<double>(values.size());
  };
  // Log-normal with sigma 1 and median 4e6 holds 23.98 bits, exponential gaps of a mean of 1e6 hold 21.37.
  EXPECT_LT(bits_each(testing::log_normal(8192, random)), 25.8);
  EXPECT_LT(bits_each(testing::ascending_times(8192, random)), 23.6);
  EXPECT_LT(bits_each(testing::make_numbers(8192, [&] { return random() % 1024; })), 10.02);
}

TEST(IntColumn, AppendsBehindWhatIsThere) {
  std::string bytes = "before";
  encode_ints(Numbers{3, 1, 2}, bytes);
  ASSERT_TRUE(bytes.starts_with("before"));
  const auto column = IntColumn::open(std::string_view(bytes).substr(6), 3);
  ASSERT_TRUE(column.has_value());
  expect_column({3, 1, 2}, *column);
}

TEST(IntColumn, AnotherCountIsRefused) {
  std::mt19937_64 random(5);
  for (const auto& [name, make] : testing::number_samples()) {
    const std::string bytes = encoded(make(1000, random));
    if (tag_of(bytes) == IntTag::kConstant) continue;
    for (const uint32_t count : {0U, 1U, 100U, 2000U, 1U << 24, ~0U}) {
      const auto column = IntColumn::open(bytes, count);
      ASSERT_FALSE(column.has_value()) << name << " " << count;
      EXPECT_EQ(column.error().code(), ErrorCode::kDataLoss);
    }
  }
}

/// Damaged bytes may open; then every value is within the bounds that the column states, however it is read.
void expect_bounded(const std::string& bytes, uint32_t count) {
  const std::vector<char> place = exact(bytes);
  const auto column = IntColumn::open({place.data(), place.size()}, count);
  if (!column) {
    EXPECT_EQ(column.error().code(), ErrorCode::kDataLoss);
    return;
  }
  Numbers values(count);
  column->read(0, values);
  for (uint32_t i = 0; i < count; ++i) {
    ASSERT_EQ(column->at(i), values[i]) << i;
    ASSERT_GE(values[i], column->min());
    ASSERT_LE(values[i], column->max());
  }
  if (column->max() > std::numeric_limits<uint32_t>::max()) return;
  std::vector<uint32_t> small(count);
  column->read(0, small);
  ASSERT_TRUE(std::ranges::equal(small, values));
}

TEST(IntColumn, DamageIsRefusedOrStaysWithinBounds) {
  std::mt19937_64 random(6);
  for (const auto& [name, make] : testing::number_samples()) {
    for (const size_t count : {size_t{1}, size_t{9}, size_t{150}}) {
      SCOPED_TRACE(name);
      const std::string bytes = encoded(make(count, random));
      testing::for_each_damage(
          bytes, [&](const std::string& damaged) { expect_bounded(damaged, static_cast<uint32_t>(count)); });
    }
  }
}

TEST(IntColumn, RandomBytesAreRefusedOrStayWithinBounds) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random() % 60, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() % 4 == 0 ? random() : random() % 8);
    if (!bytes.empty()) bytes[0] = static_cast<char>(round % 7);
    expect_bounded(bytes, static_cast<uint32_t>(random() % 20));
  }
}

}  // namespace
}  // namespace sextant::persist
