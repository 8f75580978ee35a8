// What the background's work costs a span: sealing heads, merging the segments; and how large both are.
//
//   bench_background DIR [shape|agent [SPANS [HEAD_SPANS [TEXT_FILE]]]]     DIR is made, and removed at the end
#include <fmt/format.h>
#include <time.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/core/check.h"
#include "data/corpus/corpus.h"
#include "persist/store/store.h"

namespace {

using namespace sextant;

constexpr uint64_t kSpansDefault = 50'000;
constexpr uint64_t kHeadSpansDefault = 8'000;

double cpu_nanos() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// Stands still until it is moved: nothing is idle before. Thread-confined.
class HeldClock final : public Clock {
 public:
  UnixNanos unix_nanos() const override { return 1'767'225'600 * kNanosPerSecond; }
  uint64_t steady_nanos() const override { return steady_; }
  void advance(uint64_t nanos) { steady_ += nanos; }

 private:
  uint64_t steady_ = 1;
};

void line(std::string_view figure, double value, std::string_view unit) {
  fmt::print("{{\"figure\":\"background.{}\",\"value\":{:.1f},\"unit\":\"{}/span\"}}\n", figure, value, unit);
}

/// Work whose costs are summed up. Thread-confined value.
struct Step {
  double nanos = 0;
  template <typename Work>
  void run(Work work) {
    const double begin = cpu_nanos();
    work();
    nanos += cpu_nanos() - begin;
  }
};

void measure(const std::string& dir, const data::CorpusSettings& corpus_settings, uint64_t spans, uint64_t head_spans) {
  HeldClock clock;
  MemoryLedger ledger(1ULL << 30);
  Metrics metrics;
  Log log(clock, metrics, LogLevel::kError);
  persist::StoreSettings settings;
  settings.data_dir = dir;
  settings.scheduling = persist::Scheduling::kCaller;
  settings.durability = persist::Durability::kOff;
  settings.seal_bytes = UINT64_MAX;
  settings.seal_spans = UINT64_MAX;
  auto store = persist::Store::open(settings, posix_files(), clock, ledger, metrics, log);
  CHECK(store);
  const auto corpus = data::make_corpus(corpus_settings);
  Step log_step;
  Step seal_step;
  Step merge_step;
  uint64_t stored = 0;
  for (uint64_t sealed = 0; stored < spans;) {
    data::Batch batch = corpus->next_request();
    stored += batch.span_count();
    log_step.run([&] {
      (*store)->consume(std::move(batch), LedgerHold(), [](Result<void> result) { CHECK(result); });
      (*store)->tick();
    });
    if (stored - sealed < head_spans && stored < spans) continue;
    seal_step.run([&] { CHECK((*store)->seal()); });
    sealed = stored;
  }
  const auto count = static_cast<double>(stored);
  line("log", log_step.nanos / count, "ns");
  line("seal", seal_step.nanos / count, "ns");
  line("sealed", static_cast<double>((*store)->status().segment_bytes) / count, "bytes");
  clock.advance(kNanosPerSecond);
  merge_step.run([&] { (*store)->tick(); });
  line("merge", merge_step.nanos / count, "ns");
  line("merged", static_cast<double>((*store)->status().segment_bytes) / count, "bytes");
  CHECK((*store)->status().segments == 1);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const std::string dir = argv[1];
  const auto number = [&](int index, uint64_t otherwise) {
    return argc > index ? std::strtoull(argv[index], nullptr, 10) : otherwise;
  };
  data::CorpusSettings corpus;
  corpus.kind = argc > 2 && std::string_view(argv[2]) == "shape" ? data::CorpusKind::kShape : data::CorpusKind::kAgent;
  if (argc > 5) {
    std::ifstream file(argv[5], std::ios::binary);
    corpus.text.assign(std::istreambuf_iterator<char>(file), {});
  }
  measure(dir, corpus, number(3, kSpansDefault), number(4, kHeadSpansDefault));
  std::filesystem::remove_all(dir);
  return 0;
}
