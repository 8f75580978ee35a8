#include "serve/api/render_groups.h"

#include <cmath>

#include "serve/api/render_span.h"
#include "serve/api/render_value.h"

namespace sextant::serve {
namespace {

void render_group_value(data::SpanField field, const data::ValueView& value, JsonWriter& json) {
  if (value.type == data::ValueType::kEmpty) {
    json.null();
  } else if (field == data::SpanField::kKind) {
    render_value(data::ValueView::string(span_kind_name(static_cast<int32_t>(value.number))), json);
  } else if (field == data::SpanField::kStatus) {
    render_value(data::ValueView::string(status_name(static_cast<int32_t>(value.number))), json);
  } else {
    render_value(value, json);
  }
}

Result<void> render_by(const query::GroupQuestion& question, const GroupTexts& texts, const data::AggregateEnd& found,
                       AnswerText& answer) {
  JsonWriter& json = answer.json();
  json.key("by").begin_array();
  for (size_t column = 0; column < texts.by.size(); ++column) {
    json.begin_object().key("column").string(texts.by[column]).key("values").begin_array();
    for (const data::ValueCode code : found.groups[column]) {
      render_group_value(question.by[column].field, found.values.view(code), json);
      TRY(answer.checked());
    }
    json.end_array().end_object();
  }
  json.end_array();
  return {};
}

void render_steps(const query::GroupQuestion& question, const data::AggregateEnd& found, JsonWriter& json) {
  json.key("step_ns");
  if (question.step_nanos == 0) {
    json.null().key("steps").null();
    return;
  }
  json.unsigned_integer(question.step_nanos).key("steps").begin_array();
  for (const UnixNanos step : found.steps) json.unsigned_string(step);
  json.end_array();
}

Result<void> render_column(const data::AggregateColumn& column, AnswerText& answer) {
  JsonWriter& json = answer.json();
  json.key("values").begin_array();
  for (const double number : column.numbers) {
    if (std::isfinite(number)) {
      json.real(number);
    } else {
      json.null();
    }
    TRY(answer.checked());
  }
  for (const auto& buckets : column.buckets) {
    json.begin_array();
    for (const uint64_t count : buckets) json.unsigned_integer(count);
    json.end_array();
    TRY(answer.checked());
  }
  json.end_array();
  return {};
}

}  // namespace

Result<void> render_groups(const query::GroupQuestion& question, const GroupTexts& texts,
                           const data::AggregateEnd& found, AnswerText& answer) {
  JsonWriter& json = answer.json();
  json.key("rows").unsigned_integer(found.rows);
  TRY(render_by(question, texts, found, answer));
  render_steps(question, found, json);
  json.key("of").begin_array();
  for (size_t call = 0; call < texts.of.size(); ++call) {
    json.begin_object().key("call").string(texts.of[call]);
    json.key("bounds").begin_array();
    for (const double bound : question.calls[call].bounds) json.real(bound);
    json.end_array();
    TRY(render_column(found.columns[call], answer));
    json.end_object();
  }
  json.end_array();
  json.key("groups_found").unsigned_integer(found.groups_found);
  return {};
}

}  // namespace sextant::serve
