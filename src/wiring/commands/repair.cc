// `sextant repair`: mends a data directory, so that the store opens without damage.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "persist/repair/repair.h"
#include "wiring/commands/commands.h"

namespace sextant::wiring {
namespace {

/// The store is well afterwards, or would be, but something of it is lost.
constexpr int kSomethingLost = 3;

struct RepairFlags {
  std::string directory;
  bool check = false;
};

int repair(const RepairFlags& flags) {
  const auto mode = flags.check ? persist::RepairMode::kLookOnly : persist::RepairMode::kMend;
  const auto print = [](std::string_view line) { fmt::print("{}\n", line); };
  std::string directory = flags.directory;
  while (directory.size() > 1 && directory.ends_with('/')) directory.pop_back();
  const auto report = persist::repair_store(posix_files(), directory, mode, print);
  if (!report) {
    fmt::print(stderr, "{}: {}\n", flags.directory, report.error().message());
    return 1;
  }
  if (report->files_damaged == 0) {
    fmt::print("{} files, none is damaged\n", report->files);
    return 0;
  }
  fmt::print("{} of {} files {}: {} spans kept, {} known to be lost, {} places whose loss is not known\n",
             report->files_damaged, report->files, flags.check ? "are damaged" : "mended", report->spans_kept,
             report->spans_lost, report->losses_unknown);
  return report->spans_lost + report->losses_unknown > 0 ? kSomethingLost : 0;
}

}  // namespace

void add_repair_command(CLI::App& app, Run& run) {
  auto flags = std::make_shared<RepairFlags>();
  CLI::App* command = app.add_subcommand("repair", "Mend a damaged data directory; no server may use it");
  command->footer(
      "Damaged files are written again with what can be read of them; as they were they are kept, under names that "
      "end\n"
      "in .damaged. Exit codes: 0 nothing is lost, 3 well again but something is lost, 1 could not be mended.");
  command->add_option("DIR", flags->directory, "The data directory")->required();
  command->add_flag("--check", flags->check, "Say what is damaged and could be kept; change nothing");
  command->callback([&run, flags] { run = [flags] { return repair(*flags); }; });
}

}  // namespace sextant::wiring
