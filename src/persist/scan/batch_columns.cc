#include "persist/scan/batch_columns.h"

#include <algorithm>
#include <cmath>

namespace sextant::persist {
namespace {

using data::SpanField;
using data::ValueView;

constexpr uint32_t kUnknown = UINT32_MAX;

/// A finite number, or AggregateRows::kAbsent.
double number_of(const ValueView& value) {
  if (value.type == data::ValueType::kInt) return static_cast<double>(value.number);
  if (value.type != data::ValueType::kDouble || !std::isfinite(value.as_double())) return AggregateRows::kAbsent;
  return value.as_double();
}

}  // namespace

AttributeColumn::AttributeColumn(const data::Batch& batch, const data::SpanColumn& column)
    : batch_(batch),
      scope_(column.scope),
      key_(column.field == SpanField::kAttribute ? batch.keys.find(column.key) : data::CodeTable::kNone),
      places_(key_ == data::CodeTable::kNone ? 0 : batch.shapes.size(), kUnknown) {}

uint32_t AttributeColumn::find(data::ShapeId shape) const {
  uint32_t place = kNowhere;
  // The trie gives keys last to first; the first of several equal keys is what counts.
  for (uint32_t i = batch_.shapes.key_count(shape); i > 0; --i, shape = batch_.shapes.parent(shape)) {
    if (batch_.shapes.last_key(shape) == key_) place = i - 1;
  }
  return place;
}

BatchColumns::BatchColumns(const AggregatePlan& plan, const data::Batch& batch, GroupValues& values)
    : plan_(plan),
      batch_(batch),
      values_(values),
      codes_of_values_(batch.values.size(), kUnknown),
      codes_of_services_(batch.resources.size(), kUnknown) {
  for (const data::SpanColumn& column : plan.spec->by) groups_.emplace_back(batch, column);
  for (const AggregatePlan::Measure& measure : plan.measures) measures_.emplace_back(batch, measure.column);
}

uint32_t BatchColumns::code_of_value(data::ValueCode code) {
  uint32_t& known = codes_of_values_[code];
  if (known == kUnknown) known = values_.intern(batch_.values.view(code));
  return known;
}

uint32_t BatchColumns::code_of_service(uint32_t resource) {
  uint32_t& known = codes_of_services_[resource];
  if (known != kUnknown) return known;
  bool found = false;
  const ValueView service = batch_.attribute(batch_.resources[resource].attributes, "service.name", &found);
  known = found && service.type == data::ValueType::kString ? values_.intern(service) : GroupValues::kMissing;
  return known;
}

void BatchColumns::read_group(size_t column, std::span<const uint32_t> rows, std::vector<uint32_t>& out) {
  const data::SpanColumns& spans = batch_.spans;
  const auto write = [&](auto code_of_row) {
    out.resize(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) out[i] = code_of_row(rows[i]);
  };
  switch (plan_.spec->by[column].field) {
    case SpanField::kService:
      return write([&](uint32_t row) { return code_of_service(spans.resource[row]); });
    case SpanField::kName:
      return write([&](uint32_t row) { return code_of_value(spans.name[row]); });
    case SpanField::kKind:
      return write([&](uint32_t row) { return values_.intern(ValueView::integer(spans.kind[row])); });
    case SpanField::kStatus:
      return write([&](uint32_t row) { return values_.intern(ValueView::integer(spans.status[row])); });
    default:
      return write([&](uint32_t row) {
        const data::ValueCode code = groups_[column].at(row);
        return code == AttributeColumn::kAbsent ? GroupValues::kMissing : code_of_value(code);
      });
  }
}

void BatchColumns::read_measure(size_t measure, std::span<const uint32_t> rows, std::vector<double>& out) {
  const data::SpanColumns& spans = batch_.spans;
  out.resize(rows.size());
  if (plan_.measures[measure].column.field == SpanField::kDuration) {
    for (size_t i = 0; i < rows.size(); ++i) {
      const uint64_t start = spans.start_unix_nanos[rows[i]];
      const uint64_t end = spans.end_unix_nanos[rows[i]];
      out[i] = end == 0 ? AggregateRows::kAbsent : static_cast<double>(std::max(start, end) - start);
    }
    return;
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    const data::ValueCode code = measures_[measure].at(rows[i]);
    out[i] = code == AttributeColumn::kAbsent ? AggregateRows::kAbsent : number_of(batch_.values.view(code));
  }
}

void BatchColumns::read(std::span<const uint32_t> rows, AggregateRows& out) {
  out.count = static_cast<uint32_t>(rows.size());
  out.groups.resize(groups_.size());
  for (size_t column = 0; column < groups_.size(); ++column) read_group(column, rows, out.groups[column]);
  out.measures.resize(measures_.size());
  for (size_t measure = 0; measure < measures_.size(); ++measure) read_measure(measure, rows, out.measures[measure]);
  out.starts.clear();
  if (plan_.spec->step_nanos == 0) return;
  for (const uint32_t row : rows) out.starts.push_back(batch_.spans.start_unix_nanos[row]);
}

}  // namespace sextant::persist
