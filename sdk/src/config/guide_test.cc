// The files that the guide shows are taken.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "config/load.h"
#include "sampling/strategy_json.h"
#include "tests/support/repository.h"
#include "tests/support/variables.h"

namespace sextant::config {
namespace {

/// What stands between ```LANGUAGE and ```.
std::vector<std::string> blocks(const std::string& language) {
  std::ifstream file(test::repository() + "/docs/guide/sdk/configuration.md");
  std::vector<std::string> found;
  std::string line;
  bool inside = false;
  while (std::getline(file, line)) {
    if (inside && line == "```") {
      inside = false;
    } else if (inside) {
      found.back() += line + "\n";
    } else if (line == "```" + language) {
      inside = true;
      found.emplace_back();
    }
  }
  return found;
}

TEST(Guide, ShowsFilesThatAreTaken) {
  const Environment nothing = test::environment_of({});
  ASSERT_EQ(blocks("yaml").size(), 2u);
  ASSERT_EQ(blocks("toml").size(), 1u);
  ASSERT_EQ(blocks("json").size(), 1u);
  for (const std::string& yaml : blocks("yaml")) {
    const auto loaded = load_settings(yaml, FileFormat::kYaml, "guide", nothing, Variables::kOverFile);
    EXPECT_TRUE(loaded.ok()) << loaded.error();
  }
  const auto toml = load_settings(blocks("toml")[0], FileFormat::kToml, "guide", nothing, Variables::kOverFile);
  EXPECT_TRUE(toml.ok()) << toml.error();
  const auto strategies = sampling::read_strategy(blocks("json")[0], "my-agent", 10);
  EXPECT_TRUE(strategies.ok()) << strategies.error();
}

}  // namespace
}  // namespace sextant::config
