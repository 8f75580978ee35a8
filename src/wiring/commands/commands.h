// The commands of the program `sextant`. One file a command; main.cc lists them.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace sextant::wiring {

/// What main() does once the command line is understood. Returns the exit code: 0 good, 1 failed, 2 wrong usage.
using Run = std::function<int()>;

/// Each adds its subcommand to `app`; when it is the one called, it sets `run`.
void add_serve_command(CLI::App& app, Run& run);
void add_check_config_command(CLI::App& app, Run& run);
void add_bench_command(CLI::App& app, Run& run);
void add_inspect_command(CLI::App& app, Run& run);
void add_repair_command(CLI::App& app, Run& run);
void add_version_command(CLI::App& app, Run& run);

}  // namespace sextant::wiring
