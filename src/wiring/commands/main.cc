// sextant: the commands of the program, one file each under commands/.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <exception>

#include "wiring/commands/commands.h"

int main(int argc, char** argv) {
  using namespace sextant::wiring;
  try {
    CLI::App app("Sextant: observability for AI agents");
    app.require_subcommand(1);
    Run run;
    add_serve_command(app, run);
    add_check_config_command(app, run);
    add_bench_command(app, run);
    add_inspect_command(app, run);
    add_repair_command(app, run);
    add_version_command(app, run);
    try {
      app.parse(argc, argv);
    } catch (const CLI::ParseError& problem) {
      return app.exit(problem) == 0 ? 0 : 2;
    }
    return run();
  } catch (const std::exception& problem) {
    fmt::print(stderr, "sextant: {}\n", problem.what());
    return 1;
  }
}
