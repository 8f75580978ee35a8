// The reader of JSON: what it takes, what it refuses, and that nothing makes it fall.
#include "base/json_reader.h"

#include <gtest/gtest.h>

#include <random>

#include "base/base64.h"
#include "base/json_text.h"

namespace sextant {
namespace {

/// The pieces as letters, texts in between; '!' where the text is bad.
std::string pieces(std::string_view json) {
  using Piece = JsonReader::Piece;
  static constexpr char kLetters[] = "{}[]ks#tfn.!";
  JsonReader reader(json);
  std::string out;
  for (;;) {
    const Piece piece = reader.next();
    out += kLetters[static_cast<std::size_t>(piece)];
    if (piece == Piece::kKey || piece == Piece::kText || piece == Piece::kNumber) out += reader.text();
    if (piece == Piece::kEnd || piece == Piece::kBad) return out;
  }
}

TEST(JsonReader, ReadsEveryKindOfPiece) {
  EXPECT_EQ(pieces(R"( {"a": [1, -2.5e3, "x", true, false, null, [], {}], "b": {"c": ""}} )"),
            "{ka[#1#-2.5e3sxtfn[]{}]kb{kcs}}.");
  EXPECT_EQ(pieces("7"), "#7.");
  EXPECT_EQ(pieces(R"("\"\\\/\b\f\n\r\tA\u00e9\u20ac\ud83d\ude00")"), "s\"\\/\b\f\n\r\tAé€😀.");
}

TEST(JsonReader, RefusesWhatIsNoJson) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "[",
                           "[1",
                           "[1,",
                           "[1,]",
                           "{,}",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{\"a\":1,}",
                           "{a:1}",
                           "[1 2]",
                           "1 2",
                           "tru",
                           "\"",
                           "\"\\x\"",
                           "\"\\u12\"",
                           "\"\\ud800\"",
                           "\"\\ud800\\u0041\"",
                           "\"\\udc00\"",
                           "\"\n\"",
                           "]",
                           "}",
                           "[}",
                           "{]",
                           "\"\\",
                           "\"\\u",
                           "\"\\ud800\\u"}) {
    EXPECT_EQ(pieces(text).back(), '!') << text;
  }
}

TEST(JsonReader, HasABoundForDepth) {
  EXPECT_EQ(pieces(std::string(JsonReader::kDepthMax, '[') + std::string(JsonReader::kDepthMax, ']')).back(), '.');
  EXPECT_EQ(pieces(std::string(JsonReader::kDepthMax + 1, '[')).back(), '!');
}

TEST(JsonReader, TakesAnyBytes) {
  std::mt19937 chance(11);
  const std::string letters = "{}[]\",:\\u09aetrufalsn -.\n";
  for (int round = 0; round < 50'000; ++round) {
    std::string text;
    for (auto i = chance() % 24; i > 0; --i) text += letters[chance() % letters.size()];
    const char last = pieces(text).back();
    ASSERT_TRUE(last == '.' || last == '!');
  }
}

TEST(JsonText, ReadsBackAsItWas) {
  std::string text;
  for (int c = 0; c < 128; ++c) text += static_cast<char>(c);
  text += "é€😀";
  std::string json;
  append_json_text(json, text);
  JsonReader reader(json);
  EXPECT_EQ(reader.next(), JsonReader::Piece::kText);
  EXPECT_EQ(reader.text(), text);
}

TEST(JsonText, MakesUtf8OfWhatIsNone) {
  std::string json;
  append_json_text(json, "a\xff\xc3z");
  EXPECT_EQ(json, "\"a\ufffd\ufffdz\"");
}

TEST(Base64, IsThatOfTheStandard) {  // RFC 4648, 10
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xfb\xff\xfe"), "+//+");
  std::string hex;
  append_hex(hex, std::string_view("\x00\xaf\x10", 3));
  EXPECT_EQ(hex, "00af10");
}

}  // namespace
}  // namespace sextant
