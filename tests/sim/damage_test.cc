// A small store with every byte of every file flipped once, and every file cut at every length: it opens, reports, and
// gives what the damage did not hit.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/sim/seeds.h"
#include "tests/support/store_bench.h"

namespace sextant::sim {
namespace {

using testing::KeepingSink;
using testing::PlainSpan;
using testing::StoreBench;

constexpr uint64_t kBatches = 4;
constexpr uint64_t kSpansEach = 3;
constexpr uint64_t kSpans = kBatches * kSpansEach;

/// Files of a store with two batches in a segment of several blocks and two in the log.
class DamagedStore {
 public:
  DamagedStore() {
    StoreBench bench;
    configure(bench);
    bench.open();
    for (uint64_t b = 1; b <= kBatches; ++b) {
      std::vector<PlainSpan> spans;
      for (uint64_t s = 1; s <= kSpansEach; ++s) {
        spans.push_back({.trace = b,
                         .span = b * 10 + s,
                         .parent = s == 1 ? 0ULL : b * 10 + 1,
                         .start = b * 100 + s,
                         .end = b * 100 + 50,
                         .attributes = {{"key", static_cast<int64_t>(s)}}});
      }
      EXPECT_TRUE(bench.stored(spans));
      if (b == kBatches / 2) {
        EXPECT_TRUE(bench.store->seal().has_value());
      }
    }
    EXPECT_TRUE(bench.store->flush_and_close().has_value());
    for (const std::string& path : bench.files.paths()) files_[path] = bench.files.content(path);
  }

  const std::map<std::string, std::string>& files() const { return files_; }

  struct Seen {
    uint64_t spans = 0;
    uint64_t reports = 0;  // of damage or of a torn tail
  };
  /// Opens the store with one file replaced, asks it everything.
  Seen open_with(const std::string& path, const std::string& content) const {
    StoreBench bench;
    configure(bench);
    for (const auto& [name, bytes] : files_) {
      bench.files.set_content(name, name == path ? content : bytes);
      (void)bench.files.make_directories(name.substr(0, name.rfind('/')));
    }
    bench.open();
    if (!bench.store) return {};
    Seen seen;
    std::set<std::string> ids;
    const KeepingSink all = bench.scan({});
    for (const data::Batch& batch : all.batches) {
      for (uint32_t row = 0; row < batch.span_count(); ++row) {
        ++seen.spans;
        EXPECT_TRUE(ids.insert(batch.spans.span_id[row].hex()).second) << "shown twice";
        const uint64_t b = batch.spans.trace_id[row].bytes[15];
        EXPECT_TRUE(b >= 1 && b <= kBatches) << "invented";
      }
    }
    data::ScanSpec spec;
    spec.rows = data::ScanSpec::Rows::kRuns;
    EXPECT_LE(bench.scan(spec).runs.size(), kBatches);
    EXPECT_TRUE(bench.store->names({}).has_value());
    // It goes on working.
    EXPECT_TRUE(bench.stored({{.trace = 99, .span = 99, .start = 1, .end = 2}}));
    EXPECT_EQ(bench.spans_of(99).span_count(), 1U);
    seen.reports = bench.store->status().damages + bench.metrics.counter(Metric::kStoreTornTails).value();
    return seen;
  }

 private:
  static void configure(StoreBench& bench) {
    bench.settings.log_file_bytes = 12'000;
    bench.settings.block_rows = 2;
  }
  std::map<std::string, std::string> files_;
};

TEST(Damage, F05_F06_ABitFlippedInEveryByteOfEveryFile) {
  const DamagedStore store;
  uint64_t flips = 0;
  for (const auto& [path, bytes] : store.files()) {
    // Of a log file the part behind its last record is what an earlier use left, here zeros.
    const size_t end = bytes.find_last_not_of('\0') + 1;
    for (size_t at = 0; at < end; ++at, ++flips) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
      const DamagedStore::Seen seen = store.open_with(path, changed);
      const std::string where = path + " at " + std::to_string(at);
      // A segment loses a block of two rows, the log one batch of three.
      ASSERT_GE(seen.spans, kSpans - (path.ends_with(".segment") ? 2 : kSpansEach)) << where;
      if (seen.spans < kSpans) {
        ASSERT_GT(seen.reports, 0U) << where;
      }
      ASSERT_FALSE(::testing::Test::HasFailure()) << where;
    }
  }
  std::printf("%llu bytes flipped\n", static_cast<unsigned long long>(flips));
}

TEST(Damage, F04_F06_EveryFileCutAtEveryLength) {
  const DamagedStore store;
  uint64_t cuts = 0;
  for (const auto& [path, bytes] : store.files()) {
    const size_t end = std::min(bytes.size(), bytes.find_last_not_of('\0') + 200);
    for (size_t size = 0; size < end; ++size, ++cuts) {
      const DamagedStore::Seen seen = store.open_with(path, bytes.substr(0, size));
      const std::string where = path + " cut to " + std::to_string(size);
      // Everything that lies in other files is there.
      const bool holds_spans = path.find("/default/") != std::string::npos;
      ASSERT_GE(seen.spans, holds_spans ? kSpans / 2 : kSpans) << where;
      // An empty file is what a crash leaves that came while it was made.
      if (seen.spans < kSpans && size > 0) {
        ASSERT_GT(seen.reports, 0U) << where;
      }
      ASSERT_FALSE(::testing::Test::HasFailure()) << where;
    }
  }
  std::printf("%llu cuts\n", static_cast<unsigned long long>(cuts));
}

}  // namespace
}  // namespace sextant::sim
