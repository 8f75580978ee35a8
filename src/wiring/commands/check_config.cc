// `sextant check-config`: reads a configuration as serve would, and says what is wrong with it.
#include <fmt/format.h>

#include <memory>

#include "wiring/commands/commands.h"
#include "wiring/commands/config_flags.h"

namespace sextant::wiring {

void add_check_config_command(CLI::App& app, Run& run) {
  auto overrides = std::make_shared<ConfigOverrides>();
  CLI::App* command = app.add_subcommand("check-config", "Check a configuration file and say what is wrong with it");
  add_config_flags(*command, *overrides);
  command->add_option("FILE", overrides->config_file, "The file, when not given by --config");
  command->callback([&run, overrides] {
    run = [overrides] {
      const auto config = load_config(*overrides);
      if (!config) {
        fmt::print(stderr, "{}\n", config.error().message());
        return 1;
      }
      fmt::print("{}: good\n", overrides->config_file.value_or("defaults"));
      return 0;
    };
  });
}

}  // namespace sextant::wiring
