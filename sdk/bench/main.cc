// The SDK's figures, one JSON line each; their ids are those of the table that the project's performance figures stand
// in. `sdk_bench [FAMILY…]`: all families, or those named.
#include <algorithm>
#include <string_view>

#include "bench/exporting.h"
#include "bench/spans.h"

int main(int count, char** arguments) {
  const auto wanted = [&](std::string_view family) {
    return count == 1 || std::find(arguments + 1, arguments + count, family) != arguments + count;
  };
  if (wanted("spans")) sextant::bench::run_spans();
  if (wanted("exporting")) sextant::bench::run_exporting();
  return 0;
}
