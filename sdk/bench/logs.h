// The benchmarks of logs.
#pragma once

namespace sextant::bench {
void run_logs();
}
