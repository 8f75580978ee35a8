// The benchmarks of metrics.
#pragma once

namespace sextant::bench {
void run_metrics();
}
