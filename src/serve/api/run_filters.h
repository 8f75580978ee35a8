// The filter parameters that the list of runs and its overview share, as a question.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "query/traces/question.h"
#include "serve/api/parameters.h"

namespace sextant::serve {

inline constexpr std::array<std::string_view, 15> kFilterParameters = {
    "from", "to",          "state",        "service",      "name",         "kind", "agent",   "model",
    "tool", "environment", "conversation", "duration_min", "duration_max", "attr", "trace_id"};

/// `from` and `to` alone.
ApiResult<data::TimeRange> read_time_range(const Parameters& parameters, UnixNanos now);

/// Repeating a parameter asks for any of its values; different parameters are joined by and. `name`, `kind` and every
/// `attr` hold on one and the same span.
ApiResult<query::RunQuestion> read_run_question(const Parameters& parameters, UnixNanos now);

/// `name`, `kind` and `attr`: all hold on one span.
ApiResult<data::SpanFilter> read_span_filter(const Parameters& parameters);
/// Refuses values under `names` that are too long or too many.
ApiResult<void> check_filter_sizes(const Parameters& parameters, std::span<const std::string_view> names);

/// True when the answer depends on the time of asking, even if nothing new is stored.
bool asks_relative_time(const Parameters& parameters);

inline constexpr std::array<std::string_view, 6> kSpanKinds = {"unspecified", "internal", "server",
                                                               "client",      "producer", "consumer"};

/// 32 hexadecimal digits, not all zero.
ApiResult<data::TraceId> read_trace_id(std::string_view parameter, std::string_view text);
/// 16 hexadecimal digits, not all zero.
ApiResult<data::SpanId> read_span_id(std::string_view parameter, std::string_view text);

}  // namespace sextant::serve
