// `sextant bench ingest`: what it measures and how a run goes.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/sys/files.h"
#include "wiring/bench/figures.h"

namespace sextant::wiring {

struct IngestBenchSettings {
  std::string corpus = "shape";
  uint64_t spans = 1'000'000;
  uint64_t seed = 1;
  uint32_t connections = 4;
  std::string durability = "sync";
  std::string text_file;             // agent: prose from this file
  std::string program;               // of the server to start; empty: this one
  std::string work_dir = "/tmp";     // where the server's data directory is made
  std::optional<uint32_t> own_core;  // the generator is confined to it
  bool floor = false;                // compare the disk with zstd -19 --long=27
  std::string target;                // send there instead of starting a server
  std::string duration;              // load for so long, made while it runs, instead of `spans` prepared
  std::string report_to_prometheus;  // push the result there (Pushgateway)
};

/// Runs it; prints figures on standard output, one JSON line each, and problems on standard error. Returns the exit
/// code: 0, or 1 when a request failed, the server could not be started or the report could not be delivered.
int run_ingest_bench(const IngestBenchSettings& settings, Files& files);

}  // namespace sextant::wiring
