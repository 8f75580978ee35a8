#include "base/json_text.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>

namespace sextant {
namespace {

std::string json(std::string_view text) {
  std::string out(json_text_bytes(text), '\0');
  EXPECT_EQ(write_json_text(out.data(), text), out.data() + out.size());
  return out;
}

std::string visible(std::string_view text) {
  std::string out(visible_text_bytes(text), '\0');
  EXPECT_EQ(write_visible_text(out.data(), text), out.data() + out.size());
  return out;
}

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += {static_cast<char>(0xc0 | code >> 6), static_cast<char>(0x80 | (code & 63))};
  } else if (code < 0x10000) {
    out += {static_cast<char>(0xe0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 63)),
            static_cast<char>(0x80 | (code & 63))};
  } else {
    out += {static_cast<char>(0xf0 | code >> 18), static_cast<char>(0x80 | (code >> 12 & 63)),
            static_cast<char>(0x80 | (code >> 6 & 63)), static_cast<char>(0x80 | (code & 63))};
  }
}

/// What a JSON string says, by RFC 8259; nothing where it is none.
std::optional<std::string> read(const std::string& quoted) {
  if (quoted.size() < 2 || quoted.front() != '"' || quoted.back() != '"') return std::nullopt;
  std::string out;
  for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
    const auto c = static_cast<unsigned char>(quoted[i]);
    if (c < 0x20 || c == '"') return std::nullopt;
    if (c != '\\') {
      out += quoted[i];
      continue;
    }
    const char letter = quoted[++i];
    if (letter == 'u') {
      append_utf8(out, static_cast<unsigned>(std::stoul(quoted.substr(i + 1, 4), nullptr, 16)));
      i += 4;
      continue;
    }
    const std::size_t known = std::string("\"\\/bfnrt").find(letter);
    if (known == std::string::npos) return std::nullopt;
    out += "\"\\/\b\f\n\r\t"[known];
  }
  return out;
}

TEST(JsonText, PlainTextStandsInQuotes) {
  EXPECT_EQ(json(""), "\"\"");
  EXPECT_EQ(json("Starting agent"), "\"Starting agent\"");
  EXPECT_EQ(json("a/b é 漢 😀"), "\"a/b é 漢 😀\"");
}

TEST(JsonText, QuotesBackslashesAndControlCharactersAreEscaped) {
  EXPECT_EQ(json("say \"hi\" \\ bye"), R"("say \"hi\" \\ bye")");
  EXPECT_EQ(json("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(json(std::string_view("\0\x01\x1b\x1f\x7f", 5)), R"("\u0000\u0001\u001b\u001f\u007f")");
  EXPECT_EQ(json("\xc2\x85\xc2\x9b\xc2\xa0"), "\"\\u0085\\u009b\xc2\xa0\"");
}

TEST(JsonText, BytesThatAreNoUtf8BecomeReplacementCharacters) {
  EXPECT_EQ(json("a\xff"
                 "b"),
            "\"a\xef\xbf\xbd"
            "b\"");
  EXPECT_EQ(json("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");  // a surrogate
  EXPECT_EQ(json("\xc0\xaf"), "\"\xef\xbf\xbd\xef\xbf\xbd\"");                  // too long a form of '/'
  EXPECT_EQ(json("cut \xe6\xbc"), "\"cut \xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST(JsonText, EveryCharacterOfUnicodeIsReadBackAsItWas) {
  for (unsigned code = 0; code <= 0x10ffff; ++code) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    std::string text = "ab";
    append_utf8(text, code);
    ASSERT_EQ(read(json(text)), text) << code;
  }
}

TEST(JsonText, AnyBytesBecomeAStringThatCanBeRead) {
  std::mt19937 random(17);
  for (int round = 0; round < 20'000; ++round) {
    std::string text(random() % 40, '\0');
    for (char& c : text) c = static_cast<char>(random() % 3 == 0 ? random() : 'a' + random() % 26);
    const auto back = read(json(text));
    ASSERT_TRUE(back.has_value()) << round;
    ASSERT_EQ(read(json(*back)), back) << "what has been read is valid: it does not change again";
  }
}

TEST(VisibleText, KeepsQuotesAndHasOneLine) {
  EXPECT_EQ(visible("say \"hi\" \\ bye"), "say \"hi\" \\ bye");
  EXPECT_EQ(visible("two\nlines\x1b[31m"), "two\\nlines\\u001b[31m");
  EXPECT_EQ(visible("\xff"), "\xef\xbf\xbd");
  EXPECT_EQ(visible(""), "");
}

}  // namespace
}  // namespace sextant
