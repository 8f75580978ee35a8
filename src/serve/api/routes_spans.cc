// Groups of spans: /api/spans/aggregate.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "data/model/limits.h"
#include "query/traces/limits.h"
#include "query/traces/span_groups.h"
#include "serve/api/render_groups.h"
#include "serve/api/render_run.h"
#include "serve/api/render_span.h"
#include "serve/api/route.h"
#include "serve/api/run_filters.h"
#include "serve/api/span_filters.h"

namespace sextant::serve {
namespace {

/// What `parse` makes of every value of a parameter.
template <typename T, typename Parse>
ApiResult<std::vector<T>> read_list(const std::vector<std::string>& texts, std::string_view name, size_t most,
                                    const Parse& parse) {
  if (texts.size() > most) {
    return std::unexpected(
        bad_parameter(name, fmt::format("\"{}\" was given {} times; at most {} may be", name, texts.size(), most)));
  }
  std::vector<T> list;
  for (const std::string& text : texts) {
    auto parsed = parse(text);
    if (!parsed) return std::unexpected(bad_parameter(name, parsed.error().message, parsed.error().offset));
    list.push_back(*std::move(parsed));
  }
  return list;
}

bool is_number(const data::AggregateCall& call) {
  return call.function != data::AggregateFunction::kHistogram;
}

/// The function that decides which groups come first: as asked, else the first that is a number, else a count.
ApiResult<uint32_t> read_order(const Parameters& parameters, const std::vector<std::string>& of,
                               std::vector<data::AggregateCall>& calls) {
  const auto order = TRY(parameters.one("order"));
  if (order) {
    const auto named = std::ranges::find(of, *order);
    if (named == of.end()) {
      return std::unexpected(
          bad_parameter("order", fmt::format("\"{}\" is none of the functions given as \"of\"", *order)));
    }
    const auto index = static_cast<uint32_t>(named - of.begin());
    if (is_number(calls[index])) return index;
    return std::unexpected(bad_parameter("order", "groups cannot be ordered by a histogram"));
  }
  const auto first = std::ranges::find_if(calls, is_number);
  const auto index = static_cast<uint32_t>(first - calls.begin());
  if (first == calls.end()) calls.emplace_back();
  return index;
}

ApiResult<uint64_t> read_step(const Parameters& parameters) {
  const auto step = TRY(parameters.parsed<uint64_t>("step", 0, query::parse_duration));
  if (step > 0 || !TRY(parameters.one("step"))) return step;
  return std::unexpected(bad_parameter("step", "a step is longer than nothing; leave it out to have none"));
}

ApiResult<query::GroupQuestion> read_question(const Call& call, GroupTexts& texts) {
  query::GroupQuestion question;
  question.time = TRY(read_time_range(call.parameters, call.now));
  question.span = TRY(read_own_span_filter(call.parameters));
  texts.by = TRY(call.parameters.texts("by"));
  texts.of = TRY(call.parameters.texts("of"));
  if (texts.of.empty()) texts.of = {"count()"};
  question.by = TRY(read_list<data::SpanColumn>(texts.by, "by", data::kGroupColumnsMax, query::parse_group_column));
  // One is left for the order.
  question.calls = TRY(read_list<data::AggregateCall>(texts.of, "of", data::kAggregateCallsMax - 1, query::parse_call));
  question.step_nanos = TRY(read_step(call.parameters));
  question.order_call = TRY(read_order(call.parameters, texts.of, question.calls));
  question.groups_max =
      static_cast<uint32_t>(TRY(call.parameters.number("limit", 1, query::kGroupsMax, query::kGroupsDefault)));
  return question;
}

}  // namespace

ApiResult<Reply> handle_group_spans(const Services& services, const Call& call) {
  GroupTexts texts;
  const query::GroupQuestion question = TRY(read_question(call, texts));
  const data::AggregateEnd found = TRY(query::group_spans(call.context, question));
  AnswerText answer(services.ledger);
  JsonWriter& json = answer.json();
  json.begin_object();
  TRY(render_groups(question, texts, found, answer));
  render_partial(found.damages, json);
  render_stats(found.stats, (services.clock.steady_nanos() - call.begun_steady_nanos) / 1000, json);
  json.end_object();
  TRY(answer.checked());
  return json_reply(answer.take(), answer.take_hold());
}

}  // namespace sextant::serve
