// Tests of the configuration tree: types, positions, all errors at once, nearest keys, variables.
#include "base/config/config_tree.h"

#include <gtest/gtest.h>

namespace sextant {
namespace {

std::optional<std::string> no_variables(std::string_view) {
  return std::nullopt;
}

TEST(ConfigTree, ReadsTypedValues) {
  ConfigErrors errors;
  const auto document = ConfigDocument::parse(
      "storage:\n  data_dir: /srv/sextant\n  segment_bytes_max: 64MiB\n  retention: 14d\n  fast: true\n  parts: [a, "
      "b]\n"
      "list:\n  - name: one\n  - name: two\n",
      no_variables, errors);
  ConfigMap root = document.root(errors);
  ConfigMap storage = root.map("storage");
  EXPECT_EQ(storage.text("data_dir"), "/srv/sextant");
  EXPECT_EQ(storage.bytes("segment_bytes_max"), 64ULL << 20);
  EXPECT_EQ(storage.duration_nanos("retention"), 14ULL * 86400 * 1'000'000'000);
  EXPECT_EQ(storage.boolean("fast"), true);
  EXPECT_EQ(storage.texts("parts"), (std::vector<std::string>{"a", "b"}));
  EXPECT_FALSE(root.map("absent").text("anything").has_value());
  auto list = root.maps("list");
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].text("name"), "one");
  EXPECT_EQ(list[1].text("name"), "two");
  root.finish();
  EXPECT_EQ(errors.to_text("f"), "");
}

TEST(ConfigTree, ReportsAllErrorsWithPositionAndNearestKey) {
  ConfigErrors errors;
  const auto document = ConfigDocument::parse(
      "storage:\n  data_dri: x\n  retention: 14\n  parts: {a: 1}\nlist:\n  - nmae: one\nzzzzzzzzz: 1\n", no_variables,
      errors);
  ConfigMap root = document.root(errors);
  ConfigMap storage = root.map("storage");
  storage.text("data_dir");
  storage.duration_nanos("retention");
  storage.texts("parts");
  for (ConfigMap& item : root.maps("list")) item.text("name");
  root.finish();
  EXPECT_EQ(errors.to_text("f.yaml"),
            "f.yaml:3:14: storage.retention: '14' is not a duration; write a number and ns, us, ms, s, m, h or d\n"
            "f.yaml:4:14: storage.parts: a list of texts is wanted here\n"
            "f.yaml:2:3: storage.data_dri: unknown key; did you mean data_dir?\n"
            "f.yaml:6:5: list[0].nmae: unknown key; did you mean name?\n"
            "f.yaml:7:1: zzzzzzzzz: unknown key; known here: storage, list\n");
}

TEST(ConfigTree, SyntaxErrorsHaveAPlace) {
  ConfigErrors errors;
  (void)ConfigDocument::parse("a: [1, 2\nb: }", no_variables, errors);
  ASSERT_EQ(errors.all().size(), 1U);
  EXPECT_EQ(errors.all()[0].line, 2);
}

TEST(ConfigTree, ReplacesVariables) {
  ConfigErrors errors;
  const auto lookup = [](std::string_view name) -> std::optional<std::string> {
    if (name == "TOKEN") return "secret";
    return std::nullopt;
  };
  const auto document =
      ConfigDocument::parse("a: ${TOKEN}-${env:TOKEN}-${NONE:-x}-$$1\nb: ${MISSING}\n", lookup, errors);
  EXPECT_EQ(document.root(errors).text("a"), "secret-secret-x-$1");
  ASSERT_EQ(errors.all().size(), 1U);
  EXPECT_EQ(errors.all()[0].line, 2);
}

TEST(ConfigTree, HostileFilesAreRefused) {
  ConfigErrors errors;
  (void)ConfigDocument::parse(std::string(200, '['), no_variables, errors);
  EXPECT_FALSE(errors.empty());
  ConfigErrors scalar_errors;
  (void)ConfigDocument::parse("just text", no_variables, scalar_errors);
  EXPECT_FALSE(scalar_errors.empty());
}

TEST(Parse, SizesAndDurations) {
  EXPECT_EQ(parse_bytes("10 MB").value(), 10'000'000U);
  EXPECT_FALSE(parse_bytes("10 parsecs").has_value());
  EXPECT_FALSE(parse_bytes("-1").has_value());
  EXPECT_EQ(parse_duration("1h30m").value(), 5'400'000'000'000U);
  EXPECT_EQ(parse_duration("1.5s").value(), 1'500'000'000U);
  EXPECT_EQ(parse_duration("850us").value(), 850'000U);
  EXPECT_FALSE(parse_duration("15").has_value());
  EXPECT_FALSE(parse_duration("").has_value());
}

}  // namespace
}  // namespace sextant
