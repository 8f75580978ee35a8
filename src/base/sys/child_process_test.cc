// Tests of starting, reading and stopping other programs.
#include "base/sys/child_process.h"

#include <gtest/gtest.h>

namespace sextant {
namespace {

TEST(ChildProcess, LinesAreReadAndTheEndIsSeen) {
  auto child = ChildProcess::start({"/bin/sh", "-c", "echo one; echo two"});
  ASSERT_TRUE(child.has_value());
  EXPECT_EQ(*child->read_line(10'000), "one");
  EXPECT_EQ(*child->read_line(10'000), "two");
  EXPECT_EQ(child->read_line(10'000).error().code(), ErrorCode::kUnavailable);
}

TEST(ChildProcess, StopsPolitelyAndThenByForce) {
  auto polite = ChildProcess::start({"/bin/sh", "-c", "trap 'exit 7' TERM; echo up; while :; do sleep 0.01; done"});
  ASSERT_TRUE(polite.has_value());
  ASSERT_TRUE(polite->read_line(10'000).has_value());
  EXPECT_EQ(polite->stop(10'000), 7);
  auto stubborn = ChildProcess::start({"/bin/sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.01; done"});
  ASSERT_TRUE(stubborn.has_value());
  ASSERT_TRUE(stubborn->read_line(10'000).has_value());
  EXPECT_EQ(stubborn->stop(20), 128 + 9);
}

TEST(ChildProcess, AProgramThatIsNotThereIsAnError) {
  EXPECT_FALSE(ChildProcess::start({"/no/such/program"}).has_value());
}

TEST(ChildProcess, UseOfAProcessIsSeenFromOutside) {
  auto child = ChildProcess::start(
      {"/bin/sh", "-c", "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo done; while :; do sleep 0.05; done"});
  ASSERT_TRUE(child.has_value());
  ASSERT_TRUE(child->read_line(60'000).has_value());
  const auto use = process_use_of(child->pid());
  ASSERT_TRUE(use.has_value());
  EXPECT_GT(use->cpu_nanos, 0U);
  EXPECT_GT(use->resident_bytes, 0U);
  EXPECT_GE(use->resident_peak_bytes, use->resident_bytes);
  EXPECT_FALSE(process_use_of(0x7FFFFFFF).has_value());
}

}  // namespace
}  // namespace sextant
