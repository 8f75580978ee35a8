// CPU nanoseconds a span of each step that a span goes through, from the bytes of a request to a merged segment: the
// table of docs/adr/017-store-arithmetic.md. One thread, real files, the best of some rounds.
//
//   bench_store_steps [shape|agent [SPANS [ROUNDS [DIRECTORY]]]]
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <map>
#include <numeric>

#include "base/core/check.h"
#include "base/core/hash.h"
#include "base/self/log.h"
#include "base/self/metrics.h"
#include "data/corpus/corpus.h"
#include "data/otlp/traces.h"
#include "persist/format/batch_codec.h"
#include "persist/head/head_batch.h"
#include "persist/head/head_table.h"
#include "persist/store/store.h"
#include "tests/support/manual_clock.h"

namespace {

using namespace sextant;

constexpr uint64_t kShapeSpans = 262'144;
constexpr uint64_t kAgentSpans = 20'000;
constexpr size_t kGroupBatches = 4;  // what four connections give the log at once
constexpr uint64_t kLedgerBytes = 8ULL << 30;

double cpu_nanos() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

struct Requests {
  std::string corpus;
  std::vector<std::string> bodies;
  uint64_t spans = 0;
};

Requests make_requests(const std::string& corpus, uint64_t spans) {
  const auto kind = data::corpus_kind(corpus);
  CHECK(kind.has_value());
  const auto maker = data::make_corpus({.kind = *kind});
  Requests requests{corpus, {}, 0};
  while (requests.spans < spans) {
    const data::Batch batch = maker->next_request();
    std::vector<uint32_t> rows(batch.span_count());
    std::iota(rows.begin(), rows.end(), 0U);
    requests.bodies.push_back(data::encode_traces_protobuf(batch, rows));
    requests.spans += batch.span_count();
  }
  return requests;
}

/// Sums of a round by step; the best of all rounds. Thread-confined.
class Steps {
 public:
  template <typename Work>
  void time(const std::string& step, Work work) {
    const double begin = cpu_nanos();
    work();
    round_[step] += cpu_nanos() - begin;
  }
  void end_round() {
    for (const auto& [step, nanos] : round_) {
      const auto [known, fresh] = best_.try_emplace(step, nanos);
      known->second = std::min(known->second, nanos);
    }
    round_.clear();
  }
  void print(const Requests& requests) const {
    for (const auto& [step, nanos] : best_) {
      fmt::print("{{\"figure\":\"steps.{}.{}\",\"value\":{:.1f},\"unit\":\"ns/span\"}}\n", requests.corpus, step,
                 nanos / static_cast<double>(requests.spans));
    }
  }

 private:
  std::map<std::string, double> round_;
  std::map<std::string, double> best_;
};

data::Batch decode(const std::string& body, LedgerHold& hold, data::DecodeScratch& scratch) {
  auto decoded = data::decode_traces_protobuf(body, {.hold = &hold, .scratch = &scratch});
  CHECK(decoded.has_value());
  return std::move(decoded->batch);
}

/// What Store::consume() and the commit do, one by one. Everything is kept as long as a head would keep it.
void run_parts(const Requests& requests, Steps& steps) {
  MemoryLedger ledger(kLedgerBytes);
  data::DecodeScratch scratch;
  std::string payload;
  uint64_t sequence = 0;
  uint32_t checksums = 0;
  persist::HeadTable table;
  for (const std::string& body : requests.bodies) {
    LedgerHold hold = ledger.open();
    data::Batch batch = decode(body, hold, scratch);
    std::shared_ptr<persist::HeadBatch> head;
    steps.time("2_group", [&] { head = persist::make_head_batch(std::move(batch), std::move(hold)); });
    payload.clear();
    steps.time("3_encode", [&] { persist::encode_batch(head->batch, payload); });
    steps.time("4_checksum", [&] { checksums ^= crc32c(payload); });
    head->sequence = ++sequence;
    steps.time("5_append", [&] { table.append(head); });
  }
  CHECK(checksums != 1);
}

/// The whole way through a store.
void run_store(const Requests& requests, const std::string& directory, Steps& steps) {
  std::filesystem::remove_all(directory);
  MemoryLedger ledger(kLedgerBytes);
  testing::ManualClock clock;
  Metrics metrics;
  Log log(clock, metrics, LogLevel::kError);
  persist::StoreSettings settings;
  const uint64_t head_spans = std::min(settings.seal_spans, requests.spans / 2);  // something must be left to merge
  const uint64_t head_bytes = settings.seal_bytes;
  settings.data_dir = directory;
  settings.scheduling = persist::Scheduling::kCaller;
  settings.seal_spans = settings.seal_bytes = UINT64_MAX;  // sealing is asked for, so that it can be timed
  auto store = persist::Store::open(settings, posix_files(), clock, ledger, metrics, log);
  CHECK(store.has_value());
  data::DecodeScratch scratch;
  size_t waiting = 0;
  const auto commit = [&] {
    steps.time("6_commit", [&] { (*store)->tick(); });
    waiting = 0;
    const persist::StoreStatus now = (*store)->status();
    if (now.head_spans >= head_spans || now.head_bytes >= head_bytes) {
      steps.time("7_seal", [&] { CHECK((*store)->seal().has_value()); });
    }
  };
  for (const std::string& body : requests.bodies) {
    LedgerHold hold = ledger.open();
    data::Batch batch;
    steps.time("1_decode", [&] { batch = decode(body, hold, scratch); });
    steps.time("2to4_consume", [&] {
      (*store)->consume(std::move(batch), std::move(hold), [](Result<void> done) { CHECK(done.has_value()); });
    });
    if (++waiting == kGroupBatches) commit();
  }
  commit();
  steps.time("7_seal", [&] { CHECK((*store)->seal().has_value()); });
  clock.advance(2 * settings.compact_idle_nanos);
  steps.time("8_merge", [&] { (*store)->tick(); });
  CHECK((*store)->flush_and_close().has_value());
}

}  // namespace

int main(int argc, char** argv) {
  const std::string corpus = argc > 1 ? argv[1] : "shape";
  const uint64_t spans =
      argc > 2 ? std::strtoull(argv[2], nullptr, 10) : (corpus == "agent" ? kAgentSpans : kShapeSpans);
  const uint64_t rounds = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 5;
  const std::string directory = argc > 4 ? argv[4] : "/tmp/sextant_store_steps";
  const Requests requests = make_requests(corpus, spans);
  Steps steps;
  for (uint64_t round = 0; round < rounds; ++round) {
    run_parts(requests, steps);
    run_store(requests, directory, steps);
    steps.end_round();
  }
  steps.print(requests);
  std::filesystem::remove_all(directory);
  return 0;
}
