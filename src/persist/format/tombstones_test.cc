#include "persist/format/tombstones.h"

#include <gtest/gtest.h>

#include "base/core/hash.h"
#include "persist/format/limits.h"

namespace sextant::persist {
namespace {

data::TraceId id(uint8_t number) {
  data::TraceId id;
  id.bytes[15] = number;
  return id;
}

Tombstones three() {
  Tombstones tombstones;
  tombstones.add({id(7), 40, 1000});
  tombstones.add({id(3), 50, 900});
  tombstones.add({id(9), 60, 1100});
  return tombstones;
}

TEST(Tombstones, CoverWhatCameUpToTheirSequence) {
  Tombstones tombstones = three();
  EXPECT_TRUE(tombstones.cover(id(7), 40));
  EXPECT_TRUE(tombstones.cover(id(7), 1));
  EXPECT_FALSE(tombstones.cover(id(7), 41));
  EXPECT_FALSE(tombstones.cover(id(8), 0)) << "a trace that was not deleted";
  EXPECT_EQ(tombstones.last_sequence(), 60U);
  EXPECT_EQ(tombstones.oldest(), 900U);
  tombstones.add({id(7), 70, 2000});
  EXPECT_EQ(tombstones.size(), 3U);
  EXPECT_TRUE(tombstones.cover(id(7), 70));
  tombstones.remove({id(7), 40, 1000});
  EXPECT_EQ(tombstones.size(), 3U) << "it was deleted again since";
  tombstones.remove({id(7), 70, 2000});
  EXPECT_EQ(tombstones.deleted_up_to(id(7)), 0U);
}

TEST(Tombstones, AreReadAsTheyWereWritten) {
  const auto read = Tombstones::decode(three().encode());
  ASSERT_TRUE(read.has_value() && read->damages.empty());
  ASSERT_EQ(read->tombstones.size(), 3U);
  EXPECT_EQ(read->tombstones.list()[1].trace_id, id(7));
  EXPECT_EQ(read->tombstones.list()[1].sequence, 40U);
  EXPECT_EQ(read->tombstones.list()[1].deleted_at, 1000U);
  const auto none = Tombstones::decode(Tombstones().encode());
  ASSERT_TRUE(none.has_value() && none->damages.empty() && none->tombstones.empty());
}

TEST(Tombstones, EachDamagedByteCostsOneLineAtMost) {
  const std::string text = three().encode();
  for (size_t at = 0; at < text.size(); ++at) {
    std::string damaged = text;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x15);
    const auto read = Tombstones::decode(damaged);
    ASSERT_TRUE(read.has_value()) << at;
    EXPECT_FALSE(read->damages.empty()) << at;
    // A line's end belongs to two of them.
    EXPECT_GE(read->tombstones.size(), text[at] == '\n' ? 1U : 2U) << at;
  }
}

TEST(Tombstones, WhatIsMissingAtTheEndIsSaid) {
  const std::string text = three().encode();
  for (size_t size = 0; size + 1 < text.size(); ++size) {
    const auto read = Tombstones::decode(std::string_view(text).substr(0, size));
    ASSERT_TRUE(read.has_value()) << size;
    EXPECT_FALSE(read->damages.empty()) << size;
  }
}

TEST(Tombstones, OfAnotherVersionAreRefused) {
  std::string text = three().encode();
  const std::string line = fmt::format("deleted traces, format {}, sorted", kFormatVersion + 1);
  text.replace(0, text.find('\n'), fmt::format("{} {:08x}", line, crc32c(line)));
  const auto read = Tombstones::decode(text);
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().code(), ErrorCode::kUnsupported);
}

TEST(Tombstones, MoreThanThereMayBeAreNotRead) {
  Tombstones tombstones;
  for (uint64_t i = 0; i <= kTombstonesMax; ++i) {
    data::TraceId each;
    each.bytes[14] = static_cast<uint8_t>(i >> 8);
    each.bytes[15] = static_cast<uint8_t>(i);
    tombstones.add({each, 1, 1});
  }
  const auto read = Tombstones::decode(tombstones.encode());
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->tombstones.size(), kTombstonesMax);
  EXPECT_FALSE(read->damages.empty());
}

}  // namespace
}  // namespace sextant::persist
