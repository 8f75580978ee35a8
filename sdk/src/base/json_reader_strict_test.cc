// The reader of JSON: what it refuses, and that it says where and why.
#include "base/json_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace sextant {
namespace {

using Piece = JsonReader::Piece;

/// Every piece in a few letters: `{ k:a n:1 }`.
std::string pieces(std::string_view json) {
  static constexpr const char* kNames[] = {"{", "}", "[", "]", "k:", "t:", "n:", "true", "false", "null", "", "bad "};
  JsonReader reader(json);
  std::string out;
  for (;;) {
    const Piece piece = reader.next();
    if (piece == Piece::kEnd) return out;
    if (!out.empty()) out += ' ';
    out += kNames[static_cast<std::size_t>(piece)];
    if (piece == Piece::kBad) return out + reader.problem();
    if (piece == Piece::kKey || piece == Piece::kText || piece == Piece::kNumber) out += reader.text();
  }
}

TEST(JsonReaderStrict, YieldsEveryKindOfValueInOrder) {
  EXPECT_EQ(pieces(R"({"a": [1, -0.5e+3, "x", true, false, null, {}, []], "b": {}})"),
            "{ k:a [ n:1 n:-0.5e+3 t:x true false null { } [ ] ] k:b { } }");
  EXPECT_EQ(pieces(" \r\n\t7 "), "n:7");
}

TEST(JsonReaderStrict, UnescapesTexts) {
  EXPECT_EQ(pieces(R"("\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00")"),
            "t:\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
}

TEST(JsonReaderStrict, SaysWhereAndWhatIsWrong) {
  EXPECT_EQ(pieces(""), "bad line 1, column 1: a value is missing");
  EXPECT_EQ(pieces("{\n  \"a\": 1\n  \"b\": 2}"), "{ k:a n:1 bad line 3, column 3: a comma or '}' is missing");
  EXPECT_EQ(pieces("[1 2]"), "[ n:1 bad line 1, column 4: a comma or ']' is missing");
  EXPECT_EQ(pieces("{1:2}"), "{ bad line 1, column 2: a key in quotes is missing");
  EXPECT_EQ(pieces(R"({"a" 1})"), "{ bad line 1, column 6: a ':' is missing after the key");
  EXPECT_EQ(pieces("1 2"), "n:1 bad line 1, column 3: something follows the end of the value");
  EXPECT_EQ(pieces("\"a\nb\""), "bad line 1, column 3: the text in quotes is not valid");
  EXPECT_EQ(pieces("[1,]"), "[ n:1 bad line 1, column 4: a value is missing");
  EXPECT_EQ(pieces("01"), "bad line 1, column 3: the number is not valid");
}

TEST(JsonReaderStrict, TakesOnlyWhatTheStandardHas) {
  for (const char* json :
       {"tru",   "nul",        "+1",  ".5",      "1.",        "1e",          "1e+",         "-",
        "--1",   "NaN",        "'a'", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"",
        "\"abc", "{\"a\":1,}", "{",   "[",       "{\"a\"",    "]",           "\"\\",        "/**/1"}) {
    EXPECT_THAT(pieces(json), testing::HasSubstr("bad line")) << json;
  }
}

TEST(JsonReaderStrict, RefusesDeepNesting) {
  const std::string deep(JsonReader::kDepthMax, '[');
  EXPECT_THAT(pieces(deep + std::string(JsonReader::kDepthMax, ']')), testing::Not(testing::HasSubstr("bad")));
  EXPECT_THAT(pieces(deep + "["), testing::HasSubstr("nested more than 64 deep"));
}

TEST(JsonReaderStrict, RefusesEndlessTexts) {
  EXPECT_THAT(pieces(std::string(JsonReader::kBytesMax + 1, ' ')), testing::HasSubstr("longer than 64 MiB"));
}

TEST(JsonReaderStrict, SkipsWholeValues) {
  JsonReader reader(R"({"a": {"b": [1, {"c": 2}]}, "d": 3})");
  EXPECT_EQ(reader.next(), Piece::kObject);
  EXPECT_EQ(reader.next(), Piece::kKey);
  EXPECT_TRUE(reader.skip(reader.next()));
  EXPECT_EQ(reader.next(), Piece::kKey);
  EXPECT_EQ(reader.text(), "d");
  EXPECT_TRUE(reader.skip(reader.next()));
  EXPECT_EQ(reader.next(), Piece::kObjectEnd);
  EXPECT_EQ(reader.next(), Piece::kEnd);
}

TEST(JsonReaderStrict, SurvivesMutatedTexts) {
  const std::string good = R"({"service_strategies": [{"service": "a\u00e9", "param": 0.1e-2}], "x": [true, null]})";
  std::mt19937 random(20'240'601);
  for (int round = 0; round < 50'000; ++round) {
    std::string json = good;
    const std::size_t changes = 1 + random() % 4;
    for (std::size_t i = 0; i < changes && !json.empty(); ++i) {
      const std::size_t at = random() % json.size();
      switch (random() % 4) {
        case 0:
          json[at] = static_cast<char>(random());
          break;
        case 1:
          json.erase(at, 1 + random() % 5);
          break;
        case 2:
          json.insert(at, 1, "{}[]\",:\\u0"[random() % 10]);
          break;
        default:
          json.resize(at);
      }
    }
    JsonReader reader(json);
    std::size_t steps = 0;
    for (Piece piece = reader.next(); piece != Piece::kEnd && piece != Piece::kBad; piece = reader.next()) {
      ASSERT_LE(++steps, json.size()) << json;
    }
    ASSERT_LE(reader.depth(), JsonReader::kDepthMax);
  }
}

}  // namespace
}  // namespace sextant
