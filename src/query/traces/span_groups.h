// A question about groups of spans: which spans, grouped by what, and what is computed of each group; and the texts in
// which people write columns and functions.
#pragma once

#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "data/model/aggregate.h"
#include "query/traces/literals.h"
#include "query/traces/question.h"

namespace sextant::query {

/// Value.
struct GroupQuestion {
  data::TimeRange time;  // of starts
  data::SpanFilter span;
  std::vector<data::SpanColumn> by;
  uint64_t step_nanos = 0;
  std::vector<data::AggregateCall> calls;
  uint32_t groups_max = 100;
  uint32_t order_call = 0;
};

data::AggregateSpec compile(const GroupQuestion& question, const Context& context);
/// Errors: those of Reader::aggregate.
Result<data::AggregateEnd> group_spans(const Context& context, const GroupQuestion& question);

/// "service", "name", "kind", "status", or an attribute as in parse_attribute_name; a leading dot says that it is one.
Parsed<data::SpanColumn> parse_group_column(std::string_view text);

/// "count()", "count(retries)", "avg(duration)", "p95(duration)", "p99.9(gen_ai.usage.input_tokens)",
/// "histogram(duration, 10ms, 1s)". Functions: count sum min max avg pN histogram.
Parsed<data::AggregateCall> parse_call(std::string_view text);

}  // namespace sextant::query
