#include "query/traces/question.h"

#include <iterator>
#include <utility>

namespace sextant::query {
namespace {

using data::SpanFilter;

SpanFilter one_or_any(std::vector<SpanFilter> choices) {
  if (choices.size() == 1) return std::move(choices.front());
  SpanFilter any;
  any.kind = SpanFilter::Kind::kOr;
  any.children = std::move(choices);
  return any;
}

SpanFilter leaf(data::SpanField field, data::ValueType type, int64_t number, std::string bytes) {
  SpanFilter filter;
  filter.kind = SpanFilter::Kind::kCondition;
  filter.condition.field = field;
  filter.condition.type = type;
  filter.condition.number = number;
  filter.condition.bytes = std::move(bytes);
  return filter;
}

}  // namespace

void Findings::add(data::ScanEnd&& end) {
  damages.insert(damages.end(), std::make_move_iterator(end.damages.begin()),
                 std::make_move_iterator(end.damages.end()));
  stats.segments += end.stats.segments;
  stats.segments_opened += end.stats.segments_opened;
  stats.blocks_read += end.stats.blocks_read;
  stats.text_bytes_unfolded += end.stats.text_bytes_unfolded;
  stats.rows_read += end.stats.rows_read;
}

data::ScanSpec compile(const RunQuestion& question, const Context& context) {
  data::ScanSpec spec;
  spec.rows = data::ScanSpec::Rows::kRuns;
  spec.time = question.time;
  spec.run = question.run;
  spec.span = question.span;
  spec.deadline_steady_nanos = context.deadline_steady_nanos;
  spec.cancel = context.cancel;
  return spec;
}

void add_condition(data::SpanFilter& filter, data::SpanFilter other) {
  if (filter.always()) {
    filter = std::move(other);
    return;
  }
  if (filter.kind != SpanFilter::Kind::kAnd) {
    SpanFilter both;
    both.children.push_back(std::move(filter));
    filter = std::move(both);
  }
  filter.children.push_back(std::move(other));
}

data::SpanFilter any_of(data::SpanField field, const std::vector<std::string>& choices) {
  std::vector<SpanFilter> leaves;
  for (const std::string& text : choices) leaves.push_back(leaf(field, data::ValueType::kString, 0, text));
  return one_or_any(std::move(leaves));
}

data::SpanFilter any_of(data::SpanField field, const std::vector<int64_t>& choices) {
  std::vector<SpanFilter> leaves;
  for (const int64_t number : choices) leaves.push_back(leaf(field, data::ValueType::kInt, number, {}));
  return one_or_any(std::move(leaves));
}

}  // namespace sextant::query
