// `sextant serve`: starts the server.
#include "wiring/serve.h"

#include <fmt/format.h>

#include <memory>

#include "base/sys/process.h"
#include "wiring/commands/commands.h"
#include "wiring/commands/config_flags.h"
#include "wiring/version.h"

namespace sextant::wiring {

void add_serve_command(CLI::App& app, Run& run) {
  auto overrides = std::make_shared<ConfigOverrides>();
  CLI::App* command = app.add_subcommand("serve", "Start the server; without a configuration file it uses defaults");
  add_config_flags(*command, *overrides);
  command->callback([&run, overrides] {
    run = [overrides] {
      block_stop_signals();
      const auto config = load_config(*overrides);
      const auto result = config ? serve(*config, kVersion) : Result<void>(std::unexpected(config.error()));
      if (result) return 0;
      fmt::print(stderr, "sextant serve: {}\n", result.error().message());
      return 1;
    };
  });
}

}  // namespace sextant::wiring
