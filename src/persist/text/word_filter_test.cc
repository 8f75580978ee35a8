// Texts against what the filter of their words says, by plain search.
#include "persist/text/word_filter.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>

#include "base/sys/random.h"
#include "persist/text/block_codec.h"
#include "persist/text/text_writer.h"

namespace sextant::persist {
namespace {

/// Texts in blocks compressed as words, with their filter. Thread-confined.
class FilteredTexts {
 public:
  explicit FilteredTexts(uint32_t block_bytes)
      : texts_({.block_bytes = block_bytes, .keeps_ends = true}, [this](std::string_view raw) -> Result<void> {
          blocks_.emplace_back(raw);
          return {};
        }) {}

  void add(const std::string& text) { EXPECT_TRUE(texts_.add(text).has_value()); }

  /// The words are learned from the first `learned` blocks, and from what every language has.
  void finish(size_t learned) {
    ASSERT_TRUE(texts_.finish().has_value());
    std::string common;
    for (int i = 0; i < 200; ++i) common += "the word of a text, ";
    std::vector<std::string_view> sample = {common};
    for (const std::string& block : blocks_) {
      if (sample.size() <= learned) sample.push_back(block);
    }
    vocabulary_ = TextVocabulary::learn(sample);
    ASSERT_FALSE(vocabulary_.empty());
    WordFilterWriter writer;
    for (const std::string& block : blocks_) {
      std::string out;
      compress_text_block(block, vocabulary_, Effort::kSmall, out, &writer);
    }
    texts_.collect_words(writer);
    std::string bytes;
    ASSERT_TRUE(writer.encode(bytes));
    auto filter = WordFilter::decode(std::move(bytes));
    ASSERT_TRUE(filter.has_value());
    filter_ = std::move(*filter);
  }
  bool may_contain(std::string_view literal) const { return filter_->may_contain(literal, vocabulary_.words()); }
  uint64_t word_count() const { return filter_->word_count(); }

 private:
  std::vector<std::string> blocks_;
  TextWriter texts_;
  TextVocabulary vocabulary_;
  std::optional<WordFilter> filter_;
};

/// What stands between words: a space only, or brackets, escapes and line ends as well, at which texts are cut.
enum class Between : uint8_t { kSpaces, kAnything };

/// Words that hardly come twice, some too long for one, and anything between them.
std::string random_text(SeededRandom& random, Between between, uint64_t bytes) {
  constexpr std::array<std::string_view, 12> kParts = {" ",  "\\", "\\n", "\\\\n", "\n",       "},{",
                                                       "[{", "}]", "\"",  ", ",    "\xC3\xA4", "0123456789abcdef"};
  std::string text;
  while (text.size() < bytes) {
    const uint64_t size = random.below(12) == 0 ? 25 + random.below(70) : 1 + random.below(9);
    for (uint64_t i = 0; i < size; ++i) text += static_cast<char>('a' + random.below(26));
    text += between == Between::kSpaces ? " " : kParts[random.below(kParts.size())];
  }
  text.resize(bytes);
  return text;
}

/// A new text, or one that shares its beginning with another one. Without line ends texts are cut within words.
std::string next_text(SeededRandom& random, const std::vector<std::string>& texts) {
  const auto between = static_cast<Between>(random.below(2));
  if (texts.empty() || random.below(2) == 0) return random_text(random, between, 130 + random.below(8000));
  std::string text = texts[random.below(texts.size())];
  text.resize(text.size() - random.below(std::min<uint64_t>(text.size(), 100)));
  return text + random_text(random, between, random.below(1500));
}

TEST(WordFilter, NeverDeniesWhatATextContains) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SeededRandom random(seed);
    std::vector<std::string> texts;
    FilteredTexts filtered(static_cast<uint32_t>(64 + random.below(8000)));
    for (uint64_t i = 4 + random.below(20); i > 0; --i) {
      texts.push_back(next_text(random, texts));
      filtered.add(texts.back());
    }
    filtered.finish(1 + random.below(20));
    if (HasFatalFailure()) return;
    for (int i = 0; i < 3000; ++i) {
      const std::string& text = texts[random.below(texts.size())];
      const uint64_t begin = random.below(text.size());
      const std::string literal = text.substr(begin, 1 + random.below(random.below(20) == 0 ? 5000 : 60));
      ASSERT_TRUE(filtered.may_contain(literal)) << "seed " << seed << " at " << begin << ": " << literal;
    }
    // Every word, wherever the cuts are.
    for (const std::string& text : texts) {
      for (uint64_t begin = 0; begin < text.size(); begin += 40) {
        ASSERT_TRUE(filtered.may_contain(std::string_view(text).substr(begin, 90))) << "seed " << seed;
      }
    }
  }
}

/// A long line is cut after kPieceBytesMax, and with such small blocks each piece stands alone.
TEST(WordFilter, HasTheWordsAtCuts) {
  std::string line;
  for (int i = 0; line.size() < kPieceBytesMax; ++i) line += "w" + std::to_string(i * 7919) + " ";
  for (const std::string_view at_cut : {"halfword", "\\nescaped", " behind"}) {
    std::string text = line;
    text.resize(kPieceBytesMax - 1);
    text += at_cut;
    text += " more";
    FilteredTexts filtered(64);
    filtered.add(text);
    filtered.finish(0);
    EXPECT_TRUE(filtered.may_contain(text.substr(kPieceBytesMax - 20))) << at_cut;
    EXPECT_FALSE(filtered.may_contain(" " + std::string(at_cut) + "2 more")) << at_cut;
  }
}

TEST(WordFilter, DeniesMostWordsThatNoTextHas) {
  FilteredTexts filtered(4096);
  for (int i = 0; i < 200; ++i) {
    std::string text = "[";
    for (int j = 0; j < 20; ++j) {
      text += R"({"role":"user","content":"request )" + std::to_string(i * 7919 + j) + R"( was refused\nby host )" +
              std::to_string(i) + "x" + std::to_string(j) + "\"},";
    }
    filtered.add(text + "]");
  }
  filtered.finish(4);
  EXPECT_TRUE(filtered.may_contain("request 7919 was"));
  EXPECT_TRUE(filtered.may_contain("host 3x7\""));
  EXPECT_GT(filtered.word_count(), 1000U);
  uint64_t wrong = 0;
  for (int i = 0; i < 1000; ++i) {
    wrong += filtered.may_contain(" refusal" + std::to_string(i) + " ") ? 1 : 0;
    // Words at the ends may go on, and are not asked for.
    EXPECT_TRUE(filtered.may_contain("refusal" + std::to_string(i)));
    EXPECT_TRUE(filtered.may_contain("x" + std::to_string(i) + " was refusal" + std::to_string(i)));
  }
  EXPECT_LT(wrong, 20U);
}

TEST(WordFilter, RefusesWhatIsNotWhole) {
  WordFilterWriter writer;
  for (int i = 0; i < 100; ++i) writer.add("word" + std::to_string(i % 50));
  std::string bytes;
  ASSERT_TRUE(writer.encode(bytes));
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto filter = WordFilter::decode(bytes.substr(0, size));
    ASSERT_FALSE(filter.has_value());
    EXPECT_EQ(filter.error().code(), ErrorCode::kDataLoss);
  }
  EXPECT_FALSE(WordFilter::decode(bytes + "x").has_value());
  EXPECT_EQ(WordFilter::decode(std::move(bytes))->word_count(), 50U);
}

}  // namespace
}  // namespace sextant::persist
