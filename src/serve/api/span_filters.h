// The filter parameters of questions about single spans: the names of the filters of runs, each about the span itself.
#pragma once

#include <array>
#include <string_view>

#include "data/model/scan.h"
#include "serve/api/parameters.h"

namespace sextant::serve {

inline constexpr std::array<std::string_view, 9> kSpanFilterParameters = {
    "from", "to", "service", "name", "kind", "status", "duration_min", "duration_max", "attr"};

inline constexpr std::array<std::string_view, 3> kSpanStatuses = {"unset", "ok", "error"};

/// All but `from` and `to`. Repeating a parameter asks for any of its values, but `attr`: all hold.
ApiResult<data::SpanFilter> read_own_span_filter(const Parameters& parameters);

}  // namespace sextant::serve
