#include "persist/scan/copy_filter.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/random_spans.h"

namespace sextant::persist {
namespace {

TEST(RowHasher, EqualRowsHashEquallyWhereverTheyLie) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    const data::Batch batch = testing::random_batch(seed, 40);
    const data::Batch other = testing::random_batch(seed + 1000, 10);
    data::Batch copy;
    data::BatchAppender appender(copy);
    appender.append_all(other);
    std::vector<uint32_t> rows(batch.span_count());
    for (uint32_t i = 0; i < rows.size(); ++i) rows[i] = batch.span_count() - 1 - i;
    appender.append(batch, rows);
    RowHasher left(batch);
    RowHasher right(copy);
    for (uint32_t i = 0; i < rows.size(); ++i) {
      ASSERT_TRUE(data::rows_equal(batch, rows[i], copy, other.span_count() + i));
      EXPECT_EQ(left.hash(rows[i]), right.hash(other.span_count() + i)) << seed;
    }
  }
}

TEST(RowHasher, RowsThatDifferInAnythingHashDifferently) {
  const testing::PlainSpan span{
      .parent = 2, .start = 5, .end = 6, .attributes = {{"a", "x"}, {"b", "y"}}, .event = {{"e", 1.5}}};
  std::vector<testing::PlainSpan> spans(14, span);
  spans[1].trace = 2;
  spans[2].span = 2;
  spans[3].parent = 3;
  spans[4].name = "other";
  spans[5].service = "other";
  spans[6].end = 7;
  spans[7].status = data::kError;
  spans[8].status_message = "why";
  spans[9].kind = data::kClient;
  spans[10].attributes = {{"b", "x"}, {"a", "y"}};
  spans[11].attributes = {{"a", "y"}, {"b", "x"}};
  spans[12].event = {{"e", int64_t{1}}};
  spans[13].event.clear();
  const data::Batch batch = testing::batch_of(spans);
  RowHasher hasher(batch);
  std::set<uint64_t> hashes;
  for (uint32_t row = 0; row < spans.size(); ++row) hashes.insert(hasher.hash(row));
  EXPECT_EQ(hashes.size(), spans.size());
  EXPECT_FALSE(hashes.contains(0));
}

TEST(CountedRows, EachHashOnce) {
  CountedRows rows;
  SeededRandom random(7);
  std::vector<uint64_t> hashes;
  for (int i = 0; i < 5000; ++i) hashes.push_back(random.next() | 1);
  for (const uint64_t hash : hashes) EXPECT_TRUE(rows.insert(hash));
  for (const uint64_t hash : hashes) EXPECT_FALSE(rows.insert(hash));
}

}  // namespace
}  // namespace sextant::persist
