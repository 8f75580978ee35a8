// Trees, look-ups, variables, and what is said of a file that is wrong.
#include "config/section.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/support/variables.h"

namespace sextant::config {
namespace {

using test::environment_of;
using testing::ElementsAre;
using testing::HasSubstr;

/// One file, read by a test.
struct File {
  explicit File(std::string_view text, FileFormat format = FileFormat::kYaml, test::Variables variables = {})
      : environment(environment_of(std::move(variables))), root(parse(text, format, errors), "", context) {}

  Errors errors{"f"};
  Environment environment;
  Context context{errors, environment};
  Section root;
};

TEST(Section, ReadsEveryKindOfValueOfBothFormats) {
  const char* yaml = "t: 'x'\nb: true\ni: 7\nn: 0.5\nd: 1m30s\nl: [a, \"b\"]\nf: [0.5, 1]\nm: {k: v}\ne:\n";
  const char* toml =
      "t = 'x'\nb = true\ni = 7\nn = 0.5\nd = \"1m30s\"\nl = ['a', \"b\"]\nf = [0.5, 1]\nm = {k = 'v'}\n";
  for (const FileFormat format : {FileFormat::kYaml, FileFormat::kToml}) {
    File file(format == FileFormat::kYaml ? yaml : toml, format);
    std::string text;
    bool boolean = false;
    std::uint64_t integer = 0;
    double number = 0;
    std::chrono::milliseconds duration{};
    std::vector<std::string> texts;
    std::vector<double> numbers;
    HttpHeaders pairs;
    EXPECT_TRUE(file.root.text("t", text) && text == "x");
    EXPECT_TRUE(file.root.boolean("b", boolean) && boolean);
    EXPECT_TRUE(file.root.integer("i", 0, 9, integer) && integer == 7);
    EXPECT_TRUE(file.root.number("n", 0, 1, number) && number == 0.5);
    EXPECT_TRUE(file.root.duration("d", std::chrono::milliseconds(1), duration) && duration.count() == 90'000);
    EXPECT_TRUE(file.root.texts("l", texts));
    EXPECT_THAT(texts, ElementsAre("a", "b"));
    EXPECT_TRUE(file.root.numbers("f", numbers));
    EXPECT_THAT(numbers, ElementsAre(0.5, 1));
    EXPECT_TRUE(file.root.pairs("m", pairs));
    EXPECT_THAT(pairs, ElementsAre(testing::Pair("k", "v")));
    EXPECT_FALSE(file.root.text("e", text));
    EXPECT_FALSE(file.root.section("absent").present());
    file.root.finish();
    EXPECT_EQ(file.errors.text(), "");
  }
}

TEST(Section, SaysAllThatIsWrongAtOnceAndWhere) {
  File file(
      "b: 1\ni: -1\nn: 1.5\nd: 60\nl: a\nm: 3\nt: [1]\nf: [x]\nw: jsn\nlist: {}\nsmall: 1ms\ntracin: true\nzebra: 1\n");
  std::string text;
  bool boolean = false;
  std::uint64_t integer = 0;
  double number = 0;
  std::chrono::milliseconds duration{};
  std::vector<std::string> texts;
  std::vector<double> numbers;
  int word = 0;
  static constexpr std::pair<std::string_view, int> kWords[] = {{"json", 1}, {"text", 2}};
  file.root.boolean("b", boolean);
  file.root.integer("i", 0, 9, integer);
  file.root.number("n", 0, 1, number);
  file.root.duration("d", std::chrono::milliseconds(1), duration);
  file.root.duration("small", std::chrono::milliseconds(100), duration);
  file.root.texts("l", texts);
  file.root.section("m");
  file.root.text("t", text);
  file.root.numbers("f", numbers);
  file.root.word("w", word, kWords);
  file.root.sections("list");
  file.root.boolean("tracing", boolean);
  file.root.finish();
  EXPECT_EQ(file.errors.text(),
            "f:1:1: b: is '1', and takes true or false\n"
            "f:2:1: i: is '-1', and takes a whole number from 0 to 9\n"
            "f:3:1: n: is '1.5', and takes a number from 0 to 1\n"
            "f:4:1: d: is '60', and takes a duration with its unit, such as 500ms, 60s or 1m30s, of at most 240h\n"
            "f:5:1: l: takes a list of texts, such as [a, b]\n"
            "f:6:4: m: takes keys and values below it\n"
            "f:7:1: t: is a list, and takes a text\n"
            "f:8:5: f: 'x' is no number\n"
            "f:9:1: w: is 'jsn', and takes one of json, text; did you mean json?\n"
            "f:10:1: list: takes a list\n"
            "f:11:1: small: is '1ms', and takes at least 100ms\n"
            "f:12:1: tracin: unknown key; did you mean tracing?\n"
            "f:13:1: zebra: unknown key");
}

TEST(Section, ChecksWhatStandsInLists) {
  File file("l: [a, [b], {c: d}]\nn: {a: 1}\n");
  std::vector<std::string> texts;
  std::vector<double> numbers;
  file.root.texts("l", texts);
  file.root.numbers("n", numbers);
  EXPECT_EQ(file.errors.text(),
            "f:1:8: l: takes texts alone, and this one is a list\n"
            "f:1:13: l: takes texts alone, and this one is a map\n"
            "f:2:1: n: takes a list of numbers, such as [0.1, 0.5, 1]");
}

TEST(Section, TakesOneOfTwoNames) {
  File file("a: 1\nb: 2\nc: 3\n");
  EXPECT_EQ(file.root.either("x", "c"), "c");
  EXPECT_EQ(file.root.either("c", "x"), "c");
  file.root.either("a", "b");
  EXPECT_EQ(file.errors.text(), "f:2:1: b: says the same as a: one of them is enough");
}

TEST(Expand, PutsInVariables) {
  const Environment environment = environment_of({{"A", "x"}, {"EMPTY", ""}, {"NESTED", "${A}"}});
  const auto expanded = [&](std::string_view text) {
    const Result<std::string> result = expand(text, environment, Missing::kError);
    return result ? result.value() : "error: " + result.error();
  };
  EXPECT_EQ(expanded("Bearer ${A}-${env:A}!"), "Bearer x-x!");
  EXPECT_EQ(expanded("${MISSING:-d:-e}"), "d:-e");
  EXPECT_EQ(expanded("${EMPTY:-d}"), "d");
  EXPECT_EQ(expanded("${EMPTY}"), "");
  EXPECT_EQ(expanded("${MISSING:-}"), "");
  EXPECT_EQ(expanded("$${A} $ $x 5$"), "${A} $ $x 5$");
  EXPECT_EQ(expanded("${NESTED}"), "${A}");
  EXPECT_EQ(expanded("${MISSING}"), "error: the variable MISSING is not set: set it, or write ${MISSING:-default}");
  EXPECT_THAT(expanded("${a b}"), HasSubstr("error: '${a b}' names no variable: ${NAME}, ${env:NAME} or"));
  EXPECT_THAT(expanded("${1A}"), HasSubstr("names no variable"));
  EXPECT_THAT(expanded("x ${A"), HasSubstr("has a '${' without a closing brace"));
  EXPECT_EQ(expand("${MISSING}", environment, Missing::kEmpty).value(), "");
}

TEST(Expand, NeverMakesStructure) {
  File file("k: ${A}\n", FileFormat::kYaml, {{"A", "[1, 2]\nother: 3"}});
  std::string text;
  EXPECT_TRUE(file.root.text("k", text));
  EXPECT_EQ(text, "[1, 2]\nother: 3");
  file.root.finish();
  EXPECT_EQ(file.errors.text(), "");
}

TEST(Expand, HasALimit) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "${A}";
  EXPECT_THAT(expand(text, environment_of({{"A", std::string(1'000, 'x')}}), Missing::kError).error(),
              HasSubstr("longer than 64 KiB"));
}

std::string errors_of(std::string_view text, FileFormat format = FileFormat::kYaml) {
  Errors errors("f");
  parse(text, format, errors);
  return errors.text();
}

TEST(Tree, SaysWhereAFileCannotBeRead) {
  EXPECT_THAT(errors_of("a: [1, 2\nb: 3\n"), HasSubstr("f:2:2: this is not YAML: "));
  EXPECT_THAT(errors_of("a = [1, 2\nb = 3\n", FileFormat::kToml), HasSubstr("f:2:1: this is not TOML: "));
  EXPECT_EQ(errors_of("a: 1\na: 2\n"), "f:2:1: a: the key stands there a second time");
  EXPECT_EQ(errors_of("[a, b]: 1\n"), "f:1:1: a key is expected to be a text");
  EXPECT_EQ(errors_of("a: 1\n---\nb: 2\n"), "f: it holds more than one YAML document");
  EXPECT_EQ(errors_of(""), "");
  EXPECT_EQ(errors_of("# nothing\n"), "");
}

TEST(Tree, RefusesBombs) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 0; k < 9; ++k) bomb += ", " + before;
    bomb += "]\n";
  }
  EXPECT_THAT(errors_of(bomb), HasSubstr("it holds more than 100000 values, aliases resolved"));
  EXPECT_THAT(errors_of(std::string(100, '[')), HasSubstr("it is nested more than 64 deep"));
  EXPECT_THAT(errors_of(std::string(50'000, '[')), HasSubstr("it is nested more than 64 deep"));
  EXPECT_THAT(errors_of(std::string(50'000, '{')), HasSubstr("it is nested more than 64 deep"));
  std::string steps;
  for (int i = 0; i < 100; ++i) steps += std::string(static_cast<std::size_t>(i), ' ') + "k:\n";
  EXPECT_THAT(errors_of(steps), HasSubstr("it is nested more than 64 deep"));
  EXPECT_THAT(errors_of("a = " + std::string(100, '[') + std::string(100, ']'), FileFormat::kToml),
              HasSubstr("it is nested more than 64 deep"));
  EXPECT_THAT(errors_of("a = " + std::string(50'000, '['), FileFormat::kToml), HasSubstr("this is not TOML"));
  EXPECT_THAT(errors_of(std::string(kFileBytesMax + 1, ' ')), HasSubstr("larger than 1 MiB"));
  EXPECT_EQ(errors_of("a: &x [*x]\n"), "f:1:8: an alias stands within what it is an alias of");
}

TEST(Tree, TakesAliasesAndMerges) {
  File file("base: &b {x: 1, y: 2}\nm:\n  <<: *b\n  y: 3\nl: {<<: [*b, {z: 4}]}\n");
  Section merged = file.root.section("m");
  std::string x;
  std::string y;
  EXPECT_TRUE(merged.text("x", x) && merged.text("y", y));
  EXPECT_EQ(x + y, "13");
  EXPECT_THAT(file.root.section("l").keys(), ElementsAre("x", "y", "z"));
}

TEST(Errors, AreCutAfterAHundred) {
  std::string text;
  for (int i = 0; i < 150; ++i) text += "k" + std::to_string(i) + ": 1\n";
  File file(text);
  file.root.finish();
  EXPECT_THAT(file.errors.text(), HasSubstr("\nf: and 50 more errors"));
}

TEST(Tree, SurvivesMutatedFiles) {
  const std::string goods[] = {
      "observability: &a\n  tracing: true\n  headers: {authorization: 'x ${K}'}\nb: [*a, ~, |\n  t\n  ]\n",
      "[observability]\na = true\nh = { \"k\" = \"v\" }\n[[x.y]]\nd = 1979-05-27\nf = 1e3\n"};
  constexpr std::string_view kLetters =
      "{}[]:-#&*!|>'\"%@`?,~ \n\t=.\\$<\xff\x00"
      "a1";
  std::mt19937 random(3);
  for (int round = 0; round < 20'000; ++round) {
    const FileFormat format = round % 2 == 0 ? FileFormat::kYaml : FileFormat::kToml;
    std::string text = goods[round % 2];
    for (std::size_t i = 1 + random() % 5; i > 0; --i) {
      const std::size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = kLetters[random() % kLetters.size()];
          break;
        case 1:
          text.insert(at, 1, kLetters[random() % kLetters.size()]);
          break;
        default:
          text.erase(at, 1);
      }
    }
    Errors errors("f");
    const NodePtr tree = parse(text, format, errors);
    ASSERT_TRUE(tree != nullptr || !errors.empty()) << text;
  }
}

}  // namespace
}  // namespace sextant::config
