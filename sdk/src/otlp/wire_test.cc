#include "otlp/wire.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/buffer.h"
#include "otlp/value_writer.h"

namespace sextant::otlp {
namespace {

TEST(Wire, varints_have_the_size_that_is_promised) {
  for (unsigned bits = 0; bits < 64; ++bits) {
    for (const std::uint64_t value :
         {std::uint64_t{1} << bits, (std::uint64_t{1} << bits) - 1, ~std::uint64_t{0} >> bits}) {
      char out[kVarintBytesMax];
      EXPECT_EQ(static_cast<std::size_t>(write_varint(out, value) - out), varint_bytes(value)) << value;
    }
  }
}

TEST(Wire, attributes_have_the_size_that_is_promised) {
  const std::string longer(130, 'v');
  const bool flags[] = {true, false};
  const double reals[] = {0.5, -1};
  const Value nested[] = {1, "two", 3.0};
  const Attribute pairs[] = {{"k", "v"}, {"n", Value(View<Value>(nested, 3))}};
  const Value values[] = {Value(),
                          true,
                          -1,
                          300,
                          0.5,
                          "short",
                          longer,
                          Bytes{"\0\1", 2},
                          View<bool>(flags, 2),
                          View<double>(reals, 2),
                          View<Value>(nested, 3),
                          Map{{pairs, 2}}};
  for (const Value& value : values) {
    for (const std::string& key : {std::string("k"), longer}) {
      Buffer<64> out;
      append_attribute<9>(out, {key, value}, {});
      Reader field(out.view());
      ASSERT_TRUE(field.next());
      EXPECT_EQ(field.field(), 9u);
      EXPECT_EQ(field.bytes().size(), key_value_size({key, value}, {}));
      EXPECT_FALSE(field.next());
      EXPECT_FALSE(field.failed());
    }
  }
}

TEST(Wire, values_that_nest_too_deep_are_cut_off_there) {
  std::vector<Value> chain(200);
  for (std::size_t i = chain.size() - 1; i > 0; --i) chain[i - 1] = Value(View<Value>(&chain[i], 1));
  Buffer<64> out;
  append_attribute<1>(out, {"deep", chain[0]}, {});
  Reader field(out.view());
  EXPECT_TRUE(field.next());
  EXPECT_FALSE(field.next());
  EXPECT_FALSE(field.failed());
}

TEST(Wire, texts_are_cut_between_characters) {
  EXPECT_EQ(first_characters("añb", 2), "añ");
  EXPECT_EQ(first_characters("añb", 0), "");
  EXPECT_EQ(first_characters("añb", 9), "añb");
}

TEST(Wire, bytes_that_are_no_utf8_become_question_marks_one_by_one) {
  const std::pair<std::string, std::string> cases[] = {
      {"plain ascii, longer than eight", "plain ascii, longer than eight"},
      {"grüße 漢字 🙂", "grüße 漢字 🙂"},
      {"\x80", "?"},
      {"a\xc3", "a?"},
      {"\xc0\xaf", "??"},
      {"\xed\xa0\x80", "???"},
      {"\xf5\x80\x80\x80", "????"},
      {"\xe2\x82", "??"},
      {"1234567\xff", "1234567?"},
  };
  for (const auto& [given, wanted] : cases) {
    std::string text = given;
    repair_utf8(text.data(), text.size());
    EXPECT_EQ(text, wanted);
  }
}

TEST(Wire, any_bytes_can_be_read) {
  std::mt19937 random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random() % 40, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    Reader reader(bytes);
    std::size_t fields = 0;
    while (reader.next()) {
      ++fields;
      EXPECT_LE(reader.bytes().size(), bytes.size());
    }
    EXPECT_LE(fields, bytes.size());
  }
}

}  // namespace
}  // namespace sextant::otlp
