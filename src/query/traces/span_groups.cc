#include "query/traces/span_groups.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "data/model/limits.h"
#include "query/traces/limits.h"

namespace sextant::query {
namespace {

using data::AggregateCall;
using data::AggregateFunction;
using data::AttributeScope;
using data::SpanColumn;
using data::SpanField;

constexpr std::array<std::pair<std::string_view, SpanField>, 4> kColumns = {{{"service", SpanField::kService},
                                                                             {"name", SpanField::kName},
                                                                             {"kind", SpanField::kKind},
                                                                             {"status", SpanField::kStatus}}};

constexpr std::array<std::pair<std::string_view, AggregateFunction>, 6> kFunctions = {
    {{"count", AggregateFunction::kCount},
     {"sum", AggregateFunction::kSum},
     {"min", AggregateFunction::kMin},
     {"max", AggregateFunction::kMax},
     {"avg", AggregateFunction::kAvg},
     {"histogram", AggregateFunction::kHistogram}}};

constexpr std::string_view kCallHelp =
    "functions are count(), and count sum min max avg p95 histogram of duration or of an attribute, as in "
    "p95(duration)";

std::unexpected<TextError> wrong(size_t offset, std::string message) {
  return std::unexpected(TextError{std::move(message), offset});
}

std::unexpected<TextError> moved(TextError error, size_t by) {
  error.offset += by;
  return std::unexpected(std::move(error));
}

std::optional<double> read_number(std::string_view text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end || !std::isfinite(number)) return std::nullopt;
  return number;
}

/// One argument between the brackets, without the spaces around it.
struct Argument {
  std::string_view text;
  size_t offset = 0;
};

/// Cuts at commas outside of quotation marks.
std::vector<Argument> cut(std::string_view text, size_t offset) {
  std::vector<Argument> arguments;
  bool quoted = false;
  for (size_t begin = 0, i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '\\' && quoted) {
      ++i;
      continue;
    }
    if (i < text.size() && text[i] == '"') quoted = !quoted;
    if (i < text.size() && (text[i] != ',' || quoted)) continue;
    Argument argument{text.substr(begin, std::min(i, text.size()) - begin), offset + begin};
    while (argument.text.starts_with(' ')) argument.text.remove_prefix(1), ++argument.offset;
    while (argument.text.ends_with(' ')) argument.text.remove_suffix(1);
    arguments.push_back(argument);
    begin = i + 1;
  }
  if (arguments.size() == 1 && arguments.front().text.empty()) arguments.clear();
  return arguments;
}

Parsed<SpanColumn> one_value_attribute(std::string_view text) {
  auto column = parse_attribute_name(text);
  if (!column) return column;
  if (column->scope == AttributeScope::kEvent || column->scope == AttributeScope::kLink) {
    return wrong(0, "a span has many events and links; the attribute must be of scope span, resource or scope");
  }
  return column;
}

Parsed<SpanColumn> parse_measure(const Argument& argument) {
  if (argument.text == "duration") return SpanColumn{SpanField::kDuration, std::nullopt, {}};
  auto column = one_value_attribute(argument.text);
  if (!column) return moved(std::move(column.error()), argument.offset);
  return column;
}

Parsed<double> parse_bound(const Argument& argument, SpanField field) {
  if (field == SpanField::kDuration) {
    auto duration = parse_duration(argument.text);
    if (!duration) return moved(std::move(duration.error()), argument.offset);
    return static_cast<double>(*duration);
  }
  const auto number = read_number(argument.text);
  if (!number) return wrong(argument.offset, fmt::format("\"{}\" is no number", argument.text));
  return *number;
}

Parsed<void> parse_function(std::string_view name, AggregateCall& call) {
  const auto known = std::ranges::find(kFunctions, name, &decltype(kFunctions)::value_type::first);
  if (known != kFunctions.end()) {
    call.function = known->second;
    return {};
  }
  const auto percent = name.starts_with('p') ? read_number(name.substr(1)) : std::nullopt;
  if (!percent || *percent < 0 || *percent > 100) {
    return wrong(0, fmt::format("\"{}\" is no function; {}", name, kCallHelp));
  }
  call.function = AggregateFunction::kQuantile;
  call.quantile = *percent / 100;
  return {};
}

Parsed<void> parse_bounds(std::span<const Argument> arguments, size_t end, AggregateCall& call) {
  if (arguments.empty() || arguments.size() > data::kHistogramBoundsMax) {
    return wrong(end, fmt::format("a histogram has 1 to {} bounds, as in histogram(duration, 10ms, 1s)",
                                  data::kHistogramBoundsMax));
  }
  for (const Argument& argument : arguments) {
    const auto bound = parse_bound(argument, call.of->field);
    if (!bound) return std::unexpected(bound.error());
    if (!call.bounds.empty() && *bound <= call.bounds.back()) {
      return wrong(argument.offset, "bounds ascend; this one is not above the one before");
    }
    call.bounds.push_back(*bound);
  }
  return {};
}

}  // namespace

Parsed<SpanColumn> parse_group_column(std::string_view text) {
  const auto known = std::ranges::find(kColumns, text, &decltype(kColumns)::value_type::first);
  if (known != kColumns.end()) return SpanColumn{known->second, std::nullopt, {}};
  if (text == "duration") {
    return wrong(0, "spans are not grouped by duration; histogram(duration, 10ms, 1s) counts them by it");
  }
  return one_value_attribute(text);
}

Parsed<AggregateCall> parse_call(std::string_view text) {
  const size_t bracket = text.find('(');
  if (bracket == std::string_view::npos) return wrong(text.size(), fmt::format("\"(\" is missing; {}", kCallHelp));
  if (!text.ends_with(')')) return wrong(text.size(), "the closing \")\" is missing");
  AggregateCall call;
  if (auto function = parse_function(text.substr(0, bracket), call); !function) {
    return std::unexpected(std::move(function.error()));
  }
  const size_t end = text.size() - 1;
  const auto arguments = cut(text.substr(bracket + 1, end - bracket - 1), bracket + 1);
  if (arguments.empty()) {
    if (call.function == AggregateFunction::kCount) return call;
    return wrong(end, "what it looks at is missing between the brackets: duration, or an attribute");
  }
  auto of = parse_measure(arguments.front());
  if (!of) return std::unexpected(std::move(of.error()));
  call.of = std::move(*of);
  const auto rest = std::span(arguments).subspan(1);
  if (call.function != AggregateFunction::kHistogram) {
    if (rest.empty()) return call;
    return wrong(rest.front().offset, "one argument is all that this function takes");
  }
  if (auto bounds = parse_bounds(rest, end, call); !bounds) return std::unexpected(std::move(bounds.error()));
  return call;
}

data::AggregateSpec compile(const GroupQuestion& question, const Context& context) {
  data::AggregateSpec spec;
  spec.time = question.time;
  spec.span = question.span;
  spec.by = question.by;
  spec.step_nanos = question.step_nanos;
  spec.calls = question.calls;
  spec.cells_max = kAggregateCellsMax;
  spec.groups_max = question.groups_max;
  spec.order_call = question.order_call;
  spec.deadline_steady_nanos = context.deadline_steady_nanos;
  spec.cancel = context.cancel;
  return spec;
}

Result<data::AggregateEnd> group_spans(const Context& context, const GroupQuestion& question) {
  return context.reader.aggregate(compile(question, context));
}

}  // namespace sextant::query
