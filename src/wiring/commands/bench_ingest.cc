// `sextant bench ingest`.
#include <CLI/CLI.hpp>
#include <memory>

#include "wiring/bench/ingest.h"
#include "wiring/commands/commands.h"

namespace sextant::wiring {

void add_bench_command(CLI::App& app, Run& run) {
  CLI::App* bench = app.add_subcommand("bench", "Measure this server, or load another; one JSON line per figure");
  bench->require_subcommand(1);
  CLI::App* ingest = bench->add_subcommand("ingest", "Traces over OTLP/HTTP: CPU, memory, disk, acknowledgement, rate");
  const auto settings = std::make_shared<IngestBenchSettings>();
  ingest->add_option("--corpus", settings->corpus, "What to send: shape or agent")
      ->check(CLI::IsMember({"shape", "agent"}))
      ->capture_default_str();
  ingest->add_option("--spans", settings->spans, "How many, rounded up to whole requests")->capture_default_str();
  ingest->add_option("--seed", settings->seed, "Of everything made up")->capture_default_str();
  ingest->add_option("--connections,--concurrent-users", settings->connections, "Connections that send at once")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  ingest->add_option("--durability", settings->durability, "Mode of the server that is started")
      ->check(CLI::IsMember({"sync", "relaxed", "off"}))
      ->capture_default_str();
  ingest->add_option("--text", settings->text_file, "agent: take prose from this file")->check(CLI::ExistingFile);
  ingest->add_option("--server", settings->program, "Program to start instead of this one")->check(CLI::ExistingFile);
  ingest->add_option("--work-dir", settings->work_dir, "Where the server's data is kept meanwhile")
      ->check(CLI::ExistingDirectory)
      ->capture_default_str();
  ingest->add_option("--own-core", settings->own_core, "Confine the generator to this core");
  ingest->add_flag("--floor", settings->floor, "Also compress everything with zstd -19 --long=27 (takes minutes)");
  ingest->add_option("--target", settings->target, "Load this server (http://host:port) instead of starting one");
  ingest->add_option("--duration", settings->duration, "With --target: how long, e.g. 300s");
  ingest->add_option("--report-to-prometheus", settings->report_to_prometheus,
                     "With --target: push the result to this Pushgateway");
  ingest->callback([&run, settings] { run = [settings] { return run_ingest_bench(*settings, posix_files()); }; });
}

}  // namespace sextant::wiring
