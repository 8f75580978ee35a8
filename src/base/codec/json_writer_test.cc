// Tests of JsonWriter: structure, escapes, repair of bytes that are not UTF-8, numbers.
#include "base/codec/json_writer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

#include "base/core/text.h"
#include "base/sys/random.h"

#include <nlohmann/json.hpp>

namespace sextant {
namespace {

std::string written(std::string_view text) {
  JsonWriter json;
  return json.string(text).take();
}

TEST(JsonWriter, SetsCommasAndNests) {
  JsonWriter json;
  json.begin_object().key("a").begin_array().integer(1).boolean(true).null().begin_object().end_object().end_array();
  json.key("b").begin_object().key("c").unsigned_integer(UINT64_MAX).end_object().key("d").raw("[1,2]").end_object();
  EXPECT_EQ(json.text(), R"({"a":[1,true,null,{}],"b":{"c":18446744073709551615},"d":[1,2]})");
  EXPECT_EQ(json.take().size(), 63U);
  EXPECT_EQ(json.integer(7).take(), "7");
}

TEST(JsonWriter, EscapesWhatJsonDemands) {
  EXPECT_EQ(written("plain"), "\"plain\"");
  EXPECT_EQ(written("a\"b\\c\n\r\t"), R"("a\"b\\c\n\r\t")");
  EXPECT_EQ(written(std::string_view("\0\x1f\x7f", 3)), R"("\u0000\u001f\u007f")");
  EXPECT_EQ(written("</script>\xE2\x82\xAC"), "\"</script>\xE2\x82\xAC\"");
}

TEST(JsonWriter, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(written("a\xFF"
                    "b"),
            "\"a\xEF\xBF\xBD"
            "b\"");
  EXPECT_EQ(written("\xC3"), "\"\xEF\xBF\xBD\"");                  // cut off
  EXPECT_EQ(written("\xED\xA0\x80").size(), 2U + 9U);              // a surrogate: three bad bytes
  EXPECT_EQ(written("\xF0\x9F\x98\x80"), "\"\xF0\x9F\x98\x80\"");  // an emoji stays
}

TEST(JsonWriter, AnyBytesMakeTextThatAnotherParserReads) {
  SeededRandom random(20260101);
  for (int round = 0; round < 2000; ++round) {
    // Long ones go through every step of copying: plain stretches, escapes and characters at any place of them.
    std::string bytes(round % 10 == 0 ? random.below(3000) : random.below(40), 'a');
    const uint64_t share = 1 + random.below(60);
    for (char& c : bytes) {
      if (random.below(share) == 0) c = static_cast<char>(random.next());
    }
    const std::string json = written(bytes);
    const auto parsed = nlohmann::json::parse(json, nullptr, false);
    ASSERT_FALSE(parsed.is_discarded()) << to_hex(bytes);
    ASSERT_EQ(parsed.get<std::string>(), to_valid_utf8(bytes));
  }
}

TEST(JsonWriter, NumbersReadBackTheSame) {
  JsonWriter json;
  EXPECT_EQ(json.integer(std::numeric_limits<int64_t>::min()).take(), "-9223372036854775808");
  EXPECT_EQ(json.integer_string(-5).take(), "\"-5\"");
  EXPECT_EQ(json.unsigned_string(UINT64_MAX).take(), "\"18446744073709551615\"");
  EXPECT_EQ(json.real(std::nan("")).take(), "\"NaN\"");
  EXPECT_EQ(json.real(std::numeric_limits<double>::infinity()).take(), "\"Infinity\"");
  EXPECT_EQ(json.real(-std::numeric_limits<double>::infinity()).take(), "\"-Infinity\"");
  EXPECT_EQ(json.real(0.1).take(), "0.1");
  EXPECT_EQ(json.real(-0.0).take(), "-0.0");
  EXPECT_EQ(json.real(0.0).take(), "0");
  EXPECT_EQ(json.real(-100000).take(), "-100000");
  EXPECT_EQ(json.real(999999999999999.0).take(), "999999999999999");
  for (const double value : {1e300, 5e-324, -0.0, 1.7976931348623157e308, 123456789.125}) {
    const std::string text = json.real(value).take();
    EXPECT_EQ(std::strtod(text.c_str(), nullptr), value) << text;
  }
}

TEST(JsonWriter, BytesAsHexAndBase64) {
  JsonWriter json;
  EXPECT_EQ(json.hex("\x01\xAB").take(), "\"01ab\"");
  EXPECT_EQ(json.base64("a?>").take(), "\"YT8+\"");
}

}  // namespace
}  // namespace sextant
