// The benchmarks of samplers.
#pragma once

namespace sextant::bench {
void run_sampling();
}
