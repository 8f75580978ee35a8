// Tests of words: where a text is cut, wherever its characters lie in memory, and words made to be hard to find.
#include "persist/text/words.h"

#include <gtest/gtest.h>

#include "base/sys/random.h"

namespace sextant::persist {
namespace {

struct Piece {
  std::string text;
  bool word = false;
  bool joined = false;
  bool operator==(const Piece&) const = default;
};

/// The rules of docs/formats/text.md, a character at a time.
std::vector<Piece> cut_slowly(const std::string& text) {
  std::vector<bool> word(text.size());
  for (size_t i = 0; i < text.size(); ++i) word[i] = is_word_char(text[i]) && (i == 0 || text[i - 1] != '\\');
  std::vector<Piece> out;
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    while (end < text.size() && word[end] == word[at]) ++end;
    const bool is_space = end - at == 1 && text[at] == ' ' && at > 0 && end < text.size() && !word[at];
    bool joined = false;
    while (!is_space && at < end) {
      size_t size = std::min<size_t>(end - at, word[at] ? kWordBytesMax : kSeparatorBytesMax);
      if (!word[at] && at + size < end && text[at + size - 1] == '\\') --size;
      out.push_back({text.substr(at, size), word[at], joined});
      joined = word[at];
      at += size;
    }
    at = end;
  }
  return out;
}

std::vector<Piece> cut(const std::string& text) {
  std::vector<Piece> out;
  Tokens(text).each([&](const Token& t) { out.push_back({std::string(t.begin, t.size), t.word, t.joined}); });
  return out;
}

TEST(Tokens, AreCutByTheRules) {
  SeededRandom random(1);
  static constexpr std::string_view kChars = "abe09 \xC3\\-\"n ";
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    const uint64_t size = random.below(260);
    const uint64_t most = 1 + random.below(40);
    while (text.size() < size) text.append(1 + random.below(most), kChars[random.below(kChars.size())]);
    ASSERT_EQ(cut(text), cut_slowly(text)) << text;
  }
  EXPECT_TRUE(cut("").empty());
}

TEST(Tokens, ZerosAreSeparators) {
  for (const size_t size : {1U, 63U, 64U, 65U, 128U}) {
    const std::string text(size, '\0');
    EXPECT_EQ(cut(text), cut_slowly(text));
    EXPECT_EQ(cut("a" + text), cut_slowly("a" + text));
    EXPECT_EQ(cut("\\" + text), cut_slowly("\\" + text));
  }
}

TEST(WordIndex, WordsOfOneKeyAreBounded) {
  WordList words;
  WordIndex index;
  std::vector<std::string> all;
  for (int i = 0; i < 200; ++i) all.push_back("aaaaaaaa" + std::to_string(1'000'000'000'000 + i) + "zzzzzzzz");
  std::vector<uint32_t> numbers;
  for (const std::string& word : all) {
    Tokens(word).each([&](const Token& token) { numbers.push_back(index.intern(token, words)); });
  }
  ASSERT_EQ(numbers.size(), all.size());
  ASSERT_EQ(words.size(), 64U);
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(numbers[i], i < words.size() ? i : WordIndex::kNone);
    if (i < words.size()) {
      EXPECT_EQ(words.word(numbers[i]), all[i]);
    }
  }
  // What has no number is spelled.
  std::string text;
  for (const std::string& word : all) text += word + " ";
  std::vector<Element> elements(text.size() * kElementsPerByteMax);
  elements.resize(static_cast<size_t>(to_elements(text, words, index, nullptr, elements.data()) - elements.data()));
  EXPECT_EQ(from_elements(elements, words, text.size()).value(), text);
}

std::vector<Element> elements_of(const std::string& text, const WordList& words, const WordIndex& index) {
  std::vector<Element> out(text.size() * kElementsPerByteMax);
  out.resize(static_cast<size_t>(to_elements(text, words, index, nullptr, out.data()) - out.data()));
  return out;
}

TEST(Elements, NamesArePutTogetherOfWords) {
  WordList words;
  for (const char* word : {"8", "Addr", "Close", "On", "Set", "TCP", "Unlink", "u"}) words.add(word);
  const WordIndex index(words);
  const auto number = [](Element word) { return kFirstWord + word; };
  const Element b = kFirstByte;
  const std::vector<std::pair<std::string, std::vector<Element>>> cases = {
      {"SetUnlinkOnClose", {number(4), kJoin, number(6), kJoin, number(3), kJoin, number(2)}},
      {"TCPAddr", {number(5), kJoin, number(1)}},
      {"Set8", {number(4), kJoin, number(0)}},
      {"mySetOf",
       {kSpelledWord, b + 'm', b + 'y', kEndOfBytes, kJoin, number(4), kJoin, kSpelledWord, b + 'O', b + 'f',
        kEndOfBytes}},
      // No part that pays.
      {"u8", {kSpelledWord, b + 'u', b + '8', kEndOfBytes}},
      {"uOn", {kSpelledWord, b + 'u', b + 'O', b + 'n', kEndOfBytes}},
      {"Setting", {kSpelledWord, b + 'S', b + 'e', b + 't', b + 't', b + 'i', b + 'n', b + 'g', kEndOfBytes}}};
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(elements_of(text, words, index), expected) << text;
    EXPECT_EQ(from_elements(expected, words, text.size()).value(), text);
  }
}

TEST(Elements, NamesStayWithinTheBound) {
  WordList words;
  for (const char* word : {"1", "A", "Abc"}) words.add(word);
  const WordIndex index(words);
  SeededRandom random(2);
  static constexpr std::string_view kParts[] = {"1", "A", "Abc", "B", "b", "22", " ", "\xC3"};
  for (int round = 0; round < 5'000; ++round) {
    std::string text;
    for (uint64_t i = random.below(80); i > 0; --i) text += kParts[random.below(std::size(kParts))];
    const std::vector<Element> elements = elements_of(text, words, index);
    ASSERT_LE(elements.size(), text.size() * kElementsPerByteMax) << text;
    ASSERT_EQ(from_elements(elements, words, text.size()).value(), text);
  }
}

}  // namespace
}  // namespace sextant::persist
