// Segments of which a part is not what was written: case F07 of docs/reliability.md. Single bits and cuts are F06, in
// damage_test.cc.
#include <gtest/gtest.h>

#include <cstring>

#include "persist/segment/segment_format.h"
#include "tests/sim/fault_bench.h"
#include "tests/sim/store_files.h"

namespace sextant::sim {
namespace {

/// Two segments of many stripes, with texts, and nothing in the log.
class TwoSegments {
 public:
  explicit TwoSegments(int batches_each) {
    faults_.bench.settings.compact_segments = 100;
    faults_.bench.open();
    for (int segment = 0; segment < 2; ++segment) {
      faults_.send_many(batches_each);
      EXPECT_TRUE(faults_.bench.store->seal().has_value());
    }
    EXPECT_TRUE(faults_.bench.store->flush_and_close().has_value());
    files_ = StoreFiles(faults_.bench.files);
    for (const auto& [path, content] : files_.contents()) {
      if (path.ends_with(".segment")) paths_.push_back(path);
    }
    EXPECT_EQ(paths_.size(), 2U);
  }

  const std::string& path(size_t number) const { return paths_[number]; }
  const std::string& content(size_t number) const { return files_.contents().at(paths_[number]); }

  /// With the first segment changed: nothing is invented or doubled, what is missing is said, the other one is whole.
  void expect_bearable(const std::string& changed, const std::string& what) const {
    FaultBench opened;
    opened.bench.settings.compact_segments = 100;
    files_.lay(opened.bench.files, paths_[0], changed);
    opened.know_of(faults_);
    opened.bench.open();
    const FaultBench::Found found = opened.look();
    const uint64_t all = faults_.sent_count() * FaultBench::kSpansEach;
    EXPECT_GE(found.spans, all / 2) << what;
    if (found.spans < all) {
      EXPECT_GT(found.scan_damages, 0U) << what << ": lost without a word to who asked";
      EXPECT_GT(opened.bench.store->status().damages, 0U) << what << ": lost without a count";
    }
  }

 private:
  FaultBench faults_;
  StoreFiles files_;
  std::vector<std::string> paths_;
};

TEST(Fault, F07_TornPagesAndSectors) {
  const TwoSegments store(60);
  const std::string& mine = store.content(0);
  const std::string& other = store.content(1);
  uint64_t pieces = 0;
  for (const size_t size : {size_t{4096}, size_t{512}}) {
    for (size_t at = 0; at < mine.size(); at += size, ++pieces) {
      const size_t count = std::min(size, mine.size() - at);
      const std::string where = std::to_string(size) + " bytes at " + std::to_string(at);
      std::string zero = mine;
      zero.replace(at, count, count, '\0');
      store.expect_bearable(zero, "zeros, " + where);
      std::string old = mine;
      if (at < other.size()) old.replace(at, std::min(count, other.size() - at), other, at, count);
      store.expect_bearable(old, "another segment's content, " + where);
      ASSERT_FALSE(HasFailure()) << where;
    }
  }
  EXPECT_GT(pieces, 20U);
}

/// A whole piece of the file, right in itself, that was written where another one belongs.
TEST(Fault, F07_PiecesWrittenToAnotherPlace) {
  const TwoSegments store(12);
  const std::string& mine = store.content(0);
  std::vector<size_t> frames;
  for (size_t at = persist::kSegmentHeaderBytes; at + 8 <= mine.size(); at += persist::kFrameAlignment) {
    uint32_t magic = 0;
    std::memcpy(&magic, mine.data() + at, sizeof magic);
    if (magic == persist::kFrameMagic) frames.push_back(at);
  }
  ASSERT_GT(frames.size(), 8U);
  frames.push_back(mine.size() - persist::kSegmentFooterBytes);
  for (size_t from = 0; from + 1 < frames.size(); ++from) {
    const size_t size = frames[from + 1] - frames[from];
    for (size_t to = 0; to + 1 < frames.size(); ++to) {
      if (from == to || frames[to] + size > mine.size()) continue;
      std::string changed = mine;
      changed.replace(frames[to], size, mine, frames[from], size);
      store.expect_bearable(changed, "frame " + std::to_string(from) + " in the place of " + std::to_string(to));
      ASSERT_FALSE(HasFailure()) << from << " to " << to;
    }
  }
}

}  // namespace
}  // namespace sextant::sim
