// Tests of JsonReader and JsonValue: the grammar's corners, positions of faults, depth, numbers, agreement with another
// parser on random and damaged texts.
#include "base/codec/json_reader.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/codec/json_value.h"
#include "base/codec/json_writer.h"
#include "base/core/text.h"
#include "base/sys/random.h"

namespace sextant {
namespace {

bool is_json(std::string_view text) {
  JsonReader reader(text, 100);
  return reader.skip() && reader.finish();
}

std::string fault_of(std::string_view text) {
  JsonReader reader(text, 100);
  EXPECT_FALSE(reader.skip() && reader.finish()) << text;
  return reader.ok() ? "" : reader.error().message();
}

TEST(JsonReader, AcceptsTheGrammarAndNothingElse) {
  for (const char* text : {"{}", "[]", " [ 1 , 2 ] ", "null", "\"\"", "-0.5e+3", "\xEF\xBB\xBF{\"a\":[true,false]}",
                           "{\"a\":1,\"a\":2}", "\"\\u00e9\\/\\b\"", "0"}) {
    EXPECT_TRUE(is_json(text)) << text;
  }
  for (const char* text : {"",           " ",       "{",           "[1,]",      "[,1]",     "[1 2]",
                           "{\"a\":1,}", "{a:1}",   "{\"a\" 1}",   "{\"a\":}",  "nul",      "truex",
                           "01",         "1.",      ".5",          "1e",        "+1",       "-",
                           "\"a",        "\"\\x\"", "\"\\u12g4\"", "[1]]",      "{}{}",     "\"\t\"",
                           "'a'",        "NaN",     "[1}",         "{\"a\":1]", "\"\xFF\"", "\"\xED\xA0\x80\"",
                           "// c\n1"}) {
    EXPECT_FALSE(is_json(text)) << text;
  }
}

TEST(JsonReader, FaultsNameTheirPlace) {
  EXPECT_EQ(fault_of("{\"a\": }"), "line 1, column 7: a value should stand here");
  EXPECT_EQ(fault_of("[1,\n 2\n 3]"), "line 3, column 2: ',' or ']' expected");
  EXPECT_EQ(fault_of("{} x"), "line 1, column 4: nothing may follow the value");
  EXPECT_EQ(fault_of("{\"a\":1"), "line 1, column 7: ',' or '}' expected");
  EXPECT_EQ(fault_of("\"abc"), "line 1, column 5: the text ends inside a string");
}

TEST(JsonReader, DepthIsBoundedWithoutRecursion) {
  const std::string deep(200'000, '[');
  EXPECT_EQ(fault_of(deep), "line 1, column 101: nested deeper than 100 levels");
  const std::string closed = deep + std::string(200'000, ']');
  JsonReader unbounded(closed, 1'000'000);
  EXPECT_TRUE(unbounded.skip() && unbounded.finish());
  EXPECT_FALSE(JsonValue::parse(deep).has_value());
}

TEST(JsonReader, StringsAreUnescaped) {
  const auto read = [](std::string_view text) {
    JsonReader reader(text, 1);
    std::string_view value;
    EXPECT_TRUE(reader.string(value) && reader.finish()) << text;
    return std::string(value);
  };
  EXPECT_EQ(read("\"plain text of more than eight bytes\""), "plain text of more than eight bytes");
  EXPECT_EQ(read(R"("a\"\\\/\b\f\n\r\tz")"), "a\"\\/\b\f\n\r\tz");
  EXPECT_EQ(read(R"("\u0041\u00e9\u20ac\ud83d\ude00")"), "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
  EXPECT_EQ(read(R"("\u0000")"), std::string(1, '\0'));
  EXPECT_EQ(read(R"("\ud83d!")"), "\xEF\xBF\xBD!");
  EXPECT_EQ(read(R"("\ude00\ud83dA\ud83d\ud83d\ude00")"),
            "\xEF\xBF\xBD\xEF\xBF\xBD"
            "A\xEF\xBF\xBD\xF0\x9F\x98\x80");
}

TEST(JsonReader, NumbersKeepAllDigits) {
  const auto as_int = [](std::string_view token, int64_t& value) { return JsonNumber{token}.to_int64(value); };
  int64_t value = 0;
  EXPECT_TRUE(as_int("9223372036854775807", value) && value == INT64_MAX);
  EXPECT_TRUE(as_int("-9223372036854775808", value) && value == INT64_MIN);
  EXPECT_TRUE(as_int("9007199254740993", value) && value == 9007199254740993);
  EXPECT_TRUE(as_int("1e3", value) && value == 1000);
  EXPECT_TRUE(as_int("2.0", value) && value == 2);
  EXPECT_TRUE(as_int("-0", value) && value == 0);
  EXPECT_FALSE(as_int("9223372036854775808", value));
  EXPECT_FALSE(as_int("9.3e18", value));
  EXPECT_FALSE(as_int("1.5", value));
  uint64_t large = 0;
  EXPECT_TRUE(JsonNumber{"18446744073709551615"}.to_uint64(large) && large == UINT64_MAX);
  EXPECT_FALSE(JsonNumber{"-1"}.to_uint64(large));
  EXPECT_FALSE(JsonNumber{"18446744073709551616"}.to_uint64(large));
  EXPECT_EQ(JsonNumber{"0.1"}.to_double(), 0.1);
  EXPECT_TRUE(std::isinf(JsonNumber{"1e999"}.to_double()));
  EXPECT_EQ(JsonNumber{"1e-999"}.to_double(), 0.0);
}

TEST(JsonValue, ParsesToATree) {
  const auto value = JsonValue::parse(R"({"a": [1, "x", null, true], "b": {"c": "d"}, "b": {"c": "last"}})");
  ASSERT_TRUE(value.has_value());
  ASSERT_NE(value->find("a"), nullptr);
  EXPECT_EQ(value->find("a")->items().size(), 4U);
  EXPECT_EQ(value->find("a")->items()[1].text(), "x");
  EXPECT_TRUE(value->find("a")->items()[3].boolean());
  EXPECT_EQ(value->find("b")->string_at("c"), "last");
  EXPECT_EQ(value->find("none"), nullptr);
  EXPECT_FALSE(JsonValue::parse("[1,2,3]", {.depth_max = 4, .values_max = 3}).has_value());
}

/// A random value through the writer, as text.
void write_random(JsonWriter& json, SeededRandom& random, int depth) {
  switch (random.below(depth > 4 ? 5 : 7)) {
    case 0:
      json.null();
      return;
    case 1:
      json.boolean(random.below(2) == 0);
      return;
    case 2:
      json.integer(static_cast<int64_t>(random.next()));
      return;
    case 3:
      json.real((random.unit() - 0.5) * std::pow(10.0, static_cast<double>(random.below(40))));
      return;
    case 4: {
      std::string bytes(random.below(20), '\0');
      for (char& c : bytes) c = static_cast<char>(random.below(3) == 0 ? random.next() : 'a' + random.below(26));
      json.string(bytes);
      return;
    }
    case 5:
      json.begin_array();
      for (uint64_t i = random.below(4); i > 0; --i) write_random(json, random, depth + 1);
      json.end_array();
      return;
    default:
      json.begin_object();
      for (uint64_t i = random.below(4); i > 0; --i) {
        json.key(std::string(1, static_cast<char>('a' + random.below(26))) + std::to_string(i));
        write_random(json, random, depth + 1);
      }
      json.end_object();
  }
}

TEST(JsonReader, AgreesWithAnotherParserOnDamagedTexts) {
  SeededRandom random(7);
  JsonWriter json;
  for (int round = 0; round < 20'000; ++round) {
    json.clear();
    write_random(json, random, 0);
    std::string text = json.take();
    ASSERT_TRUE(is_json(text)) << text;
    for (uint64_t edits = random.below(3); edits > 0; --edits) {
      static constexpr std::string_view kBytes = "{}[]\",:0e.-\\u \xC3\x80t";
      text[random.below(text.size())] = kBytes[random.below(kBytes.size())];
    }
    // The other parser refuses lone surrogates, which are accepted here on purpose.
    if (text.find("\\u") != std::string::npos) continue;
    bool accepted = false;
    try {
      accepted = !nlohmann::json::parse(text).is_discarded();
    } catch (const nlohmann::json::out_of_range&) {
      continue;  // a number beyond the doubles: JSON all the same
    } catch (const nlohmann::json::parse_error&) {
      accepted = false;
    }
    ASSERT_EQ(is_json(text), accepted) << text;
  }
}

}  // namespace
}  // namespace sextant
