// What every benchmark of the server is told: which corpus, and how the server that is measured is started.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/core/result.h"
#include "base/sys/files.h"
#include "data/corpus/corpus.h"
#include "wiring/bench/served.h"

namespace sextant::wiring {

struct BenchSettings {
  std::string corpus = "shape";
  uint64_t spans = 1'000'000;
  uint64_t seed = 1;
  uint32_t connections = 4;
  std::string durability = "sync";
  std::string text_file;             // agent: prose from this file
  std::string program;               // of the server to start; empty: this one
  std::string work_dir = "/tmp";     // where the server's data directory is made
  std::optional<uint32_t> own_core;  // the generator is confined to it
};

/// How long a server may take to have nothing left to do.
inline constexpr uint64_t kSettleTimeoutMs = 180'000;

Result<data::CorpusSettings> corpus_settings(const BenchSettings& settings, Files& files);
/// A data directory of its own.
Result<ServedSettings> served_settings(const BenchSettings& settings);

}  // namespace sextant::wiring
