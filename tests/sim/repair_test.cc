// Stores that were damaged and mended: they open without a word of damage, hold every span that could be read before,
// and what was damaged is kept.
#include "persist/repair/repair.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/core/hash.h"
#include "tests/sim/fault_bench.h"
#include "tests/sim/store_files.h"

namespace sextant::sim {
namespace {

using persist::repair_store;
using persist::RepairMode;
using persist::RepairReport;

/// Changes tried of each file; all of them where it has fewer bytes.
constexpr size_t kChangesEach = 200;

Result<RepairReport> mend(testing::SimFiles& files, RepairMode mode = RepairMode::kMend) {
  return repair_store(files, "/data", mode, [](std::string_view) {});
}

/// Half of its traces in a segment of many stripes, half in the log; of each, one that was deleted.
class Original {
 public:
  Original() {
    faults_.bench.settings.block_rows = 4;
    faults_.bench.open();
    faults_.send_many(5);
    EXPECT_TRUE(faults_.bench.store->seal().has_value());
    faults_.send_many(5);
    for (const uint64_t trace : {2, 7}) {
      EXPECT_TRUE(faults_.bench.store->erase_trace(testing::trace_id(trace)).has_value());
    }
    EXPECT_TRUE(faults_.bench.store->flush_and_close().has_value());
    files_ = StoreFiles(faults_.bench.files);
  }

  const StoreFiles& files() const { return files_; }

  FaultBench::Found look(FaultBench& opened) const {
    opened.bench.settings.block_rows = 4;
    opened.know_of(faults_);
    opened.bench.open();
    return opened.look();
  }

  /// Opens the damaged store as it is, and another one mended.
  void expect_mended(const std::string& path, const std::string& content, const std::string& what) const {
    FaultBench damaged;
    files_.lay(damaged.bench.files, path, content);
    const FaultBench::Found before = look(damaged);
    FaultBench mended;
    files_.lay(mended.bench.files, path, content);
    const auto report = mend(mended.bench.files);
    ASSERT_TRUE(report.has_value()) << what << ": " << report.error().message();
    const auto again = mend(mended.bench.files, RepairMode::kLookOnly);
    ASSERT_TRUE(again.has_value());
    ASSERT_EQ(again->files_damaged, 0U) << what << ": still damaged";
    const FaultBench::Found after = look(mended);
    ASSERT_EQ(mended.reports(), 0U) << what;
    ASSERT_EQ(after.scan_damages, 0U) << what;
    ASSERT_TRUE(std::ranges::includes(after.numbers, before.numbers))
        << what << ": " << before.spans << " spans before, " << after.spans << " after";
    if (report->files_damaged > 0 && path != "/data/default/sealed") expect_kept(mended.bench.files, content, what);
    ASSERT_TRUE(mended.send()) << what;
    ASSERT_FALSE(::testing::Test::HasFailure()) << what;
  }

 private:
  /// What was damaged is there under another name.
  static void expect_kept(const testing::SimFiles& files, const std::string& content, const std::string& what) {
    const auto is_kept = [&](const std::string& path) {
      return path.ends_with(".damaged") && files.content(path) == content;
    };
    EXPECT_TRUE(std::ranges::any_of(files.paths(), is_kept)) << what;
  }

  FaultBench faults_;
  StoreFiles files_;
};

TEST(Repair, AfterABitFlippedAnywhere) {
  const Original original;
  for (const auto& [path, bytes] : original.files().contents()) {
    const size_t used = StoreFiles::used_bytes(bytes);
    const size_t step = std::max<size_t>(1, used / kChangesEach);
    for (size_t at = 0; at < used; at += step) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ (1 << (at / step % 8)));
      original.expect_mended(path, changed, path + " flipped at " + std::to_string(at));
      ASSERT_FALSE(HasFailure());
    }
  }
}

TEST(Repair, AfterACutAnywhere) {
  const Original original;
  for (const auto& [path, bytes] : original.files().contents()) {
    const size_t used = std::min(bytes.size(), StoreFiles::used_bytes(bytes) + 100);
    const size_t step = std::max<size_t>(1, used / kChangesEach);
    for (size_t size = 0; size < used; size += step) {
      original.expect_mended(path, bytes.substr(0, size), path + " cut to " + std::to_string(size));
      ASSERT_FALSE(HasFailure());
    }
  }
}

/// Stretches of zeros, as a torn page leaves them: more than one thing is damaged at once.
TEST(Repair, AfterAStretchOfZerosAnywhere) {
  const Original original;
  for (const auto& [path, bytes] : original.files().contents()) {
    for (size_t at = 0; at < StoreFiles::used_bytes(bytes); at += 128) {
      std::string changed = bytes;
      const size_t count = std::min<size_t>(512, changed.size() - at);
      changed.replace(at, count, count, '\0');
      original.expect_mended(path, changed, path + " zeros at " + std::to_string(at));
      ASSERT_FALSE(HasFailure());
    }
  }
}

std::string segment_path(const StoreFiles& files) {
  for (const auto& [path, bytes] : files.contents()) {
    if (path.ends_with(".segment")) return path;
  }
  return {};
}

TEST(Repair, EndedAtEveryChangeItMakesLosesNothing) {
  const Original original;
  const std::string path = segment_path(original.files());
  std::string changed = original.files().contents().at(path);
  changed[300] = static_cast<char>(changed[300] ^ 1);
  FaultBench damaged;
  original.files().lay(damaged.bench.files, path, changed);
  const FaultBench::Found before = original.look(damaged);
  for (uint64_t nth = 1;; ++nth) {
    FaultBench mended;
    original.files().lay(mended.bench.files, path, changed);
    mended.bench.files.fail(testing::SimFiles::Fault::kChange, nth, ErrorCode::kIo, true);
    const auto first = mend(mended.bench.files);
    const bool met = mended.bench.files.fault_was_met();
    ASSERT_EQ(first.has_value(), !met);
    mended.bench.files.lose_power();
    mended.bench.files.heal();
    ASSERT_TRUE(mend(mended.bench.files).has_value());
    const FaultBench::Found after = original.look(mended);
    ASSERT_EQ(mended.reports(), 0U) << "ended at change " << nth;
    ASSERT_EQ(after.numbers, before.numbers) << "ended at change " << nth;
    if (!met) {
      EXPECT_GT(nth, 6U);
      return;
    }
  }
}

TEST(Repair, LookingChangesNothing) {
  const Original original;
  const std::string path = segment_path(original.files());
  const std::string changed = original.files().contents().at(path).substr(0, 700);
  FaultBench damaged;
  original.files().lay(damaged.bench.files, path, changed);
  const auto report = mend(damaged.bench.files, RepairMode::kLookOnly);
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->files_damaged, 1U);
  EXPECT_EQ(damaged.bench.files.content(path), changed);
  EXPECT_EQ(damaged.bench.files.paths().size(), original.files().contents().size());
}

/// Inputs of a merge that are still there hold what the merged segment lost: mending it must not make them go.
TEST(Repair, AMendedSegmentDoesNotReplaceWhatItWasMergedFrom) {
  FaultBench faults;
  testing::StoreBench& bench = faults.bench;
  bench.settings.compact_segments = 2;
  bench.open();
  faults.send_many(4);
  ASSERT_TRUE(bench.store->seal().has_value());
  faults.send_many(4);
  ASSERT_TRUE(bench.store->seal().has_value());
  const StoreFiles inputs(bench.files);
  bench.store->tick();
  ASSERT_EQ(bench.store->status().segments, 1U);
  bench.kill();
  const StoreFiles merged(bench.files);
  inputs.lay(bench.files);
  std::string content = merged.contents().at(segment_path(merged));
  content[200] = static_cast<char>(content[200] ^ 1);  // a stripe
  bench.files.set_content(segment_path(merged), content);
  ASSERT_TRUE(mend(bench.files).has_value());
  bench.open();
  faults.check();
}

TEST(Repair, RefusesWhatItMustNotTouch) {
  FaultBench faults;
  testing::StoreBench& bench = faults.bench;
  EXPECT_EQ(mend(bench.files).error().code(), ErrorCode::kInvalidArgument) << "no store";
  // What has a folder of that name, as many a directory does, is none either, and nothing is written into it.
  ASSERT_TRUE(bench.files.make_directories("/data/default").has_value());
  EXPECT_EQ(mend(bench.files).error().code(), ErrorCode::kInvalidArgument) << "a folder named default";
  EXPECT_FALSE(bench.files.exists("/data/FORMAT").value());
  bench.open();
  EXPECT_EQ(mend(bench.files).error().code(), ErrorCode::kFailedPrecondition) << "a server has it";
  bench.kill();
  EXPECT_TRUE(mend(bench.files).has_value());
  const std::string line = "sextant store, format 7\n";
  bench.files.set_content("/data/FORMAT", fmt::format("{}checksum {:08x}\n", line, crc32c(line)));
  const auto other = mend(bench.files);
  EXPECT_EQ(other.error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_NE(other.error().message().find("format 7"), std::string::npos);
}

}  // namespace
}  // namespace sextant::sim
