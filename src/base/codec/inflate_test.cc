#include "base/codec/inflate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/sys/random.h"
#include "tests/support/net/compress.h"

namespace sextant {
namespace {

using namespace sextant::testing;
using ::testing::HasSubstr;

constexpr uint64_t kBytesMax = 1 << 20;
constexpr uint64_t kLedgerBytes = 64 << 20;

std::string sample(size_t size) {
  SeededRandom random(size + 1);
  std::string text(size, ' ');
  for (char& c : text) c = static_cast<char>('a' + random.below(5));
  return text;
}

class InflateTest : public ::testing::Test {
 protected:
  Result<void> run(Coding coding, std::string_view bytes, uint64_t bytes_max = kBytesMax) {
    return inflate(coding, bytes, bytes_max, output_, hold_);
  }
  ErrorCode code_of(Coding coding, std::string_view bytes) {
    const auto done = run(coding, bytes);
    EXPECT_FALSE(done);
    EXPECT_EQ(output_, "");
    return done ? ErrorCode::kInternal : done.error().code();
  }

  MemoryLedger ledger_{kLedgerBytes};
  LedgerHold hold_ = ledger_.open();
  std::string output_;
};

TEST_F(InflateTest, EveryCodingAndSizeComesBack) {
  for (const size_t size : {0UL, 1UL, 1000UL, 65536UL, 65537UL, kBytesMax}) {
    const std::string text = sample(size);
    const std::vector<std::pair<Coding, std::string>> packed = {
        {Coding::kGzip, gzip(text)},
        {Coding::kDeflate, compress_zlib(ZlibFormat::kZlib, text)},
        {Coding::kDeflate, compress_zlib(ZlibFormat::kRawDeflate, text)},
        {Coding::kZstd, zstd(text)},
        {Coding::kZstd, zstd(text, 20)}};
    for (const auto& [coding, bytes] : packed) {
      const auto done = run(coding, bytes);
      ASSERT_TRUE(done) << size << ": " << done.error().message();
      EXPECT_TRUE(output_ == text) << size;
      EXPECT_EQ(hold_.bytes(), output_.capacity());
    }
  }
}

TEST_F(InflateTest, StopsAtTheLimit) {
  for (const uint64_t limit : {0UL, 1UL, 65535UL, 65536UL, 100'000UL}) {
    const std::string text = sample(limit + 1);
    for (const auto& [coding, bytes] : {std::pair{Coding::kGzip, gzip(text)}, std::pair{Coding::kZstd, zstd(text)},
                                        std::pair{Coding::kDeflate, compress_zlib(ZlibFormat::kZlib, text)}}) {
      const auto done = run(coding, bytes, limit);
      ASSERT_FALSE(done) << limit;
      EXPECT_EQ(done.error().code(), ErrorCode::kTooLarge);
      EXPECT_TRUE(run(coding, bytes, limit + 1)) << limit;
    }
  }
}

TEST_F(InflateTest, BombsCostNoMoreThanTheLimit) {
  EXPECT_EQ(code_of(Coding::kGzip, gzip_bomb(200 << 20)), ErrorCode::kTooLarge);
  EXPECT_EQ(code_of(Coding::kZstd, zstd_bomb(200 << 20)), ErrorCode::kTooLarge);
  EXPECT_EQ(hold_.bytes(), output_.capacity());
}

TEST_F(InflateTest, FullLedgerRefuses) {
  LedgerHold rest;
  ASSERT_TRUE(ledger_.reserve(kLedgerBytes - (1 << 19), rest));
  EXPECT_EQ(code_of(Coding::kGzip, gzip(sample(1 << 20))), ErrorCode::kResourceExhausted);
  EXPECT_EQ(code_of(Coding::kZstd, zstd(sample(1 << 20))), ErrorCode::kResourceExhausted);
  EXPECT_TRUE(run(Coding::kGzip, gzip(sample(10'000))));
}

TEST_F(InflateTest, TruncatedAtEveryByteIsAnError) {
  const std::string text = sample(300);
  for (const auto& [coding, bytes] : {std::pair{Coding::kGzip, gzip(text)}, std::pair{Coding::kZstd, zstd(text)},
                                      std::pair{Coding::kDeflate, compress_zlib(ZlibFormat::kZlib, text)},
                                      std::pair{Coding::kDeflate, compress_zlib(ZlibFormat::kRawDeflate, text)}}) {
    for (size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_EQ(code_of(coding, bytes.substr(0, size)), ErrorCode::kInvalidArgument) << size;
    }
  }
}

TEST_F(InflateTest, WhatFollowsIsAnError) {
  const std::string text = sample(300);
  EXPECT_EQ(code_of(Coding::kGzip, gzip(text) + "garbage"), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(Coding::kZstd, zstd(text) + "garbage"), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(Coding::kDeflate, compress_zlib(ZlibFormat::kZlib, text) + "x"), ErrorCode::kInvalidArgument);
}

TEST_F(InflateTest, SeveralMembersAreOneBody) {
  ASSERT_TRUE(run(Coding::kGzip, gzip("one ") + gzip("two ") + gzip("three")));
  EXPECT_EQ(output_, "one two three");
  ASSERT_TRUE(run(Coding::kZstd, zstd("one ") + zstd("two")));
  EXPECT_EQ(output_, "one two");
  std::string many;
  for (uint32_t i = 0; i <= kGzipMembersMax; ++i) many += gzip("");
  EXPECT_EQ(code_of(Coding::kGzip, many), ErrorCode::kInvalidArgument);
}

TEST_F(InflateTest, LargeZstdWindowIsRefused) {
  EXPECT_TRUE(run(Coding::kZstd, zstd(sample(1000), kZstdWindowLogMax)));
  const auto done = run(Coding::kZstd, zstd(sample(1000), kZstdWindowLogMax + 1));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(done.error().message(), HasSubstr("memory"));
}

TEST_F(InflateTest, ForeignBytesAreAnError) {
  for (const Coding coding : {Coding::kGzip, Coding::kZstd}) {
    EXPECT_EQ(code_of(coding, "{\"resourceSpans\":[]}"), ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(code_of(Coding::kGzip, zstd("text")), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(Coding::kZstd, gzip("text")), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(Coding::kDeflate, gzip("text")), ErrorCode::kInvalidArgument);
}

TEST_F(InflateTest, DamagedBytesNeverCrash) {
  const std::string text = sample(5000);
  SeededRandom random(7);
  for (const auto& [coding, bytes] : {std::pair{Coding::kGzip, gzip(text)}, std::pair{Coding::kZstd, zstd(text)}}) {
    for (int i = 0; i < 500; ++i) {
      std::string damaged = bytes;
      damaged[random.below(damaged.size())] ^= static_cast<char>(1 << random.below(8));
      const auto done = run(coding, damaged);
      EXPECT_LE(output_.size(), done ? kBytesMax : 0);
    }
  }
}

TEST_F(InflateTest, MemoryIsUsedAgain) {
  ASSERT_TRUE(run(Coding::kGzip, gzip(sample(1 << 20))));
  const char* const before = output_.data();
  ASSERT_TRUE(run(Coding::kGzip, gzip(sample(1 << 19))));
  EXPECT_EQ(output_.data(), before);
}

TEST(ParseCodingTest, NamesOfAnyCase) {
  EXPECT_EQ(parse_coding(""), Coding::kIdentity);
  EXPECT_EQ(parse_coding("GZip"), Coding::kGzip);
  EXPECT_EQ(parse_coding("x-gzip"), Coding::kGzip);
  EXPECT_EQ(parse_coding("deflate"), Coding::kDeflate);
  EXPECT_EQ(parse_coding("zstd"), Coding::kZstd);
  EXPECT_EQ(parse_coding("br"), std::nullopt);
}

}  // namespace
}  // namespace sextant
