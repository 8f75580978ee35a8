// Damage to the log: cases F04 and F05 of docs/reliability.md.
#include <gtest/gtest.h>

#include <algorithm>

#include "persist/wal/log_reader.h"
#include "tests/sim/fault_bench.h"
#include "tests/sim/store_files.h"

namespace sextant::sim {
namespace {

constexpr uint64_t kFlips = 10'000;

/// A store whose batches all lie in its log, and where.
struct LoggedStore {
  explicit LoggedStore(int batches, uint64_t log_file_bytes) {
    faults.bench.settings.log_file_bytes = log_file_bytes;
    faults.bench.open();
    faults.send_many(batches);
    EXPECT_TRUE(faults.bench.store->flush_and_close().has_value());
    files = StoreFiles(faults.bench.files);
    for (const auto& [path, content] : files.contents()) {
      if (path.ends_with(".log")) logs.push_back(path);
    }
  }

  /// The store opened with one file changed.
  void open(FaultBench& opened, const std::string& path, const std::string& content) const {
    opened.bench.settings.log_file_bytes = faults.bench.settings.log_file_bytes;
    files.lay(opened.bench.files, path, content);
    opened.know_of(faults);
    opened.bench.open();
  }

  FaultBench faults;
  StoreFiles files;
  std::vector<std::string> logs;
};

/// Where each record of a log file begins, and where its payload ends.
std::vector<std::pair<size_t, size_t>> records_of(testing::SimFiles& files, const std::string& path) {
  std::vector<std::pair<size_t, size_t>> records;
  const auto visit = [&](const persist::LogRecordHeader& record, uint64_t offset, std::string_view) -> Result<void> {
    records.emplace_back(offset, offset + persist::kLogRecordHeaderBytes + record.payload_bytes);
    return {};
  };
  const auto file = files.open(path, Files::Open::kRead);
  EXPECT_TRUE(persist::scan_log(**file, visit).has_value());
  return records;
}

TEST(Fault, F04_TheLogCutAtEveryByte) {
  LoggedStore store(9, 24'000);
  ASSERT_EQ(store.logs.size(), 1U);
  const std::string path = store.logs.front();
  const std::string whole = store.files.contents().at(path);
  const auto records = records_of(store.faults.bench.files, path);
  ASSERT_EQ(records.size(), 9U);
  const size_t used = StoreFiles::used_bytes(whole);
  for (size_t cut = persist::kLogDataOffset; cut < used; ++cut) {
    // What a crash leaves has its full size, with nothing behind the cut; what a person cut is shorter too.
    for (const bool shorter : {false, true}) {
      std::string content = whole.substr(0, cut);
      if (!shorter) content.resize(whole.size());
      const auto is_whole = [&](const std::pair<size_t, size_t>& record) {
        return content.size() >= record.second && content.compare(0, record.second, whole, 0, record.second) == 0;
      };
      const auto expected = static_cast<size_t>(std::ranges::count_if(records, is_whole));
      FaultBench opened;
      store.open(opened, path, content);
      const FaultBench::Found found = opened.look();
      ASSERT_EQ(found.traces.size(), expected) << "cut at " << cut;
      ASSERT_EQ(found.spans, expected * FaultBench::kSpansEach) << "cut at " << cut;
      ASSERT_EQ(opened.torn_tails(), 1U) << "cut at " << cut;
      ASSERT_EQ(opened.bench.store->status().damages, shorter ? 1U : 0U) << "cut at " << cut;
      ASSERT_TRUE(opened.send()) << "cut at " << cut;
      ASSERT_EQ(opened.look().traces.size(), expected + 1) << "cut at " << cut;
      ASSERT_FALSE(::testing::Test::HasFailure()) << "cut at " << cut;
    }
  }
}

TEST(Fault, F05_ABitFlippedAtTenThousandPlacesOfTheLog) {
  const LoggedStore store(16, 12'000);
  ASSERT_GT(store.logs.size(), 2U);
  SeededRandom random(5);
  uint64_t lost = 0;
  for (uint64_t flip = 0; flip < kFlips; ++flip) {
    const std::string& path = store.logs[random.below(store.logs.size())];
    std::string content = store.files.contents().at(path);
    const size_t at = random.below(StoreFiles::used_bytes(content));
    content[at] = static_cast<char>(content[at] ^ (1 << random.below(8)));
    FaultBench opened;
    store.open(opened, path, content);
    const FaultBench::Found found = opened.look();
    ASSERT_GE(found.traces.size() + 1, store.faults.sent_count()) << path << " at " << at;
    if (found.traces.size() < store.faults.sent_count()) {
      ASSERT_GT(opened.reports(), 0U) << path << " at " << at << ": lost without a word";
      ++lost;
    }
    ASSERT_FALSE(::testing::Test::HasFailure()) << path << " at " << at;
  }
  std::printf("%llu flips, %llu of them cost a batch\n", static_cast<unsigned long long>(kFlips),
              static_cast<unsigned long long>(lost));
}

}  // namespace
}  // namespace sextant::sim
