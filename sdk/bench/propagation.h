// The benchmarks of propagation.
#pragma once

namespace sextant::bench {

void run_propagation();

}  // namespace sextant::bench
