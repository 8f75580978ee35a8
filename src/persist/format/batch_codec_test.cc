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

/// Each byte changed in turn: refused, or decoded to what may be used without looking.
void expect_bearable_changes(const std::string& bytes, uint64_t seed) {
  SeededRandom random(seed);
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(random.next());
    const Result<data::Batch> decoded = decode_batch(changed);
    if (!decoded) continue;
    data::Batch copy;
    data::BatchAppender(copy).append_all(*decoded);
    expect_equal(copy, *decoded);
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

/// A batch of one conversation: each span's text is the one before and a little more, then one of its own.
data::Batch conversation(uint32_t turns) {
  data::Batch batch = testing::random_batch(1, turns);
  const data::ShapeId shape = batch.shapes.extend(data::ShapeTable::kEmpty, "messages", batch.keys);
  SeededRandom random(5);
  std::string text = "[";
  for (uint32_t row = 0; row < turns; ++row) {
    for (int i = 0; i < 300; ++i) text.push_back(static_cast<char>('a' + random.below(26)));
    batch.spans.attributes[row] = {shape, static_cast<uint32_t>(batch.attribute_values.size())};
    batch.attribute_values.push_back(batch.values.intern_string(text + "]"));
  }
  return batch;
}

TEST(BatchCodec, WhatALongValueSharesWithAnEarlierOneIsWrittenOnce) {
  const data::Batch batch = conversation(20);
  std::string bytes;
  encode_batch(batch, bytes);
  // 20 texts of 300 to 6,000 bytes: 63,000 bytes, of which 6,000 are new.
  const data::Batch without = testing::random_batch(1, 20);
  std::string rest;
  encode_batch(without, rest);
  EXPECT_LT(bytes.size(), rest.size() + 7'000);
  const Result<data::Batch> decoded = decode_batch(bytes);
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message();
  expect_equal(batch, *decoded);
}

TEST(BatchCodec, ChangedBytesOfSharedBeginningsDecodeToSomethingOrAreRefused) {
  std::string bytes;
  encode_batch(conversation(4), bytes);
  expect_bearable_changes(bytes, 3);
}

TEST(BatchCodec, ManyLongValues) {
  // So many that some value is found under its own bytes when a beginning to share is looked for.
  SeededRandom random(1);
  for (int round = 0; round < 40; ++round) {
    data::Batch batch = testing::random_batch(static_cast<uint64_t>(round), 5);
    for (int i = 0; i < 100; ++i) {
      std::string text(2100, ' ');
      for (char& c : text) c = static_cast<char>('a' + random.below(26));
      batch.values.intern_string(text);
    }
    std::string bytes;
    encode_batch(batch, bytes);
    const Result<data::Batch> decoded = decode_batch(bytes);
    ASSERT_TRUE(decoded.has_value()) << "round " << round << ": " << decoded.error().message();
    ASSERT_EQ(decoded->values.size(), batch.values.size());
    for (data::ValueCode code = 0; code < batch.values.size(); ++code) {
      ASSERT_EQ(decoded->values.view(code), batch.values.view(code));
    }
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
  expect_bearable_changes(bytes, 17);
}

TEST(BatchCodec, CountsWithoutBytesBehindThemTakeNoMemory) {
  std::string bytes(1, '\1');
  for (int i = 0; i < 8; ++i) bytes += "\xff\xff\xff\xff\x0f";
  EXPECT_FALSE(decode_batch(bytes).has_value());
}

}  // namespace
}  // namespace sextant::persist
