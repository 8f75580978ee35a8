// The SDK's figures, one JSON line each; their ids are those of the table that the project's performance figures stand
// in. `sdk_bench [FAMILY…]`: all families, or those named.
#include <algorithm>
#include <string_view>

#include "bench/exporting.h"
#include "bench/logs.h"
#include "bench/metrics.h"
#include "bench/propagation.h"
#include "bench/sampling.h"
#include "bench/spans.h"

int main(int count, char** arguments) {
  struct Family {
    std::string_view name;
    void (*run)();
  };
  constexpr Family kFamilies[] = {
      {"spans", sextant::bench::run_spans},       {"logs", sextant::bench::run_logs},
      {"metrics", sextant::bench::run_metrics},   {"propagation", sextant::bench::run_propagation},
      {"sampling", sextant::bench::run_sampling}, {"exporting", sextant::bench::run_exporting},
  };
  for (const Family& family : kFamilies) {
    if (count == 1 || std::find(arguments + 1, arguments + count, family.name) != arguments + count) family.run();
  }
  return 0;
}
