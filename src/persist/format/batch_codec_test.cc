// Tests of the batch codec: what goes in comes out, and no bytes make it crash.
#include "persist/format/batch_codec.h"

#include <gtest/gtest.h>

#include "tests/support/random_spans.h"

namespace sextant::persist {
namespace {

void expect_equal(const data::Batch& a, const data::Batch& b) {
  ASSERT_EQ(a.span_count(), b.span_count());
  for (uint32_t row = 0; row < a.span_count(); ++row) {
    ASSERT_TRUE(data::rows_equal(a, row, b, row)) << "row " << row;
  }
}

TEST(BatchCodec, RoundTripOfRandomBatches) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const data::Batch batch = testing::random_batch(seed, seed % 40);
    std::string bytes;
    encode_batch(batch, bytes);
    const Result<data::Batch> decoded = decode_batch(bytes);
    ASSERT_TRUE(decoded.has_value()) << "seed " << seed << ": " << decoded.error().message();
    expect_equal(batch, *decoded);
    std::string again;
    encode_batch(*decoded, again);
    ASSERT_EQ(bytes, again) << "seed " << seed;
  }
}

TEST(BatchCodec, EveryTruncationIsRefused) {
  std::string bytes;
  encode_batch(testing::random_batch(3, 20), bytes);
  for (size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_FALSE(decode_batch(std::string_view(bytes).substr(0, size)).has_value()) << size;
  }
  EXPECT_FALSE(decode_batch(bytes + "x").has_value());
}

TEST(BatchCodec, ChangedBytesDecodeToSomethingOrAreRefused) {
  std::string bytes;
  encode_batch(testing::random_batch(5, 12), bytes);
  SeededRandom random(17);
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(random.next());
    const Result<data::Batch> decoded = decode_batch(changed);
    if (!decoded) continue;
    // What was let through may be used without looking.
    data::Batch copy;
    data::BatchAppender(copy).append_all(*decoded);
    expect_equal(copy, *decoded);
  }
}

TEST(BatchCodec, CountsWithoutBytesBehindThemTakeNoMemory) {
  std::string bytes(1, '\1');
  for (int i = 0; i < 8; ++i) bytes += "\xff\xff\xff\xff\x0f";
  EXPECT_FALSE(decode_batch(bytes).has_value());
}

}  // namespace
}  // namespace sextant::persist
