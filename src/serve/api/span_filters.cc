#include "serve/api/span_filters.h"

#include <algorithm>

#include "query/traces/question.h"
#include "serve/api/run_filters.h"

namespace sextant::serve {
namespace {

ApiResult<std::vector<int64_t>> read_statuses(const Parameters& parameters) {
  std::vector<int64_t> statuses;
  for (const std::string& text : TRY(parameters.texts("status"))) {
    const auto found = std::ranges::find(kSpanStatuses, text);
    if (found == kSpanStatuses.end()) return std::unexpected(unknown_word("status", text, kSpanStatuses));
    statuses.push_back(found - kSpanStatuses.begin());
  }
  return statuses;
}

data::SpanFilter duration_is(data::CompareOp op, uint64_t nanos) {
  data::SpanFilter filter = query::any_of(data::SpanField::kDuration, std::vector{static_cast<int64_t>(nanos)});
  filter.condition.op = op;
  return filter;
}

ApiResult<void> add_durations(const Parameters& parameters, data::SpanFilter& filter) {
  // parse_duration gives at most 2^63 - 1, so that these fit the column's int64.
  constexpr uint64_t kLongest = INT64_MAX;
  const auto least = TRY(parameters.parsed<uint64_t>("duration_min", 0, query::parse_duration));
  const auto most = TRY(parameters.parsed<uint64_t>("duration_max", kLongest, query::parse_duration));
  if (least > most) {
    return std::unexpected(
        bad_parameter("duration_min", "\"duration_min\" is longer than \"duration_max\"; no span can be both"));
  }
  if (least > 0) query::add_condition(filter, duration_is(data::CompareOp::kGreaterOrEqual, least));
  if (most < kLongest) query::add_condition(filter, duration_is(data::CompareOp::kLessOrEqual, most));
  return {};
}

}  // namespace

ApiResult<data::SpanFilter> read_own_span_filter(const Parameters& parameters) {
  TRY(check_filter_sizes(parameters, kSpanFilterParameters));
  data::SpanFilter filter = TRY(read_span_filter(parameters));
  if (const auto services = TRY(parameters.texts("service")); !services.empty()) {
    query::add_condition(filter, query::any_of(data::SpanField::kService, services));
  }
  if (const auto statuses = TRY(read_statuses(parameters)); !statuses.empty()) {
    query::add_condition(filter, query::any_of(data::SpanField::kStatus, statuses));
  }
  TRY(add_durations(parameters, filter));
  return filter;
}

}  // namespace sextant::serve
