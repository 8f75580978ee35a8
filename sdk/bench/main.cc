// The SDK's figures, one JSON line each; their ids are those of the table that the project's performance figures stand
// in.
#include "bench/logs.h"
#include "bench/metrics.h"
#include "bench/propagation.h"
#include "bench/sampling.h"
#include "bench/spans.h"

int main() {
  sextant::bench::run_spans();
  sextant::bench::run_logs();
  sextant::bench::run_metrics();
  sextant::bench::run_propagation();
  sextant::bench::run_sampling();
  return 0;
}
