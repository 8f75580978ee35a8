// Tests of the log: what is written is read, also past torn tails, damage, reuse and a disk that refuses.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/core/hash.h"
#include "persist/wal/log_writer.h"
#include "tests/support/manual_clock.h"
#include "tests/support/sim_files.h"

namespace sextant::persist {
namespace {

using testing::SimFiles;

constexpr uint64_t kFileBytes = 64 << 10;

std::string payload(uint64_t sequence, size_t bytes = 50) {
  return std::string(bytes, static_cast<char>('a' + sequence % 26)) + std::to_string(sequence);
}

class LogTest : public ::testing::Test {
 protected:
  LogTest() : files_(7) {
    EXPECT_TRUE(files_.make_directories("/log").has_value());
    renew();
  }
  void renew() { writer_ = std::make_unique<LogWriter>(LogWriterSettings{"/log", kFileBytes, 2, 9}, files_, clock_); }

  Result<void> write(std::vector<uint64_t> sequences, size_t bytes = 50) {
    std::vector<std::string> payloads;
    for (const uint64_t sequence : sequences) payloads.push_back(payload(sequence, bytes));
    std::vector<LogEntry> entries;
    for (size_t i = 0; i < sequences.size(); ++i) {
      entries.push_back({sequences[i], 1000 + sequences[i], crc32c(payloads[i]), payloads[i]});
    }
    TRY(writer_->write(entries));
    return writer_->sync();
  }

  /// Sequences read back from all files, in order of generation; checks each payload.
  std::vector<uint64_t> read(std::vector<std::string>* damages = nullptr) {
    std::map<uint64_t, std::string> by_generation;
    for (const std::string& path : files_.paths()) {
      auto file = files_.open(path, Files::Open::kRead);
      std::vector<std::string> ignored;
      const auto header = read_log_header(**file, ignored);
      if (header) by_generation[header->generation] = path;
    }
    std::vector<uint64_t> sequences;
    for (const auto& [generation, path] : by_generation) {
      auto file = files_.open(path, Files::Open::kRead);
      const auto scan = scan_log(**file, [&](const LogRecordHeader& record, uint64_t, std::string_view bytes) {
        EXPECT_EQ(bytes.substr(0, 20), payload(record.sequence).substr(0, 20));
        EXPECT_EQ(record.arrival_unix_nanos, 1000 + record.sequence);
        sequences.push_back(record.sequence);
        return Result<void>{};
      });
      EXPECT_TRUE(scan.has_value());
      if (damages != nullptr && scan) {
        damages->insert(damages->end(), scan->damages.begin(), scan->damages.end());
        if (!scan->torn.empty()) damages->push_back("torn: " + scan->torn);
      }
    }
    return sequences;
  }

  SimFiles files_;
  testing::ManualClock clock_;
  std::unique_ptr<LogWriter> writer_;
};

std::vector<uint64_t> up_to(uint64_t last) {
  std::vector<uint64_t> out;
  for (uint64_t i = 1; i <= last; ++i) out.push_back(i);
  return out;
}

TEST_F(LogTest, ReadsBackOverManyFiles) {
  for (uint64_t i = 1; i <= 40; ++i) ASSERT_TRUE(write({i}, 5000).has_value());
  EXPECT_EQ(read(), up_to(40));
  EXPECT_GT(writer_->file_count(), 3U);
}

TEST_F(LogTest, ARecordLargerThanAFileGetsAFileOfItsOwn) {
  ASSERT_TRUE(write({1}, 3 * kFileBytes).has_value());
  ASSERT_TRUE(write({2}).has_value());
  EXPECT_EQ(read(), up_to(2));
  writer_->release(2);
  EXPECT_LE(writer_->file_bytes(), 2 * kFileBytes);
}

TEST_F(LogTest, FilesAreUsedAgainAndTheirOldRecordsNeverSeen) {
  for (uint64_t i = 1; i <= 200; ++i) {
    ASSERT_TRUE(write({i}, 5000).has_value());
    if (i % 20 == 0) writer_->release(i);
  }
  EXPECT_LE(files_.paths().size(), 4U);
  ASSERT_TRUE(write({201}).has_value());
  std::vector<std::string> damages;
  const auto sequences = read(&damages);
  EXPECT_EQ(sequences.back(), 201U);
  EXPECT_TRUE(damages.empty()) << damages.front();
}

TEST_F(LogTest, TruncationAtEveryLengthKeepsWhatLiesBefore) {
  std::vector<uint64_t> ends;
  for (uint64_t i = 1; i <= 5; ++i) {
    ASSERT_TRUE(write({i}).has_value());
    ends.push_back(kLogDataOffset + i * LogRecordHeader{.payload_bytes = payload(i).size()}.total_bytes());
  }
  const std::string path = files_.paths().front();
  const std::string whole = files_.content(path).substr(0, ends.back() + 2 * kLogRecordHeaderBytes);
  for (size_t size = kLogDataOffset - 80; size <= whole.size(); ++size) {
    files_.set_content(path, whole.substr(0, size));
    std::vector<std::string> damages;
    const auto sequences = read(&damages);
    const auto expected =
        static_cast<size_t>(std::ranges::count_if(ends, [&](uint64_t end) { return end <= size + 7; }));
    ASSERT_GE(sequences.size() + 1, expected) << size;
    ASSERT_LE(sequences.size(), expected) << size;
    ASSERT_FALSE(damages.empty()) << size;
  }
}

TEST_F(LogTest, ABitFlippedInEveryByteLosesAtMostOneRecordAndIsReported) {
  for (uint64_t i = 1; i <= 4; ++i) ASSERT_TRUE(write({i}).has_value());
  const std::string path = files_.paths().front();
  const std::string whole = files_.content(path);
  const uint64_t end = kLogDataOffset + 4 * LogRecordHeader{.payload_bytes = payload(1).size()}.total_bytes();
  for (uint64_t at = 0; at < end; ++at) {
    // Between the two copies of the header nothing is written.
    if (at >= kLogHeaderBytes && at < 4096) continue;
    if (at >= 4096 + kLogHeaderBytes && at < kLogDataOffset) continue;
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
    files_.set_content(path, changed);
    std::vector<std::string> damages;
    const auto sequences = read(&damages);
    ASSERT_GE(sequences.size(), 3U) << at;
    // Padding behind a payload is covered by no checksum and means nothing.
    if (sequences.size() == 4 && at >= kLogDataOffset) continue;
    ASSERT_FALSE(damages.empty()) << at;
  }
}

TEST_F(LogTest, ATornTailIsNoDamageAndIsWrittenOver) {
  ASSERT_TRUE(write({1, 2}).has_value());
  const std::string path = files_.paths().front();
  std::string bytes = files_.content(path);
  const uint64_t second = kLogDataOffset + LogRecordHeader{.payload_bytes = payload(1).size()}.total_bytes();
  bytes.replace(second + 70, 40, std::string(40, '\0'));
  files_.set_content(path, bytes);
  renew();
  auto file = files_.open(path, Files::Open::kReadWrite);
  const auto scan = scan_log(**file, [](const auto&, uint64_t, std::string_view) { return Result<void>{}; });
  ASSERT_TRUE(scan.has_value());
  EXPECT_TRUE(scan->damages.empty());
  EXPECT_FALSE(scan->torn.empty());
  writer_->adopt(1, std::move(*file), *scan, 0);
  ASSERT_TRUE(write({2}).has_value());
  ASSERT_TRUE(write({3}).has_value());
  std::vector<std::string> damages;
  EXPECT_EQ(read(&damages), up_to(3));
  EXPECT_TRUE(damages.empty());
}

TEST_F(LogTest, AHeaderThatWasNotFinishedIsNoDamageWhereAllIsSealed) {
  ASSERT_TRUE(write({1, 2, 3}).has_value());
  const std::string path = files_.paths().front();
  std::string bytes = files_.content(path);
  bytes[20] ^= 1;
  files_.set_content(path, bytes);
  const auto scanned = [&](uint64_t needed_after) {
    const auto file = files_.open(path, Files::Open::kRead);
    auto scan = scan_log(
        **file, [](const LogRecordHeader&, uint64_t, std::string_view) { return Result<void>(); }, needed_after);
    EXPECT_TRUE(scan.has_value());
    EXPECT_EQ(scan->records, 3U);
    return std::move(*scan);
  };
  EXPECT_EQ(scanned(0).damages.size(), 1U);
  EXPECT_EQ(scanned(2).damages.size(), 1U);
  EXPECT_EQ(scanned(3).damages.size(), 0U);
  EXPECT_FALSE(scanned(3).torn.empty());
}

TEST_F(LogTest, AfterAFailureNothingIsWrittenToThatFileAgain) {
  for (const auto fault : {SimFiles::Fault::kWrite, SimFiles::Fault::kSync}) {
    const uint64_t next = read().size() + 1;
    ASSERT_TRUE(write({next}).has_value());
    files_.fail(fault, 1, ErrorCode::kIo);
    EXPECT_FALSE(write({next + 1}).has_value());
    const size_t files = files_.paths().size();
    ASSERT_TRUE(write({next + 2}).has_value());
    EXPECT_EQ(files_.paths().size(), files + 1);
    files_.lose_power();
    const auto sequences = read();
    EXPECT_EQ(sequences.back(), next + 2);
    renew();
    for (const std::string& path : files_.paths()) ASSERT_TRUE(files_.remove(path).has_value());
  }
}

TEST_F(LogTest, WithoutSpaceNothingOfTheGroupIsWritten) {
  ASSERT_TRUE(write({1}).has_value());
  files_.set_capacity(kFileBytes + 100);
  const Result<void> full = write({2, 3}, 40'000);
  ASSERT_FALSE(full.has_value());
  EXPECT_EQ(full.error().code(), ErrorCode::kDiskFull);
  EXPECT_EQ(read(), up_to(1));
  files_.set_capacity(UINT64_MAX);
  ASSERT_TRUE(write({4, 5}, 40'000).has_value());
  EXPECT_EQ(read(), (std::vector<uint64_t>{1, 4, 5}));
}

TEST(LogNames, AreNumbers) {
  EXPECT_EQ(log_file_name(12), "00000012.log");
  EXPECT_EQ(log_file_number("00000012.log"), 12U);
  EXPECT_FALSE(log_file_number("12.log").has_value());
  EXPECT_FALSE(log_file_number("0000001x.log").has_value());
  EXPECT_FALSE(log_file_number("00000012.log.damaged").has_value());
}

}  // namespace
}  // namespace sextant::persist
