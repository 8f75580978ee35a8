// `sextant version`.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "wiring/commands/commands.h"
#include "wiring/version.h"

namespace sextant::wiring {

void add_version_command(CLI::App& app, Run& run) {
  app.add_subcommand("version", "Print the version")->callback([&run] {
    run = [] {
      fmt::print("sextant {}\n", kVersion);
      return 0;
    };
  });
}

}  // namespace sextant::wiring
