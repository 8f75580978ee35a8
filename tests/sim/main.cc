// Runs the simulations.
#include <cstdlib>
#include <string_view>

#include "tests/sim/seeds.h"

namespace sextant::sim {

Seeds& seeds() {
  static Seeds seeds;
  return seeds;
}

}  // namespace sextant::sim

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view flag = argv[i];
    const uint64_t number = std::strtoull(argv[i + 1], nullptr, 10);
    if (flag == "--seeds") sextant::sim::seeds().count = number;
    if (flag == "--first-seed") sextant::sim::seeds().first = number;
  }
  return RUN_ALL_TESTS();
}
