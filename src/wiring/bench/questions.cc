#include "wiring/bench/questions.h"

#include <algorithm>
#include <cmath>

#include "base/codec/json_value.h"
#include "base/net/uri.h"

namespace sextant::wiring {
namespace {

constexpr size_t kNewest = 20;
constexpr double kQuantileErrorMax = 0.01;  // what the API promises, rounded up
constexpr std::string_view kModelKey = "gen_ai.request.model";

std::unexpected<Error> wrong(std::string what) {
  return fail(ErrorCode::kInternal, "{}", what);
}

/// An agent's run holds many values.
Result<JsonValue> parse(const std::string& body) {
  return JsonValue::parse(body, {.depth_max = 256, .values_max = 50'000'000});
}

Result<const std::vector<JsonValue>*> items_at(const JsonValue& value, std::string_view name) {
  const JsonValue* list = value.find(name);
  if (list == nullptr || !list->is_array()) return wrong(fmt::format("the answer has no list \"{}\"", name));
  return &list->items();
}

/// The spans of one run: all of them, and no others.
BenchQuestion by_id(const CorpusFacts& facts, const data::TraceId& id) {
  const uint32_t spans = facts.trace(id).spans;
  return {"/api/traces/" + id.hex(), [id, spans](const std::string& body) -> Result<void> {
            const JsonValue answer = TRY(parse(body));
            const auto* list = TRY(items_at(answer, "spans"));
            if (list->size() != spans) return wrong(fmt::format("{} of {} spans of a run", list->size(), spans));
            for (const JsonValue& span : *list) {
              if (span.string_at("trace_id") != id.hex()) return wrong("a span of another run");
            }
            return {};
          }};
}

/// A page of runs. Fewer than a page are all there are, so that the run from which the question was drawn is among
/// them.
Result<void> check_page(const std::string& body, const data::TraceId& expected) {
  const JsonValue answer = TRY(parse(body));
  const auto* runs = TRY(items_at(answer, "traces"));
  if (runs->empty() || runs->size() > kNewest) return wrong(fmt::format("{} runs on a page", runs->size()));
  const auto same = [&](const JsonValue& run) { return run.string_at("trace_id") == expected.hex(); };
  if (runs->size() == kNewest || std::ranges::any_of(*runs, same)) return {};
  return wrong("the run that the question was drawn from is missing");
}

std::string newest(const std::string& filters) {
  return fmt::format("/api/traces?limit={}&{}", kNewest, filters);
}

BenchQuestion by_attribute(const SpanFacts& span) {
  // In quotes, so that "12" is a text: what it was.
  const std::string condition = fmt::format("span.\"{}\"=\"{}\"", span.key, span.value);
  return {newest("attr=" + percent_encode(condition)),
          [trace = span.trace](const std::string& body) { return check_page(body, trace); }};
}

BenchQuestion by_absent_value(const SpanFacts& span, uint64_t number) {
  const std::string condition = fmt::format("span.\"{}\"=\"absent-{:016x}\"", span.key, number);
  return {newest("attr=" + percent_encode(condition)), [](const std::string& body) -> Result<void> {
            const JsonValue answer = TRY(parse(body));
            if (TRY(items_at(answer, "traces"))->empty()) return {};
            return wrong("a value that nobody sent was found");
          }};
}

BenchQuestion by_service_name_duration(const CorpusFacts& facts, const SpanFacts& span) {
  const TraceFacts& trace = facts.trace(span.trace);
  return {newest(fmt::format("service={}&name={}&duration_min={}ns", percent_encode(span.service),
                             percent_encode(span.name), (trace.end - trace.start) / 2)),
          [id = span.trace](const std::string& body) { return check_page(body, id); }};
}

Result<double> number_at(const std::vector<JsonValue>& list, size_t index) {
  if (index >= list.size()) return wrong("a column of the answer is too short");
  return list[index].number().to_double();
}

/// What the answer says of each group, over its steps.
struct GroupTotal {
  double count = 0;
  double p95_least = HUGE_VAL;
  double p95_greatest = 0;
};

Result<std::map<std::string, GroupTotal>> totals_of(const std::string& body) {
  const JsonValue answer = TRY(parse(body));
  const auto* by = TRY(items_at(answer, "by"));
  const auto* of = TRY(items_at(answer, "of"));
  if (by->size() != 1 || of->size() != 2) return wrong("the answer has not the columns that were asked for");
  const auto* groups = TRY(items_at(by->front(), "values"));
  const auto* p95 = TRY(items_at(of->front(), "values"));
  const auto* counts = TRY(items_at(of->back(), "values"));
  std::map<std::string, GroupTotal> totals;
  for (size_t row = 0; row < groups->size(); ++row) {
    GroupTotal& total = totals[std::string((*groups)[row].string_at("stringValue"))];
    const double value = TRY(number_at(*p95, row));
    total.count += TRY(number_at(*counts, row));
    total.p95_least = std::min(total.p95_least, value);
    total.p95_greatest = std::max(total.p95_greatest, value);
  }
  return totals;
}

/// Counts per group are those of the corpus, and its quantile lies between those of its steps.
Result<void> check_groups(const std::string& body, const std::map<std::string, std::vector<double>>& durations,
                          const std::map<std::string, double>& quantiles, bool growing) {
  const auto totals = TRY(totals_of(body));
  for (const auto& [group, values] : durations) {
    const auto found = totals.find(group);
    if (found == totals.end()) return wrong(fmt::format("no group \"{}\"", group));
    const GroupTotal& total = found->second;
    const auto count = static_cast<double>(values.size());
    if (total.count < count || (!growing && total.count != count)) {
      return wrong(fmt::format("{} spans in group \"{}\" instead of {}", total.count, group, count));
    }
    const double p95 = quantiles.at(group);
    if (!growing &&
        (p95 < total.p95_least * (1 - kQuantileErrorMax) || p95 > total.p95_greatest * (1 + kQuantileErrorMax))) {
      return wrong(
          fmt::format("p95 of group \"{}\" is {}, said is {} to {}", group, p95, total.p95_least, total.p95_greatest));
    }
  }
  return {};
}

QuestionKind p95_by(std::string id, std::string_view column,
                    const std::map<std::string, std::vector<double>>& durations, bool growing) {
  std::map<std::string, double> quantiles;
  for (const auto& [group, values] : durations) quantiles[group] = exact_quantile(values, 0.95);
  const std::string path =
      fmt::format("/api/spans/aggregate?by={}&step=1m&of=p95(duration)&of=count()&limit=10000", column);
  return {std::move(id), [=, &durations](SeededRandom&) -> BenchQuestion {
            return {path, [=, &durations](const std::string& body) {
                      return check_groups(body, durations, quantiles, growing);
                    }};
          }};
}

}  // namespace

std::vector<QuestionKind> bench_questions(const std::string& corpus, const CorpusFacts& facts, bool growing) {
  const auto any = [&facts](SeededRandom& random) -> const SpanFacts& {
    return facts.samples()[random.below(facts.samples().size())];
  };
  const QuestionKind trace{"query.by_id." + corpus,
                           [&facts, any](SeededRandom& random) { return by_id(facts, any(random).trace); }};
  if (corpus == "agent") return {trace, p95_by("query.p95_by_model", kModelKey, facts.by_model(), growing)};
  return {trace,
          {"query.attribute", [any](SeededRandom& random) { return by_attribute(any(random)); }},
          {"query.absent", [any](SeededRandom& random) { return by_absent_value(any(random), random.next()); }},
          {"query.service_name_duration",
           [&facts, any](SeededRandom& random) { return by_service_name_duration(facts, any(random)); }},
          p95_by("query.p95_by_name", "name", facts.by_name(), growing)};
}

BenchQuestion count_question(const CorpusFacts& facts) {
  return {"/api/spans/aggregate", [spans = facts.spans()](const std::string& body) -> Result<void> {
            const JsonValue answer = TRY(parse(body));
            const auto* of = TRY(items_at(answer, "of"));
            if (of->size() != 1) return wrong("the answer has not the column that was asked for");
            const double count = TRY(number_at(*TRY(items_at(of->front(), "values")), 0));
            if (count == static_cast<double>(spans)) return {};
            return wrong(fmt::format("{} of {} spans are stored", count, spans));
          }};
}

}  // namespace sextant::wiring
