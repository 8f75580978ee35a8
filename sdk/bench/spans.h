// The benchmarks of spans.
#pragma once

namespace sextant::bench {
void run_spans();
}
