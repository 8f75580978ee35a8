// Tests of encoded codes: reading, and searching against a search that looks at every code.
#include "persist/column/code_column.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "persist/column/code_scan.h"
#include "tests/support/column_samples.h"

namespace sextant::persist {
namespace {

using Codes = std::vector<uint32_t>;

std::string encoded(const Codes& codes) {
  std::string out;
  encode_codes(codes, out);
  return out;
}

std::vector<char> exact(const std::string& bytes) {
  std::vector<char> out(bytes.begin(), bytes.end());
  out.shrink_to_fit();
  return out;
}

Codes random_codes(size_t count, uint32_t max, uint32_t run_length, std::mt19937_64& random) {
  Codes out;
  uint32_t code = 0;
  while (out.size() < count) {
    if (out.empty() || random() % run_length == 0) code = static_cast<uint32_t>(random() % (uint64_t{max} + 1));
    out.push_back(code);
  }
  return out;
}

Codes naive_find(const Codes& codes, uint32_t code) {
  Codes out;
  for (uint32_t i = 0; i < codes.size(); ++i) {
    if (codes[i] == code) out.push_back(i);
  }
  return out;
}

void expect_reads(const Codes& codes, const CodeColumn& column, std::mt19937_64& random) {
  ASSERT_EQ(column.size(), codes.size());
  Codes out(codes.size());
  column.read(0, out);
  ASSERT_EQ(out, codes);
  for (uint32_t i = 0; i < codes.size(); ++i) ASSERT_EQ(column.at(i), codes[i]) << i;
  EXPECT_EQ(column.max(), codes.empty() ? 0 : *std::ranges::max_element(codes));
  for (int round = 0; round < 20; ++round) {
    const auto begin = static_cast<uint32_t>(random() % (codes.size() + 1));
    out.resize(random() % (codes.size() - begin + 1));
    column.read(begin, out);
    ASSERT_TRUE(std::equal(out.begin(), out.end(), codes.begin() + begin)) << begin << "+" << out.size();
  }
}

void expect_searches(const Codes& codes, const CodeColumn& column, std::mt19937_64& random) {
  Codes wanted = {0, 1, column.max(), column.max() + 1, ~uint32_t{0}};
  for (int i = 0; i < 4 && !codes.empty(); ++i) wanted.push_back(codes[random() % codes.size()]);
  for (const uint32_t code : wanted) {
    Codes found = {~uint32_t{0}};  // what is there stays
    column.find(code, found);
    Codes expected = naive_find(codes, code);
    expected.insert(expected.begin(), ~uint32_t{0});
    ASSERT_EQ(found, expected) << code;
  }
  if (column.max() > 1 << 20) return;
  std::vector<uint64_t> bits(random() % 2 == 0 ? column.max() / 64 + 1 : column.max() / 128 + 1);
  for (uint64_t& word : bits) word = random() & random();
  Codes expected;
  std::vector<uint64_t> counts_expected(column.max() + 1);
  for (uint32_t i = 0; i < codes.size(); ++i) {
    ++counts_expected[codes[i]];
    if (codes[i] / 64 < bits.size() && (bits[codes[i] / 64] >> (codes[i] % 64) & 1) != 0) expected.push_back(i);
  }
  Codes found;
  column.find_any(bits, found);
  ASSERT_EQ(found, expected);
  std::vector<uint64_t> counts(column.max() + 1);
  column.count(counts);
  ASSERT_EQ(counts, counts_expected);
}

TEST(CodeColumn, ReadsAndSearchesAtEveryWidth) {
  std::mt19937_64 random(1);
  for (uint32_t width = 0; width <= 32; ++width) {
    for (const size_t count : testing::sample_counts()) {
      for (const uint32_t run_length : {1U, 3U, 100U}) {
        SCOPED_TRACE(std::to_string(width) + " bits, " + std::to_string(count) + " in runs of " +
                     std::to_string(run_length));
        const Codes codes = random_codes(count, static_cast<uint32_t>(low_mask(width)), run_length, random);
        const std::vector<char> place = exact(encoded(codes));
        const auto column = CodeColumn::open({place.data(), place.size()}, static_cast<uint32_t>(count));
        ASSERT_TRUE(column.has_value()) << column.error().message();
        expect_reads(codes, *column, random);
        expect_searches(codes, *column, random);
      }
    }
  }
}

TEST(CodeColumn, PlainSearchFindsTheSameAsVectors) {
  std::mt19937_64 random(2);
  for (uint32_t width = 1; width <= 32; ++width) {
    const Codes codes = random_codes(1777, static_cast<uint32_t>(std::min<uint64_t>(low_mask(width), 40)), 1, random);
    std::string packed;
    pack_bits(testing::Numbers(codes.begin(), codes.end()), 0, width, packed);
    const std::vector<char> place = exact(packed);
    const PackedBits bits({place.data(), place.size()}, width);
    for (const size_t words : {0, 1, 2, 4, 5, 9}) {
      for (const uint32_t cap : {3U, 39U}) {
        std::vector<uint64_t> wanted(words);
        for (uint64_t& word : wanted) word = random();
        Codes vector;
        Codes plain;
        find_any_packed(bits, 1777, cap, wanted, vector);
        detail::find_any_plain(bits, 0, 1777, cap, wanted, plain);
        ASSERT_EQ(vector, plain) << width << " " << words;
      }
    }
    for (uint32_t code = 0; code <= std::min<uint64_t>(low_mask(width), 41); ++code) {
      Codes vector;
      Codes plain;
      find_packed(bits, 1777, code, vector);
      detail::find_packed_plain(bits, 0, 1777, code, plain);
      ASSERT_EQ(vector, plain) << width << " " << code;
      ASSERT_EQ(plain, naive_find(codes, code));
    }
  }
}

TEST(CodeColumn, RunsAreChosenWhereTheyAreLong) {
  std::mt19937_64 random(3);
  const std::string one = encoded(Codes(8192, 3));
  const std::string runs = encoded(random_codes(8192, 1000, 200, random));
  const std::string packed = encoded(random_codes(8192, 1000, 2, random));
  EXPECT_EQ(one.size(), 2U);
  EXPECT_LT(runs.size(), 400U);
  EXPECT_EQ(packed.size(), 3 + 8192 * 10 / 8);
}

void expect_bounded(const std::string& bytes, uint32_t count) {
  const std::vector<char> place = exact(bytes);
  const auto column = CodeColumn::open({place.data(), place.size()}, count);
  if (!column) {
    EXPECT_EQ(column.error().code(), ErrorCode::kDataLoss);
    return;
  }
  Codes codes(count);
  column->read(0, codes);
  for (uint32_t i = 0; i < count; ++i) {
    ASSERT_EQ(column->at(i), codes[i]);
    ASSERT_LE(codes[i], column->max());
  }
  Codes found;
  for (const uint32_t code : {0U, 1U, column->max()}) column->find(code, found);
  for (const uint32_t position : found) ASSERT_LT(position, count);
  if (column->max() > 1 << 16) return;
  std::vector<uint64_t> counts(column->max() + 1);
  column->count(counts);
  found.clear();
  column->find_any(std::vector<uint64_t>{~uint64_t{0}}, found);
  for (const uint32_t position : found) ASSERT_LT(position, count);
}

TEST(CodeColumn, DamageIsRefusedOrStaysWithinBounds) {
  std::mt19937_64 random(4);
  for (const uint32_t max : {0U, 1U, 200U, 1000U, 1U << 31}) {
    for (const uint32_t run_length : {1U, 50U}) {
      const std::string bytes = encoded(random_codes(300, max, run_length, random));
      testing::for_each_damage(bytes, [&](const std::string& damaged) { expect_bounded(damaged, 300); });
      expect_bounded(bytes, 0);
      expect_bounded(bytes, 299);
      expect_bounded(bytes, ~uint32_t{0});
    }
  }
}

TEST(CodeColumn, RandomBytesAreRefusedOrStayWithinBounds) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random() % 30, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() % 4 == 0 ? random() : random() % 8);
    if (!bytes.empty()) bytes[0] = static_cast<char>(round % 4);
    expect_bounded(bytes, static_cast<uint32_t>(random() % 20));
  }
}

}  // namespace
}  // namespace sextant::persist
