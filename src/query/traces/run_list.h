// The list of runs, a page at a time, newest first.
#pragma once

#include <optional>
#include <vector>

#include "base/core/result.h"
#include "query/traces/question.h"

namespace sextant::query {

struct RunPage {
  std::vector<data::RunSummary> runs;
  std::optional<data::RunCursor> next;  // nothing: this was the last page
  Findings findings;
};

/// At most `runs_max` runs after the place `after`. Errors: those of Reader::scan.
Result<RunPage> list_runs(const Context& context, const RunQuestion& question, uint32_t runs_max,
                          const std::optional<data::RunCursor>& after);

}  // namespace sextant::query
