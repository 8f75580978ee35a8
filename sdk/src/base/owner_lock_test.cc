#include "base/owner_lock.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace sextant {
namespace {

TEST(OwnerLock, the_owner_keeps_it_until_another_thread_comes) {
  ASSERT_TRUE(owner_locks_available());
  OwnerLock lock;
  lock.reset(thread_mark());
  {
    const OwnerLock::Hold hold(lock, thread_mark());
  }
  EXPECT_TRUE(lock.owned());
  std::thread([&lock] { const OwnerLock::Hold hold(lock, thread_mark()); }).join();
  EXPECT_FALSE(lock.owned());
  const OwnerLock::Hold hold(lock, thread_mark());
}

/// The owner and others add to a plain number: one lost addition, or a report of the thread sanitizer, and the lock is
/// none.
TEST(OwnerLock, nobody_is_inside_with_anybody_else) {
  ASSERT_TRUE(owner_locks_available());
  constexpr int kOthers = 3, kAdditions = 2'000, kRounds = 20;
  for (int round = 0; round < kRounds; ++round) {
    OwnerLock lock;
    lock.reset(thread_mark());
    long sum = 0;
    const auto add = [&] {
      for (int i = 0; i < kAdditions; ++i) {
        const OwnerLock::Hold hold(lock, thread_mark());
        ++sum;
      }
    };
    std::vector<std::thread> others;
    for (int t = 0; t < kOthers; ++t) others.emplace_back(add);
    add();
    for (std::thread& other : others) other.join();
    EXPECT_EQ(sum, long{kOthers + 1} * kAdditions);
  }
}

}  // namespace
}  // namespace sextant
