// One trace whole: every span received, in order, with the tree that they form.
#pragma once

#include <cstdint>
#include <vector>

#include "base/core/ledger.h"
#include "base/core/result.h"
#include "data/model/span_tree.h"
#include "query/traces/question.h"

namespace sextant::query {

/// Thread-confined. Lifetime: `hold` draws on the context's ledger for as long as it lives.
struct Trace {
  data::RunSummary summary;
  data::Batch spans;
  /// All rows of `spans`, by start, then span id; differing copies of one span stand together.
  std::vector<uint32_t> rows;
  /// By row: copies of this span with other content were received.
  std::vector<bool> conflicting;
  /// One row a span id, in the order of `rows`: the copy that says most (the one that ended last).
  std::vector<uint32_t> steps;
  /// Over `steps`: node i is steps[i].
  data::SpanTree tree;
  Findings findings;
  LedgerHold hold;
};

/// `value_bytes_max`: as ScanSpec's. Errors: kNotFound; kResourceExhausted when the ledger has no room for it; those of
/// Reader::scan.
Result<Trace> load_trace(const Context& context, const data::TraceId& id, uint64_t value_bytes_max = UINT64_MAX);

/// All copies of one span of a trace, in order; kNotFound when there is none.
Result<Trace> load_span(const Context& context, const data::TraceId& id, const data::SpanId& span,
                        uint64_t value_bytes_max = UINT64_MAX);

}  // namespace sextant::query
