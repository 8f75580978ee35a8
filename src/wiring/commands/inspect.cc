// `sextant inspect`: prints a file of the store as text.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "persist/inspect/inspect.h"
#include "wiring/commands/commands.h"

namespace sextant::wiring {
namespace {

struct InspectFlags {
  std::string file;
  bool spans = false;
};

/// 1 when the file is damaged or none of a store.
int inspect(const InspectFlags& flags) {
  const auto detail = flags.spans ? persist::InspectDetail::kSpans : persist::InspectDetail::kRecords;
  const auto print = [](std::string_view line) { fmt::print("{}\n", line); };
  const auto summary = persist::inspect_file(posix_files(), flags.file, detail, print);
  if (!summary) {
    fmt::print(stderr, "{}: {}\n", flags.file, summary.error().message());
    return 1;
  }
  if (summary->damages > 0) fmt::print(stderr, "{}: {} damaged places\n", flags.file, summary->damages);
  return summary->damages > 0 ? 1 : 0;
}

}  // namespace

void add_inspect_command(CLI::App& app, Run& run) {
  auto flags = std::make_shared<InspectFlags>();
  CLI::App* command = app.add_subcommand("inspect", "Print a log file or segment of the store as text");
  command->add_option("FILE", flags->file, "The file")->required();
  command->add_flag("--spans", flags->spans, "Print every span and run, not only their counts");
  command->callback([&run, flags] { run = [flags] { return inspect(*flags); }; });
}

}  // namespace sextant::wiring
