// The benchmarks of exporting.
#pragma once

namespace sextant::bench {
void run_exporting();
}
