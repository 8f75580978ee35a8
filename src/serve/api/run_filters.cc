#include "serve/api/run_filters.h"

#include <fmt/format.h>

#include <algorithm>

#include "query/traces/limits.h"
#include "query/traces/overview.h"

namespace sextant::serve {
namespace {

using query::RunQuestion;

constexpr std::array<data::RunState, 3> kStates = {data::RunState::kRunning, data::RunState::kOk,
                                                   data::RunState::kError};

ApiResult<std::vector<data::RunState>> read_states(const Parameters& parameters) {
  std::vector<std::string_view> names;
  for (const data::RunState state : kStates) names.push_back(query::to_string(state));
  std::vector<data::RunState> states;
  for (const std::string& text : TRY(parameters.texts("state"))) {
    const auto found = std::ranges::find(names, text);
    if (found == names.end()) return std::unexpected(unknown_word("state", text, names));
    states.push_back(kStates[static_cast<size_t>(found - names.begin())]);
  }
  return states;
}

ApiResult<std::vector<int64_t>> read_kinds(const Parameters& parameters) {
  std::vector<int64_t> kinds;
  for (const std::string& text : TRY(parameters.texts("kind"))) {
    const auto found = std::ranges::find(kSpanKinds, text);
    if (found == kSpanKinds.end()) return std::unexpected(unknown_word("kind", text, kSpanKinds));
    kinds.push_back(found - kSpanKinds.begin());
  }
  return kinds;
}

template <typename Id>
ApiResult<Id> read_id(std::string_view parameter, std::string_view text, std::string_view what) {
  const auto id = Id::from_hex_text(text);
  if (id && !id->is_zero()) return *id;
  const auto is_digit = [](unsigned char c) { return std::isxdigit(c) != 0; };
  const auto wrong = std::ranges::find_if_not(text, is_digit);
  return std::unexpected(bad_parameter(
      parameter, fmt::format("a {} is {} hexadecimal digits, not all zero; \"{}\" is not", what, sizeof(Id) * 2, text),
      static_cast<size_t>(wrong - text.begin())));
}

}  // namespace

ApiResult<void> check_filter_sizes(const Parameters& parameters, std::span<const std::string_view> names) {
  size_t values = 0;
  for (const std::string_view name : names) {
    for (const std::string_view value : parameters.all(name)) {
      ++values;
      if (value.size() > query::kFilterTextBytesMax) {
        return std::unexpected(
            bad_parameter(name, fmt::format("\"{}\" is longer than {} bytes", name, query::kFilterTextBytesMax),
                          query::kFilterTextBytesMax));
      }
    }
  }
  if (values > query::kFilterValuesMax) {
    return std::unexpected(
        Problem(400, "invalid_argument",
                fmt::format("{} filter values were given; at most {} may be", values, query::kFilterValuesMax)));
  }
  return {};
}

ApiResult<data::SpanFilter> read_span_filter(const Parameters& parameters) {
  data::SpanFilter filter;
  if (const auto names = TRY(parameters.texts("name")); !names.empty()) {
    query::add_condition(filter, query::any_of(data::SpanField::kName, names));
  }
  if (const auto kinds = TRY(read_kinds(parameters)); !kinds.empty()) {
    query::add_condition(filter, query::any_of(data::SpanField::kKind, kinds));
  }
  for (const std::string_view text : parameters.all("attr")) {
    auto condition = query::parse_attribute(text);
    if (!condition) {
      return std::unexpected(bad_parameter("attr", condition.error().message, condition.error().offset));
    }
    query::add_condition(filter, *std::move(condition));
  }
  return filter;
}

ApiResult<data::TraceId> read_trace_id(std::string_view parameter, std::string_view text) {
  return read_id<data::TraceId>(parameter, text, "trace id");
}

ApiResult<data::SpanId> read_span_id(std::string_view parameter, std::string_view text) {
  return read_id<data::SpanId>(parameter, text, "span id");
}

ApiResult<data::TimeRange> read_time_range(const Parameters& parameters, UnixNanos now) {
  const auto parse = [now](std::string_view text) { return query::parse_time(text, now); };
  data::TimeRange range;
  range.from = TRY(parameters.parsed<UnixNanos>("from", 0, parse));
  range.to = TRY(parameters.parsed<UnixNanos>("to", UINT64_MAX, parse));
  if (range.from > range.to) {
    return std::unexpected(bad_parameter("from", "\"from\" is later than \"to\"; nothing can lie between"));
  }
  return range;
}

ApiResult<query::RunQuestion> read_run_question(const Parameters& parameters, UnixNanos now) {
  TRY(check_filter_sizes(parameters, kFilterParameters));
  RunQuestion question;
  question.time = TRY(read_time_range(parameters, now));
  question.run.states = TRY(read_states(parameters));
  question.run.services = TRY(parameters.texts("service"));
  question.run.agents = TRY(parameters.texts("agent"));
  question.run.models = TRY(parameters.texts("model"));
  question.run.tools = TRY(parameters.texts("tool"));
  question.run.environments = TRY(parameters.texts("environment"));
  question.run.conversation_ids = TRY(parameters.texts("conversation"));
  for (const std::string_view text : parameters.all("trace_id")) {
    question.run.trace_ids.push_back(TRY(read_trace_id("trace_id", text)));
  }
  question.run.duration_min_nanos = TRY(parameters.parsed<uint64_t>("duration_min", 0, query::parse_duration));
  question.run.duration_max_nanos = TRY(parameters.parsed<uint64_t>("duration_max", UINT64_MAX, query::parse_duration));
  if (question.run.duration_min_nanos > question.run.duration_max_nanos) {
    return std::unexpected(
        bad_parameter("duration_min", "\"duration_min\" is longer than \"duration_max\"; no run can be both"));
  }
  question.span = TRY(read_span_filter(parameters));
  return question;
}

bool asks_relative_time(const Parameters& parameters) {
  const auto relative = [&](std::string_view name) {
    return std::ranges::any_of(parameters.all(name), [](std::string_view text) { return text.starts_with("now"); });
  };
  return relative("from") || relative("to");
}

}  // namespace sextant::serve
