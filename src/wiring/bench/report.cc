#include "wiring/bench/report.h"

#include <cstdio>
#include <thread>

#include "wiring/bench/ingest.h"
#include "wiring/bench/query.h"
#include "wiring/bench/targets.h"

namespace sextant::wiring {
namespace {

/// Thread-confined.
class Report {
 public:
  Report(const ReportSettings& settings, Files& files) : settings_(settings), files_(files) {}

  void ingest(const std::string& corpus, uint64_t spans) {
    IngestBenchSettings bench;
    static_cast<BenchSettings&>(bench) = for_corpus(corpus, spans);
    bench.floor = corpus == "agent";  // its target is a multiple of it
    take([&] { return measure_ingest(bench, files_); });
  }
  void query(const std::string& corpus, uint64_t spans) {
    QueryBenchSettings bench;
    static_cast<BenchSettings&>(bench) = for_corpus(corpus, spans);
    bench.under_load = settings_.under_load;
    take([&] { return measure_query(bench, files_); });
  }
  bool finish() const {
    fmt::print("\n{}", report_table(measured_));
    return good_;
  }

 private:
  BenchSettings for_corpus(const std::string& corpus, uint64_t spans) const {
    BenchSettings bench = settings_.bench;
    bench.corpus = corpus;
    bench.spans = spans;
    return bench;
  }
  /// On a thread of its own: a benchmark may confine its thread to a core, and servers started later would be too.
  template <typename Measure>
  void take(const Measure& measure) {
    Result<Measured> measured = Measured{};
    std::jthread([&] { measured = measure(); }).join();
    if (!measured) {
      fmt::print(stderr, "sextant bench: {}\n", measured.error().message());
      good_ = false;
      return;
    }
    print_figures(*measured);
    std::fflush(stdout);  // a report takes minutes; what is known is shown
    good_ &= measured->good;
    measured_.push_back(*std::move(measured));
  }

  const ReportSettings& settings_;
  Files& files_;
  std::vector<Measured> measured_;
  bool good_ = true;
};

}  // namespace

int run_report(const ReportSettings& settings, Files& files) {
  Report report(settings, files);
  // Questions first: the ingest figures of an idle start are then those of servers that did nothing else.
  report.query("shape", settings.shape_spans);
  report.query("agent", settings.agent_spans);
  report.ingest("shape", settings.shape_spans);
  report.ingest("agent", settings.agent_spans);
  return report.finish() ? 0 : 1;
}

}  // namespace sextant::wiring
