// How many seeds a simulation runs, from the command line.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>

namespace sextant::sim {

/// Set by main() before tests run: --seeds N (0: each test's own number), --first-seed S.
struct Seeds {
  uint64_t count = 0;
  uint64_t first = 1;
};
Seeds& seeds();

/// Calls `run(seed)` for each seed; stops at the first that fails and says how to repeat it.
template <typename Run>
void for_each_seed(uint64_t usual_count, const Run& run) {
  const uint64_t count = seeds().count > 0 ? seeds().count : usual_count;
  for (uint64_t seed = seeds().first; seed < seeds().first + count; ++seed) {
    run(seed);
    if (::testing::Test::HasFailure()) {
      const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
      FAIL() << "repeat it with: sim_store --gtest_filter=" << test->test_suite_name() << "." << test->name()
             << " --first-seed " << seed << " --seeds 1";
    }
  }
  std::printf("seeds %llu to %llu passed\n", static_cast<unsigned long long>(seeds().first),
              static_cast<unsigned long long>(seeds().first + count - 1));
}

}  // namespace sextant::sim
