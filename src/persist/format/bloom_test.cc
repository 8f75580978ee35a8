#include "persist/format/bloom.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "base/core/hash.h"

namespace sextant::persist {
namespace {

/// Hashes of the numbers [begin, begin + count), as of values that come one after the other.
std::vector<uint64_t> hashes_of(uint64_t begin, uint64_t count) {
  std::vector<uint64_t> hashes;
  for (uint64_t i = begin; i < begin + count; ++i) hashes.push_back(hash64("id-" + std::to_string(i)));
  return hashes;
}

TEST(Bloom, NeverDeniesAMember) {
  for (uint64_t count = 1; count < 3000; count += 1 + count / 7) {
    std::string filter;
    put_bloom(hashes_of(0, count), filter);
    for (const uint64_t hash : hashes_of(0, count)) ASSERT_TRUE(bloom_may_have(filter, hash)) << count;
  }
}

TEST(Bloom, HasNoMemberWithoutAny) {
  std::string filter = "kept";
  put_bloom({}, filter);
  EXPECT_EQ(filter, "kept");
  for (const uint64_t hash : hashes_of(0, 100)) EXPECT_FALSE(bloom_may_have({}, hash));
}

TEST(Bloom, TakesAByteAndAHalfForEachMember) {
  for (const uint64_t count : {3, 8, 32, 100, 8192, 1'000'000}) {
    std::string filter;
    put_bloom(hashes_of(0, count), filter);
    EXPECT_EQ(filter.size(), bloom_bytes(count));
    EXPECT_LE(static_cast<double>(filter.size()), 1.5 * static_cast<double>(count));
  }
}

TEST(Bloom, TakesFewOthersForMembers) {
  constexpr uint64_t kAsked = 200'000;
  for (const uint64_t count : {8, 32, 100, 1000, 8192, 65'536}) {
    std::string filter;
    put_bloom(hashes_of(0, count), filter);
    uint64_t taken = 0;
    for (const uint64_t hash : hashes_of(10'000'000, kAsked)) taken += bloom_may_have(filter, hash) ? 1 : 0;
    // Theory: each of the words has a bit set with this probability, and all of a member's must be.
    const double words = static_cast<double>(bloom_bytes(count)) / 4;
    const double each = std::min(words, 8.0);
    const double set = 1 - std::pow(1 - 1.0 / 32, static_cast<double>(count) * each / words);
    const double theory = std::pow(set, each);
    EXPECT_LT(static_cast<double>(taken) / kAsked, 2 * theory) << count << " members, theory " << theory;
  }
}

}  // namespace
}  // namespace sextant::persist
