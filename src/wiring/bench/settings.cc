#include "wiring/bench/settings.h"

#include "base/sys/random.h"

namespace sextant::wiring {
namespace {

constexpr uint64_t kTextBytesMax = 1ULL << 30;

}  // namespace

Result<data::CorpusSettings> corpus_settings(const BenchSettings& settings, Files& files) {
  data::CorpusSettings corpus;
  corpus.kind = TRY(data::corpus_kind(settings.corpus));
  corpus.seed = settings.seed;
  if (!settings.text_file.empty()) corpus.text = TRY(read_file(files, settings.text_file, kTextBytesMax));
  return corpus;
}

Result<ServedSettings> served_settings(const BenchSettings& settings) {
  ServedSettings served;
  served.program = settings.program.empty() ? TRY(own_program()) : settings.program;
  served.data_dir = fmt::format("{}/sextant-bench-{:016x}", settings.work_dir, system_random());
  served.durability = settings.durability;
  return served;
}

}  // namespace sextant::wiring
