// A store on a simulated disk with a clock in the hand, for tests: opens, feeds, kills, opens again. Header only, so
// that only tests that use it depend on persist/store.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <vector>

#include "persist/store/store.h"
#include "tests/support/manual_clock.h"
#include "tests/support/sim_files.h"
#include "tests/support/span_maker.h"

namespace sextant::testing {

/// Takes everything a scan gives. Thread-confined.
class KeepingSink final : public data::ScanSink {
 public:
  Next on_spans(data::Batch&& batch) override {
    batches.push_back(std::move(batch));
    return Next::kContinue;
  }
  Next on_run(data::RunSummary&& run) override {
    runs.push_back(std::move(run));
    return Next::kContinue;
  }
  uint64_t span_count() const {
    uint64_t count = 0;
    for (const data::Batch& batch : batches) count += batch.span_count();
    return count;
  }

  std::vector<data::Batch> batches;
  std::vector<data::RunSummary> runs;
};

/// Thread-confined.
class StoreBench {
 public:
  explicit StoreBench(uint64_t seed = 1) : files(seed) {
    settings.data_dir = "/data";
    settings.scheduling = persist::Scheduling::kCaller;
    settings.log_file_bytes = 256 << 10;
    settings.block_rows = 8;
    settings.retention_bytes_max = UINT64_MAX;
  }

  Result<void> try_open() {
    auto opened = persist::Store::open(settings, files, clock, ledger, metrics, log);
    if (!opened) return std::unexpected(opened.error());
    store = std::move(*opened);
    return {};
  }
  void open() {
    const Result<void> opened = try_open();
    ASSERT_TRUE(opened.has_value()) << opened.error().message();
  }

  /// The answer to a batch, after one tick; nothing when there is none yet.
  std::optional<Result<void>> put(const std::vector<PlainSpan>& spans) {
    std::optional<Result<void>> answer;
    store->consume(batch_of(spans), LedgerHold(), [&answer](Result<void> result) { answer = std::move(result); });
    if (settings.scheduling == persist::Scheduling::kCaller) store->tick();
    return answer;
  }
  bool stored(const std::vector<PlainSpan>& spans) {
    const auto answer = put(spans);
    return answer && answer->has_value();
  }

  KeepingSink scan(const data::ScanSpec& spec, data::ScanEnd* end = nullptr) {
    KeepingSink sink;
    const Result<data::ScanEnd> result = store->scan(spec, sink);
    EXPECT_TRUE(result.has_value()) << result.error().message();
    if (result && end != nullptr) *end = *result;
    return sink;
  }
  KeepingSink spans_of(uint64_t trace) {
    data::ScanSpec spec;
    spec.run.trace_ids = {trace_id(trace)};
    return scan(spec);
  }

  void kill() {
    files.kill_process();
    store.reset();
  }
  void lose_power() {
    files.lose_power();
    store.reset();
  }

  SimFiles files;
  ManualClock clock;
  MemoryLedger ledger{256ULL << 20};
  Metrics metrics;
  Log log{clock, metrics, LogLevel::kError};
  persist::StoreSettings settings;
  std::unique_ptr<persist::Store> store;
};

}  // namespace sextant::testing
