// Tests of the small things of base/core.
#include <gtest/gtest.h>

#include "base/core/hash.h"
#include "base/core/ledger.h"
#include "base/core/result.h"
#include "base/core/short_bytes.h"
#include "base/core/text.h"

namespace sextant {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0) return fail(ErrorCode::kInvalidArgument, "{} is odd", value);
  return value / 2;
}

Result<int> quarter(int value) {
  return TRY_CONTEXT(half(TRY(half(value))), "second half");
}

TEST(Result, TryHandsErrorsUpWithContext) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(5).error().message(), "5 is odd");
  EXPECT_EQ(quarter(6).error().message(), "second half: 3 is odd");
}

TEST(Hash, Crc32cMatchesTheKnownCheckValue) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);  // RFC 3720 appendix B.4 lists vectors of the same polynomial
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(crc32c("456789", crc32c("123")), crc32c("123456789"));
  // Long texts go another way than their short parts.
  std::string text(10'000, '\0');
  for (size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * i >> 3);
  for (size_t size = 0; size <= text.size(); size += 1 + size / 7) {
    uint32_t by_parts = 0;
    for (size_t at = 0; at < size; at += 100)
      by_parts = crc32c(text.substr(at, std::min<size_t>(100, size - at)), by_parts);
    EXPECT_EQ(crc32c(text.substr(0, size)), by_parts) << size;
  }
}

TEST(ShortBytes, CompareCopyAndHashEverySizeAndSeeEveryByte) {
  for (size_t size = 0; size <= 70; ++size) {
    std::string text(size, '\0');
    for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 37 + size);
    std::string copy(size + 2, '#');
    copy_bytes(copy.data() + 1, text.data(), size);
    EXPECT_EQ(copy, "#" + text + "#");
    EXPECT_TRUE(equal_bytes(text, std::string_view(copy).substr(1, size)));
    EXPECT_EQ(hash_short(text, 1), hash_short(std::string_view(copy).substr(1, size), 1));
    EXPECT_NE(hash_short(text, 1), hash_short(text, 2));
    for (size_t i = 0; i < size; ++i) {
      std::string other = text;
      other[i] ^= 1;
      EXPECT_FALSE(equal_bytes(text, other)) << size << " " << i;
      EXPECT_NE(hash_short(text, 1), hash_short(other, 1)) << size << " " << i;
    }
  }
  EXPECT_FALSE(equal_bytes("a", "ab"));
}

TEST(Ledger, RefusesBeyondItsLimitAndTakesBack) {
  MemoryLedger ledger(100);
  LedgerHold first;
  ASSERT_TRUE(ledger.reserve(60, first));
  LedgerHold second;
  EXPECT_FALSE(ledger.reserve(41, second));
  ASSERT_TRUE(ledger.reserve(40, second));
  EXPECT_FALSE(first.resize(61));
  ASSERT_TRUE(first.resize(10));
  LedgerHold moved = std::move(second);
  EXPECT_EQ(ledger.used_bytes(), 50U);
  moved.release();
  EXPECT_EQ(ledger.used_bytes(), 10U);
}

TEST(Ledger, AShareIsTakenFromItsParentToo) {
  MemoryLedger all(100);
  MemoryLedger share(80, &all);
  LedgerHold inside;
  ASSERT_TRUE(share.reserve(80, inside));
  EXPECT_FALSE(inside.resize(81));
  EXPECT_EQ(all.used_bytes(), 80U);
  LedgerHold other;
  ASSERT_TRUE(all.reserve(20, other));
  ASSERT_TRUE(inside.resize(10));
  ASSERT_TRUE(other.resize(90));
  // The share has room, its parent has none: nothing is taken from either.
  EXPECT_FALSE(inside.resize(11));
  EXPECT_EQ(share.used_bytes(), 10U);
  EXPECT_EQ(all.used_bytes(), 100U);
  inside.release();
  EXPECT_EQ(share.used_bytes(), 0U);
  EXPECT_EQ(all.used_bytes(), 90U);
}

TEST(Text, HexAndBase64RoundTrip) {
  const std::string bytes("\x00\xFF\x10 abc", 7);
  EXPECT_EQ(to_hex(bytes), "00ff1020616263");
  EXPECT_EQ(from_hex("00FF1020616263"), bytes);
  EXPECT_FALSE(from_hex("0").has_value());
  EXPECT_FALSE(from_hex("0g").has_value());
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_EQ(from_base64(to_base64(bytes.substr(0, size))), bytes.substr(0, size));
  EXPECT_EQ(to_base64("ab"), "YWI=");
  EXPECT_FALSE(from_base64("a").has_value());
}

TEST(Text, Utf8) {
  EXPECT_TRUE(is_utf8("gr\xC3\xBC\xC3\x9F dich \xF0\x9F\xA6\x8A"));
  EXPECT_FALSE(is_utf8("\xC0\xAF"));          // overlong
  EXPECT_FALSE(is_utf8("\xED\xA0\x80"));      // surrogate
  EXPECT_FALSE(is_utf8("\xF4\x90\x80\x80"));  // beyond U+10FFFF
  EXPECT_EQ(to_valid_utf8("a\xFF"
                          "b"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(utf8_prefix("\xC3\xBC\xC3\xB6\xC3\xA4", 2), "\xC3\xBC\xC3\xB6");
}

TEST(Text, NearestFindsTypingErrorsOnly) {
  const std::string_view names[] = {"endpoint", "timeout", "headers"};
  EXPECT_EQ(nearest("endpiont", names), "endpoint");
  EXPECT_FALSE(nearest("zzzzzzzz", names).has_value());
}

}  // namespace
}  // namespace sextant
