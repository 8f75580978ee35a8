// `sextant bench ingest`, `query` and `report`.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "data/corpus/corpus.h"
#include "wiring/bench/ingest.h"
#include "wiring/bench/query.h"
#include "wiring/bench/report.h"
#include "wiring/commands/commands.h"

namespace sextant::wiring {
namespace {

/// What every benchmark may be told, besides the corpus.
void add_server_options(CLI::App& command, BenchSettings& settings) {
  command.add_option("--seed", settings.seed, "Of everything made up")->capture_default_str();
  command.add_option("--connections,--concurrent-users", settings.connections, "Connections that send at once")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  command.add_option("--durability", settings.durability, "Mode of the server that is started")
      ->check(CLI::IsMember({"sync", "relaxed", "off"}))
      ->capture_default_str();
  command.add_option("--text", settings.text_file, "agent: take prose from this file")->check(CLI::ExistingFile);
  command.add_option("--server", settings.program, "Program to start instead of this one")->check(CLI::ExistingFile);
  command.add_option("--work-dir", settings.work_dir, "Where the server's data is kept meanwhile")
      ->check(CLI::ExistingDirectory)
      ->capture_default_str();
  command.add_option("--own-core", settings.own_core, "Confine the generator to this core");
}

void add_corpus_options(CLI::App& command, BenchSettings& settings, std::vector<std::string> names) {
  command.add_option("--corpus", settings.corpus, "What to send (src/data/corpus/corpus.h)")
      ->check(CLI::IsMember(std::move(names)))
      ->capture_default_str();
  command.add_option("--spans", settings.spans, "How many, rounded up to whole requests")->capture_default_str();
}

void add_ingest(CLI::App& bench, Run& run) {
  CLI::App* ingest = bench.add_subcommand("ingest", "Traces over OTLP/HTTP: CPU, memory, disk, acknowledgement, rate");
  const auto settings = std::make_shared<IngestBenchSettings>();
  add_corpus_options(*ingest, *settings, {data::kCorpusNames.begin(), data::kCorpusNames.end()});
  add_server_options(*ingest, *settings);
  ingest->add_flag("--floor", settings->floor, "Also compress everything with zstd -19 --long=27 (takes minutes)");
  ingest->add_option("--target", settings->target, "Load this server (http://host:port) instead of starting one");
  ingest->add_option("--duration", settings->duration, "With --target: how long, e.g. 300s");
  ingest->add_option("--rate", settings->rate, "With --duration: spans a second, evenly, instead of as many as can be")
      ->check(CLI::Range(1, 100'000'000));
  ingest->add_option("--report-to-prometheus", settings->report_to_prometheus,
                     "With --target: push the result to this Pushgateway");
  ingest->callback([&run, settings] { run = [settings] { return run_ingest_bench(*settings, posix_files()); }; });
}

void add_query(CLI::App& bench, Run& run) {
  CLI::App* query =
      bench.add_subcommand("query", "Questions over HTTP to a server that holds a corpus; starts, memory");
  const auto settings = std::make_shared<QueryBenchSettings>();
  add_corpus_options(*query, *settings, {"shape", "agent"});
  add_server_options(*query, *settings);
  query->add_option("--rounds", settings->rounds, "Questions of each kind, at most")->capture_default_str();
  query->add_option("--under-load", settings->under_load, "Ask again while so many spans a second arrive");
  query->callback([&run, settings] { run = [settings] { return run_query_bench(*settings, posix_files()); }; });
}

void add_report(CLI::App& bench, Run& run) {
  CLI::App* report =
      bench.add_subcommand("report", "Every figure of the server, both corpora, against what is aimed at");
  const auto settings = std::make_shared<ReportSettings>();
  add_server_options(*report, settings->bench);
  report->add_option("--shape-spans", settings->shape_spans, "Spans of the shape corpus")->capture_default_str();
  report->add_option("--agent-spans", settings->agent_spans, "Spans of the agent corpus")->capture_default_str();
  report->add_option("--under-load", settings->under_load, "Ask again while so many spans a second arrive");
  report->callback([&run, settings] { run = [settings] { return run_report(*settings, posix_files()); }; });
}

}  // namespace

void add_bench_command(CLI::App& app, Run& run) {
  CLI::App* bench = app.add_subcommand("bench", "Measure this server, or load another; one JSON line per figure");
  bench->require_subcommand(1);
  add_ingest(*bench, run);
  add_query(*bench, run);
  add_report(*bench, run);
}

}  // namespace sextant::wiring
