// Tests of the operating system's files and of the process helpers.
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "base/sys/clock.h"
#include "base/sys/files.h"
#include "base/sys/process.h"
#include "base/sys/random.h"

namespace sextant {
namespace {

class FilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/sextant_files_XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    directory_ = name;
  }
  void TearDown() override {
    const auto entries = files_.list(directory_);
    for (const auto& entry : *entries) {
      const std::string path = directory_ + "/" + entry.name;
      EXPECT_TRUE((entry.is_directory ? files_.remove_directory(path) : files_.remove(path)).has_value());
    }
    EXPECT_TRUE(files_.remove_directory(directory_).has_value());
  }
  Files& files_ = posix_files();
  std::string directory_;
};

TEST_F(FilesTest, WritesReadsTruncates) {
  const std::string path = directory_ + "/a";
  auto file = files_.open(path, Files::Open::kCreate);
  ASSERT_TRUE(file.has_value());
  EXPECT_EQ(files_.open(path, Files::Open::kCreate).error().code(), ErrorCode::kAlreadyExists);
  ASSERT_TRUE((*file)->preallocate(100).has_value());
  ASSERT_TRUE((*file)->write_at(10, "hello").has_value());
  ASSERT_TRUE((*file)->sync().has_value());
  EXPECT_EQ((*file)->size().value(), 100U);
  char buffer[200];
  EXPECT_EQ((*file)->read_at(8, buffer, 200).value(), 92U);
  EXPECT_EQ(std::string_view(buffer + 2, 5), "hello");
  ASSERT_TRUE((*file)->truncate(12).has_value());
  EXPECT_EQ(read_file(files_, path, 100).value().substr(10), "he");
  EXPECT_EQ(read_file(files_, path, 5).error().code(), ErrorCode::kTooLarge);
}

TEST_F(FilesTest, AtomicReplacementAndListing) {
  const std::string path = directory_ + "/b";
  ASSERT_TRUE(write_file_atomically(files_, path, "one").has_value());
  ASSERT_TRUE(write_file_atomically(files_, path, "two").has_value());
  EXPECT_EQ(read_file(files_, path, 10).value(), "two");
  ASSERT_TRUE(files_.make_directories(directory_ + "/c").has_value());
  const auto entries = files_.list(directory_);
  ASSERT_EQ(entries->size(), 2U);
  EXPECT_EQ((*entries)[0].size, 3U);
  EXPECT_TRUE((*entries)[1].is_directory);
  EXPECT_EQ(files_.open(directory_ + "/none", Files::Open::kRead).error().code(), ErrorCode::kNotFound);
  EXPECT_GT(files_.space(directory_)->total_bytes, 0U);
}

TEST_F(FilesTest, F13_FilesAreOpenedWhenOthersTookAllDescriptors) {
  ASSERT_TRUE(files_.open(directory_ + "/first", Files::Open::kCreate).has_value());  // takes the reserve
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit lower{.rlim_cur = 200, .rlim_max = limit.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &lower), 0);
  std::vector<int> taken;
  for (int fd = dup(0); fd >= 0; fd = dup(0)) taken.push_back(fd);
  ASSERT_EQ(errno, EMFILE);
  for (int round = 0; round < 3; ++round) {
    const auto file = files_.open(directory_ + "/file" + std::to_string(round), Files::Open::kCreate);
    EXPECT_TRUE(file.has_value());
    EXPECT_TRUE(files_.sync_directory(directory_).has_value());
    EXPECT_EQ(files_.list(directory_)->size(), 2U + static_cast<size_t>(round));
  }
  for (const int fd : taken) close(fd);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

TEST_F(FilesTest, ADirectoryIsLockedOnce) {
  auto first = files_.lock_directory(directory_);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(files_.lock_directory(directory_).error().code(), ErrorCode::kFailedPrecondition);
  first->reset();
  EXPECT_TRUE(files_.lock_directory(directory_).has_value());
}

TEST(Process, StopSignalIsTakenByTheWaiter) {
  block_stop_signals();
  ASSERT_EQ(kill(getpid(), SIGTERM), 0);
  EXPECT_EQ(wait_for_stop_signal(), SIGTERM);
  EXPECT_GT(process_use()->resident_bytes, 0U);
  EXPECT_GT(raise_file_limit(), 0U);
}

TEST(Clock, SteadyNeverGoesBack) {
  const SystemClock clock;
  uint64_t before = clock.steady_nanos();
  for (int i = 0; i < 1000; ++i) {
    const uint64_t now = clock.steady_nanos();
    ASSERT_GE(now, before);
    before = now;
  }
  EXPECT_GT(clock.unix_nanos(), 1'600'000'000 * kNanosPerSecond);
}

TEST(Random, SeedDecides) {
  SeededRandom a(7);
  SeededRandom b(7);
  for (int i = 0; i < 100; ++i) ASSERT_EQ(a.next(), b.next());
  EXPECT_NE(system_random(), system_random());
}

}  // namespace
}  // namespace sextant
