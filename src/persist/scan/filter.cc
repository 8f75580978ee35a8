#include "persist/scan/filter.h"

#include <algorithm>
#include <cmath>

#include "base/core/check.h"
#include "data/model/limits.h"

namespace sextant::persist {
namespace {

using data::AttributeList;
using data::AttributeScope;
using data::Batch;
using data::CompareOp;
using data::Condition;
using data::SpanField;
using data::SpanFilter;
using data::ValueType;
using data::ValueView;

/// x86's long double holds every int64 and every double exactly, so that the two compare without loss.
std::optional<long double> number_of(const ValueView& value) {
  if (value.type == ValueType::kInt) return static_cast<long double>(value.number);
  if (value.type == ValueType::kDouble) return static_cast<long double>(value.as_double());
  return std::nullopt;
}

bool contains(const ValueView& value, const ValueView& literal) {
  return value.type == ValueType::kString && literal.type == ValueType::kString &&
         value.bytes.find(literal.bytes) != std::string_view::npos;
}

ValueView unsigned_value(uint64_t number) {
  return ValueView::integer(static_cast<int64_t>(number));
}

}  // namespace

bool compare_values(const ValueView& value, CompareOp op, const ValueView& literal) {
  if (op == CompareOp::kContains) return contains(value, literal);
  const auto left = number_of(value);
  const auto right = number_of(literal);
  const bool equal = left && right ? *left == *right : value == literal;
  if (op == CompareOp::kEqual) return equal;
  if (op == CompareOp::kNotEqual) return !equal;
  if (!left || !right) return false;
  switch (op) {
    case CompareOp::kLess:
      return *left < *right;
    case CompareOp::kLessOrEqual:
      return *left <= *right;
    case CompareOp::kGreater:
      return *left > *right;
    default:
      return *left >= *right;
  }
}

SpanMatcher::SpanMatcher(const SpanFilter& filter, const Batch& batch) : batch_(batch) {
  add(filter);
}

uint32_t SpanMatcher::add(const SpanFilter& filter) {
  const auto self = static_cast<uint32_t>(nodes_.size());
  nodes_.push_back({&filter});
  if (filter.kind == SpanFilter::Kind::kCondition) nodes_[self].key = batch_.keys.find(filter.condition.key);
  std::vector<uint32_t> children;
  for (const SpanFilter& child : filter.children) children.push_back(add(child));
  nodes_[self].children_begin = static_cast<uint32_t>(children_.size());
  children_.insert(children_.end(), children.begin(), children.end());
  nodes_[self].children_end = static_cast<uint32_t>(children_.size());
  return self;
}

bool SpanMatcher::holds(uint32_t index, uint32_t row) const {
  const Node& node = nodes_[index];
  const auto begin = children_.begin() + node.children_begin;
  const auto end = children_.begin() + node.children_end;
  const auto child = [&](uint32_t number) { return holds(number, row); };
  switch (node.filter->kind) {
    case SpanFilter::Kind::kAnd:
      return std::all_of(begin, end, child);
    case SpanFilter::Kind::kOr:
      return std::any_of(begin, end, child);
    case SpanFilter::Kind::kNot:
      return std::none_of(begin, end, child);
    case SpanFilter::Kind::kCondition:
      return condition_holds(node, row);
  }
  return false;
}

bool SpanMatcher::condition_holds(const Node& node, uint32_t row) const {
  const Condition& condition = node.filter->condition;
  const data::SpanColumns& s = batch_.spans;
  const auto compare = [&](const ValueView& value) {
    return condition.op == CompareOp::kExists || compare_values(value, condition.op, condition.literal());
  };
  switch (condition.field) {
    case SpanField::kService:
      return compare(ValueView::string(batch_.service_of(row)));
    case SpanField::kName:
      return compare(batch_.values.view(s.name[row]));
    case SpanField::kKind:
      return compare(ValueView::integer(s.kind[row]));
    case SpanField::kStatus:
      return compare(ValueView::integer(s.status[row]));
    case SpanField::kDuration: {
      const uint64_t start = s.start_unix_nanos[row];
      return compare(unsigned_value(std::max(start, s.end_unix_nanos[row]) - start));
    }
    case SpanField::kStart:
      return compare(unsigned_value(s.start_unix_nanos[row]));
    case SpanField::kAttribute:
      return attribute_holds(node, row);
  }
  return false;
}

bool SpanMatcher::attribute_holds(const Node& node, uint32_t row) const {
  const Condition& condition = node.filter->condition;
  bool present = false;
  bool satisfied = false;
  const auto look = [&](const AttributeList& list) {
    const auto value = first_value(list, node.key);
    if (!value) return;
    present = true;
    satisfied =
        satisfied || condition.op == CompareOp::kExists || compare_values(*value, condition.op, condition.literal());
  };
  const auto& scope = condition.scope;
  if (!scope || *scope == AttributeScope::kSpan) look(batch_.spans.attributes[row]);
  if (scope == AttributeScope::kResource || (!scope && !present)) {
    look(batch_.resources[batch_.spans.resource[row]].attributes);
  }
  if (scope == AttributeScope::kScope) look(batch_.scopes[batch_.spans.scope[row]].attributes);
  if (scope == AttributeScope::kEvent) {
    const data::RowRange range = batch_.events_of(row);
    for (uint32_t i = range.begin; i < range.end; ++i) look(batch_.events.attributes[i]);
  }
  if (scope == AttributeScope::kLink) {
    const data::RowRange range = batch_.links_of(row);
    for (uint32_t i = range.begin; i < range.end; ++i) look(batch_.links.attributes[i]);
  }
  return present ? satisfied : condition.op == CompareOp::kNotEqual;
}

std::optional<ValueView> SpanMatcher::first_value(const AttributeList& list, data::KeyCode key) const {
  if (key == data::CodeTable::kNone) return std::nullopt;
  const auto values = batch_.values_of(list);
  std::optional<ValueView> value;
  // The trie gives keys last to first; the first of several equal keys is what counts.
  data::ShapeId shape = list.shape;
  for (size_t i = values.size(); i > 0; --i, shape = batch_.shapes.parent(shape)) {
    if (batch_.shapes.last_key(shape) == key) value = batch_.values.view(values[i - 1]);
  }
  return value;
}

namespace {

bool range_may_match(CompareOp op, const ValueView& literal, uint64_t min, uint64_t max) {
  const auto number = number_of(literal);
  if (op == CompareOp::kNotEqual || op == CompareOp::kExists) return true;
  if (!number) return false;
  // Columns are compared as signed numbers; where that makes a difference nothing is left out.
  if (max > static_cast<uint64_t>(INT64_MAX)) return true;
  const auto low = static_cast<long double>(min);
  const auto high = static_cast<long double>(max);
  switch (op) {
    case CompareOp::kEqual:
      return *number >= low && *number <= high;
    case CompareOp::kLess:
      return low < *number;
    case CompareOp::kLessOrEqual:
      return low <= *number;
    case CompareOp::kGreater:
      return high > *number;
    default:
      return high >= *number;
  }
}

bool texts_may_match(const Condition& condition, bool any, const std::vector<uint32_t>& present,
                     const std::vector<std::string>& texts) {
  if (any || condition.op == CompareOp::kNotEqual || condition.op == CompareOp::kExists) return true;
  return std::ranges::any_of(present, [&](uint32_t index) {
    return compare_values(ValueView::string(texts[index]), condition.op, condition.literal());
  });
}

bool bits_may_match(const Condition& condition, uint32_t bits) {
  if (condition.op != CompareOp::kEqual) return true;
  const auto number = number_of(condition.literal());
  if (!number || *number != std::trunc(*number) || std::fabs(*number) > 1e9L) return false;
  return (bits & zone_bit(static_cast<int64_t>(*number))) != 0;
}

bool condition_may_match(const Condition& condition, const BlockZone& zone, const SegmentIndex& index) {
  switch (condition.field) {
    case SpanField::kService:
      return texts_may_match(condition, zone.any_service, zone.services, index.services);
    case SpanField::kName:
      return texts_may_match(condition, zone.any_name, zone.names, index.names);
    case SpanField::kKind:
      return bits_may_match(condition, zone.kinds);
    case SpanField::kStatus:
      return bits_may_match(condition, zone.statuses);
    case SpanField::kDuration:
      return range_may_match(condition.op, condition.literal(), zone.duration_min, zone.duration_max);
    case SpanField::kStart:
      return range_may_match(condition.op, condition.literal(), zone.start_min, zone.start_max);
    case SpanField::kAttribute:
      return true;
  }
  return true;
}

/// What a whole filter may do, given what each condition may do. A negated one is not looked into.
template <typename ConditionMay>
bool filter_may_match(const SpanFilter& filter, const ConditionMay& may) {
  const auto child = [&](const SpanFilter& f) { return filter_may_match(f, may); };
  switch (filter.kind) {
    case SpanFilter::Kind::kAnd:
      return std::ranges::all_of(filter.children, child);
    case SpanFilter::Kind::kOr:
      return std::ranges::any_of(filter.children, child);
    case SpanFilter::Kind::kNot:
      return true;
    case SpanFilter::Kind::kCondition:
      return may(filter.condition);
  }
  return true;
}

}  // namespace

bool block_may_match(const SpanFilter& filter, const BlockZone& zone, const SegmentIndex& index) {
  return filter_may_match(filter, [&](const Condition& c) { return condition_may_match(c, zone, index); });
}

bool batch_may_match(const SpanFilter& filter, const Batch& batch) {
  return filter_may_match(filter, [&](const Condition& c) {
    if (c.field == SpanField::kAttribute && c.op != CompareOp::kNotEqual) {
      if (batch.keys.find(c.key) == data::CodeTable::kNone) return false;
    }
    const bool is_text = c.field == SpanField::kAttribute || c.field == SpanField::kName;
    if (!is_text || c.op != CompareOp::kEqual || c.type != ValueType::kString) return true;
    // Long values are not shared, so that they are not found.
    return c.bytes.size() > data::kInternBytesMax || batch.values.find(c.literal()) != data::ValueDictionary::kNone;
  });
}

bool run_matches(const data::RunFilter& filter, const data::RunSummary& run) {
  const auto among = [](const auto& wanted, const auto& value) {
    return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
  };
  const auto any = [&](const auto& wanted, const auto& values) {
    return wanted.empty() || std::ranges::any_of(values, [&](const auto& value) { return among(wanted, value); });
  };
  const uint64_t duration = run.duration_nanos();
  return duration >= filter.duration_min_nanos && duration <= filter.duration_max_nanos &&
         among(filter.trace_ids, run.trace_id) && among(filter.states, run.state()) &&
         any(filter.services, run.services) && any(filter.agents, run.agents) && any(filter.models, run.models) &&
         any(filter.tools, run.tools) && among(filter.environments, run.environment) &&
         among(filter.conversation_ids, run.conversation_id);
}

}  // namespace sextant::persist
