// Tests of blocks and vocabularies: what is unfolded is what was compressed, and damage is refused.
#include "persist/text/block_codec.h"

#include <gtest/gtest.h>

#include "base/sys/random.h"

namespace sextant::persist {
namespace {

std::string conversation(uint64_t seed, uint64_t bytes) {
  static constexpr std::string_view kWords[] = {"the", "order", "was", "sent", "to", "Berlin",
                                                "an",  "hour",  "ago", "é",    "v2", "x_y"};
  SeededRandom random(seed);
  std::string out;
  while (out.size() < bytes) {
    out += R"(,{"role":"user","parts":[{"type":"text","id":"call_)";
    for (int i = 0; i < 24; ++i) out += "0123456789abcdef"[random.below(16)];
    out += R"(","content":")";
    for (uint64_t i = random.below(30); i > 0; --i) {
      out += kWords[random.below(std::size(kWords))];
      out += random.below(8) == 0 ? ".\\n" : " ";
    }
    if (random.below(4) == 0) out += "rare" + std::to_string(random.next()) + "é\xFF word  two   spaces";
    out += "\"}]}";
  }
  return out;
}

TextVocabulary learned(std::string_view block) {
  return TextVocabulary::learn(std::span(&block, 1));
}

std::string packed(std::string_view raw, const TextVocabulary& vocabulary, Effort effort = Effort::kSmall) {
  std::string out;
  compress_text_block(raw, vocabulary, effort, out);
  return out;
}

TEST(TextBlock, IsUnfoldedToWhatItWas) {
  const std::string sample = conversation(1, 100'000);
  const TextVocabulary vocabulary = learned(sample);
  ASSERT_FALSE(vocabulary.empty());
  std::string all_bytes;
  for (int i = 0; i < 4 * 256; ++i) all_bytes.push_back(static_cast<char>(i * 7));
  const std::vector<std::string> blocks = {"",
                                           " ",
                                           "a",
                                           "\\",
                                           sample,
                                           conversation(2, 300'000),
                                           all_bytes,
                                           std::string(5000, ' '),
                                           std::string(5000, 'a'),
                                           std::string(5000, '\\'),
                                           std::string(15, '-') + "\\n" + "x",
                                           "deadbeef deadbee1 1234 12345678901234567890",
                                           std::string(100, 'e') + " " + std::string(40, '5')};
  for (const std::string& block : blocks) {
    for (const Effort effort : {Effort::kNone, Effort::kSmall}) {
      EXPECT_EQ(decompress_text_block(packed(block, vocabulary, effort), vocabulary).value(), block);
      EXPECT_EQ(decompress_text_block(packed(block, TextVocabulary(), effort), TextVocabulary()).value(), block);
    }
  }
}

TEST(TextBlock, RandomBytesAreUnfoldedToWhatTheyWere) {
  const TextVocabulary vocabulary = learned(conversation(3, 50'000));
  SeededRandom random(4);
  static constexpr std::string_view kChars = "ab1f \\\"\n-{_\xC3";
  for (int round = 0; round < 500; ++round) {
    std::string block;
    for (uint64_t i = random.below(2000); i > 0; --i)
      block.append(1 + random.below(random.below(40) + 1), kChars[random.below(kChars.size())]);
    ASSERT_EQ(decompress_text_block(packed(block, vocabulary), vocabulary).value(), block);
  }
}

TEST(TextBlock, WordsTakeLessThanZstd) {
  const std::string block = conversation(5, 200'000);
  EXPECT_LT(packed(block, learned(block)).size(), packed(block, TextVocabulary()).size());
}

TEST(TextBlock, WhatHasNoWordsTakesNoMoreThanZstd) {
  const TextVocabulary vocabulary = learned(conversation(5, 50'000));
  SeededRandom random(5);
  std::string block;
  while (block.size() < 50'000) {
    block.push_back("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[random.below(64)]);
  }
  const std::string small = packed(block, vocabulary);
  EXPECT_LE(small.size(), packed(block, TextVocabulary()).size());
  EXPECT_EQ(decompress_text_block(small, vocabulary).value(), block);
}

TEST(TextBlock, BeginningsAreThoseOfTheBlock) {
  const std::string block = conversation(10, 70'000);
  const TextVocabulary vocabulary = learned(conversation(10, 30'000));
  SeededRandom random(6);
  for (const auto& [with, effort] : {std::pair(&vocabulary, Effort::kSmall), std::pair(&vocabulary, Effort::kNone)}) {
    const std::string bytes = packed(block, *with, effort);
    for (int round = 0; round < 50; ++round) {
      const auto reader = TextBlockReader::open(bytes, *with, block.size()).value();
      for (uint64_t at = 0; at < block.size(); at += 1 + random.below(20'000)) {
        const std::string_view beginning = reader->beginning(at).value();
        ASSERT_GE(beginning.size(), at);
        ASSERT_TRUE(block.starts_with(beginning));
      }
      ASSERT_EQ(reader->beginning(block.size() + 5).value(), block);
      ASSERT_EQ(reader->take(), block);
    }
  }
}

TEST(TextBlock, ABeginningIsUnfoldedAlone) {
  const std::string block = conversation(11, 64'000);
  const TextVocabulary vocabulary = learned(block);
  const auto reader = TextBlockReader::open(packed(block, vocabulary), vocabulary, block.size()).value();
  EXPECT_EQ(reader->unfolded_bytes(), 0U);
  ASSERT_TRUE(reader->beginning(1000).has_value());
  EXPECT_LT(reader->unfolded_bytes(), 4000U);
  ASSERT_TRUE(reader->beginning(500).has_value());
  EXPECT_LT(reader->unfolded_bytes(), 4000U);
  ASSERT_TRUE(reader->beginning(30'000).has_value());
  EXPECT_LT(reader->unfolded_bytes(), 34'000U);
}

TEST(TextBlock, DamagedBeginningsAreRefusedOrAnswered) {
  const std::string block = conversation(12, 3000);
  const TextVocabulary vocabulary = learned(conversation(12, 30'000));
  const std::string good = packed(block, vocabulary);
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    const auto reader = TextBlockReader::open(bad, vocabulary, 1U << 20);
    if (!reader) continue;
    for (const uint64_t at : {1U, 700U, 5000U}) {
      const auto beginning = (*reader)->beginning(at);
      if (!beginning) {
        EXPECT_EQ(beginning.error().code(), ErrorCode::kDataLoss);
        break;
      }
    }
  }
}

TEST(TextBlock, MoreThanAllowedIsRefused) {
  const std::string block = conversation(6, 10'000);
  const TextVocabulary vocabulary = learned(block);
  for (const Effort effort : {Effort::kNone, Effort::kSmall}) {
    const auto refused = decompress_text_block(packed(block, vocabulary, effort), vocabulary, block.size() - 1);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::kDataLoss);
  }
  EXPECT_FALSE(decompress_text_block(packed(block, vocabulary), TextVocabulary()));
}

TEST(TextBlock, DamageIsRefusedOrAnswered) {
  const std::string block = conversation(7, 3000);
  const TextVocabulary vocabulary = learned(conversation(7, 30'000));
  for (const Effort effort : {Effort::kNone, Effort::kSmall}) {
    const std::string good = packed(block, vocabulary, effort);
    for (size_t size = 0; size < good.size(); ++size) {
      EXPECT_FALSE(decompress_text_block(good.substr(0, size), vocabulary)) << size;
    }
    for (size_t bit = 0; bit < good.size() * 8; ++bit) {
      std::string bad = good;
      bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
      const auto answer = decompress_text_block(bad, vocabulary, 1U << 20);
      if (answer) {
        EXPECT_LE(answer->size(), 1U << 20);
      } else {
        EXPECT_EQ(answer.error().code(), ErrorCode::kDataLoss);
      }
    }
  }
}

TEST(TextVocabulary, ComesBackAndCodesAlike) {
  const std::string block = conversation(8, 100'000);
  const TextVocabulary vocabulary = learned(block);
  std::string bytes;
  vocabulary.encode(bytes);
  const TextVocabulary back = TextVocabulary::decode(bytes).value();
  std::string again;
  back.encode(again);
  EXPECT_EQ(again, bytes);
  EXPECT_EQ(decompress_text_block(packed(block, vocabulary), back).value(), block);
  std::string none;
  TextVocabulary().encode(none);
  EXPECT_TRUE(TextVocabulary::decode(none).value().empty());
}

TEST(TextVocabulary, DamageIsRefusedOrUsable) {
  const std::string block = conversation(9, 20'000);
  std::string good;
  learned(block).encode(good);
  const std::string coded = packed(block, learned(block));
  for (size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(TextVocabulary::decode(good.substr(0, size)));
  for (size_t bit = 0; bit < good.size() * 8; bit += 3) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    const auto vocabulary = TextVocabulary::decode(bad);
    if (vocabulary) (void)decompress_text_block(coded, *vocabulary, 1U << 20);
  }
}

}  // namespace
}  // namespace sextant::persist
