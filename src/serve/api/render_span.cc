#include "serve/api/render_span.h"

#include <array>

#include "base/core/text.h"
#include "data/model/nested_set.h"
#include "query/traces/literals.h"
#include "serve/api/render_genai.h"
#include "serve/api/render_run.h"
#include "serve/api/render_value.h"
#include "serve/api/run_filters.h"

namespace sextant::serve {
namespace {

using data::Batch;

bool has_end(const Batch& batch, uint32_t row) {
  return batch.spans.end_unix_nanos[row] != 0;
}

/// A client whose clock went back sends ends before starts: such a span took no time.
uint64_t duration_of(const Batch& batch, uint32_t row) {
  const uint64_t start = batch.spans.start_unix_nanos[row];
  const uint64_t end = batch.spans.end_unix_nanos[row];
  return end > start ? end - start : 0;
}

std::string_view state_name(const Batch& batch, uint32_t row) {
  return has_end(batch, row) ? status_name(batch.spans.status[row]) : "in_progress";
}

void render_id(const data::SpanId& id, JsonWriter& json) {
  if (id.is_zero()) {
    json.null();
  } else {
    json.hex(id.view());
  }
}

void render_times(const Batch& batch, uint32_t row, JsonWriter& json) {
  const uint64_t start = batch.spans.start_unix_nanos[row];
  const uint64_t end = batch.spans.end_unix_nanos[row];
  json.key("start_time").string(query::format_time(start));
  json.key("start_unix_nano").unsigned_string(start);
  if (!has_end(batch, row)) {
    for (const std::string_view key : {"end_time", "end_unix_nano", "duration_ns", "duration_ms"}) json.key(key).null();
    return;
  }
  json.key("end_time").string(query::format_time(end));
  json.key("end_unix_nano").unsigned_string(end);
  json.key("duration_ns").unsigned_integer(duration_of(batch, row));
  json.key("duration_ms").real(to_ms(duration_of(batch, row)));
}

void render_events(const Batch& batch, uint32_t row, ValueCut cut, JsonWriter& json) {
  const data::RowRange range = batch.events_of(row);
  json.key("events").begin_array();
  for (uint32_t i = range.begin; i < range.end; ++i) {
    json.begin_object().key("name").string(batch.values.text(batch.events.name[i]));
    json.key("time_unix_nano").unsigned_string(batch.events.time_unix_nanos[i]);
    render_attributes(batch, batch.events.attributes[i], json.key("attributes"), cut);
    json.key("dropped_attributes_count").unsigned_integer(batch.events.dropped_attributes[i]).end_object();
  }
  json.end_array();
}

void render_links(const Batch& batch, uint32_t row, ValueCut cut, JsonWriter& json) {
  const data::RowRange range = batch.links_of(row);
  json.key("links").begin_array();
  for (uint32_t i = range.begin; i < range.end; ++i) {
    json.begin_object().key("trace_id").hex(batch.links.trace_id[i].view());
    json.key("span_id").hex(batch.links.span_id[i].view());
    json.key("trace_state").string(batch.values.text(batch.links.trace_state[i]));
    json.key("flags").unsigned_integer(batch.links.flags[i]);
    render_attributes(batch, batch.links.attributes[i], json.key("attributes"), cut);
    json.key("dropped_attributes_count").unsigned_integer(batch.links.dropped_attributes[i]).end_object();
  }
  json.end_array();
}

void render_origin(const Batch& batch, uint32_t row, ValueCut cut, JsonWriter& json) {
  const data::Resource& resource = batch.resources[batch.spans.resource[row]];
  json.key("resource").begin_object();
  render_attributes(batch, resource.attributes, json.key("attributes"), cut);
  json.key("dropped_attributes_count").unsigned_integer(resource.dropped_attributes);
  json.key("schema_url").string(batch.values.text(resource.schema_url)).end_object();
  const data::Scope& scope = batch.scopes[batch.spans.scope[row]];
  json.key("scope").begin_object().key("name").string(batch.values.text(scope.name));
  json.key("version").string(batch.values.text(scope.version));
  render_attributes(batch, scope.attributes, json.key("attributes"), cut);
  json.key("dropped_attributes_count").unsigned_integer(scope.dropped_attributes);
  json.key("schema_url").string(batch.values.text(scope.schema_url)).end_object();
}

void render_span(const query::Trace& trace, uint32_t row, ValueCut cut, data::GenAiReader& reader, JsonWriter& json) {
  const Batch& batch = trace.spans;
  json.begin_object();
  json.key("trace_id").hex(batch.spans.trace_id[row].view());
  json.key("span_id").hex(batch.spans.span_id[row].view());
  render_id(batch.spans.parent_span_id[row], json.key("parent_span_id"));
  json.key("name").string(batch.values.text(batch.spans.name[row]));
  json.key("kind").string(span_kind_name(batch.spans.kind[row]));
  render_times(batch, row, json);
  json.key("status").string(state_name(batch, row));
  json.key("status_message").string(batch.values.text(batch.spans.status_message[row]));
  json.key("trace_state").string(batch.values.text(batch.spans.trace_state[row]));
  json.key("flags").unsigned_integer(batch.spans.flags[row]);
  json.key("service").string(batch.service_of(row));
  render_attributes(batch, batch.spans.attributes[row], json.key("attributes"), cut);
  render_events(batch, row, cut, json);
  render_links(batch, row, cut, json);
  json.key("dropped_attributes_count").unsigned_integer(batch.spans.dropped_attributes[row]);
  json.key("dropped_events_count").unsigned_integer(batch.spans.dropped_events[row]);
  json.key("dropped_links_count").unsigned_integer(batch.spans.dropped_links[row]);
  render_origin(batch, row, cut, json);
  json.key("conflicting").boolean(trace.conflicting[row]);
  render_step_view(reader, row, cut.whole() ? data::Depth::kMessages : data::Depth::kFacts, json.key("gen_ai"));
  json.end_object();
}

using NestedSets = std::vector<data::NestedSet>;

/// The members of a node up to its open list of children.
void open_node(const query::Trace& trace, const NestedSets& sets, uint32_t node, JsonWriter& json) {
  const Batch& batch = trace.spans;
  const uint32_t row = trace.steps[node];
  json.begin_object();
  json.key("span_id").hex(batch.spans.span_id[row].view());
  render_id(batch.spans.parent_span_id[row], json.key("parent_span_id"));
  json.key("name").string(batch.values.text(batch.spans.name[row]));
  json.key("status").string(state_name(batch, row));
  json.key("start_time").string(query::format_time(batch.spans.start_unix_nanos[row]));
  json.key("duration_ms");
  if (has_end(batch, row)) {
    json.real(to_ms(duration_of(batch, row)));
  } else {
    json.null();
  }
  json.key("parent_missing").boolean(trace.tree.nodes[node].parent_missing);
  json.key("nested_set_parent").integer(sets[node].parent);
  json.key("nested_set_left").integer(sets[node].left);
  json.key("nested_set_right").integer(sets[node].right);
  json.key("children").begin_array();
}

/// Writes one root and all below it, walking along the links instead of calling itself.
Result<void> render_subtree(const query::Trace& trace, const NestedSets& sets, uint32_t root, AnswerText& answer) {
  const auto& nodes = trace.tree.nodes;
  JsonWriter& json = answer.json();
  uint32_t node = root;
  open_node(trace, sets, node, json);
  while (true) {
    if (nodes[node].first_child != data::SpanTree::kNone) {
      node = nodes[node].first_child;
      open_node(trace, sets, node, json);
      TRY(answer.checked());
      continue;
    }
    json.end_array().end_object();
    while (node != root && nodes[node].next_sibling == data::SpanTree::kNone) {
      node = nodes[node].parent;
      json.end_array().end_object();
    }
    if (node == root) return {};
    node = nodes[node].next_sibling;
    open_node(trace, sets, node, json);
  }
}

/// Where a step stands. A parent that was not received, and one that leads round in a circle, are told apart: the first
/// is named, so that the page can say which one is missing; the second is left out, so that no reader runs in circles.
void render_parent(const query::Trace& trace, uint32_t node, JsonWriter& json) {
  const data::SpanId parent = trace.spans.spans.parent_span_id[trace.steps[node]];
  json.key("parent_span_id");
  render_id(trace.tree.nodes[node].circle_opened ? data::SpanId{} : parent, json);
}

void render_step(const query::Trace& trace, uint32_t node, data::GenAiReader& reader, JsonWriter& json) {
  const Batch& batch = trace.spans;
  const uint32_t row = trace.steps[node];
  const uint64_t start = batch.spans.start_unix_nanos[row];
  const auto facts = reader.facts(row);
  json.begin_object();
  json.key("span_id").hex(batch.spans.span_id[row].view());
  render_parent(trace, node, json);
  json.key("name").string(batch.values.text(batch.spans.name[row]));
  render_step_facts(reader, row, facts, json);
  json.key("span_kind").string(span_kind_name(batch.spans.kind[row]));
  json.key("service").string(batch.service_of(row));
  json.key("start_offset_ns").unsigned_integer(start > trace.summary.start ? start - trace.summary.start : 0);
  json.key("duration_ns");
  if (has_end(batch, row)) {
    json.unsigned_integer(duration_of(batch, row));
  } else {
    json.null();
  }
  json.key("status").string(status_name(batch.spans.status[row]));
  json.key("status_message").string(batch.values.text(batch.spans.status_message[row]));
  json.key("event_count").unsigned_integer(batch.events_of(row).size());
  json.key("link_count").unsigned_integer(batch.links_of(row).size());
  json.key("conflicting").boolean(trace.conflicting[row]);
  json.end_object();
}

}  // namespace

std::string_view span_kind_name(int32_t kind) {
  return kind >= 0 && static_cast<size_t>(kind) < kSpanKinds.size() ? kSpanKinds[static_cast<size_t>(kind)]
                                                                    : kSpanKinds[0];
}

std::string_view status_name(int32_t status) {
  constexpr std::array<std::string_view, 3> kNames = {"unset", "ok", "error"};
  return status >= 0 && static_cast<size_t>(status) < kNames.size() ? kNames[static_cast<size_t>(status)] : kNames[0];
}

Result<void> render_spans(const query::Trace& trace, AnswerText& answer, ValueCut cut) {
  data::GenAiReader reader(trace.spans);
  answer.json().begin_array();
  for (const uint32_t row : trace.rows) {
    render_span(trace, row, cut, reader, answer.json());
    TRY(answer.checked());
  }
  answer.json().end_array();
  return {};
}

Result<void> render_tree(const query::Trace& trace, AnswerText& answer) {
  const auto& roots = trace.tree.roots;
  const NestedSets sets = data::number_nested_sets(trace.tree);
  if (roots.size() == 1) return render_subtree(trace, sets, roots.front(), answer);
  JsonWriter& json = answer.json();
  json.begin_object();
  for (const std::string_view key : {"span_id", "parent_span_id", "name", "status", "start_time", "duration_ms"}) {
    json.key(key).null();
  }
  json.key("parent_missing").boolean(false);
  for (const std::string_view key : {"nested_set_parent", "nested_set_left", "nested_set_right"}) json.key(key).null();
  json.key("children").begin_array();
  for (const uint32_t root : roots) {
    TRY(render_subtree(trace, sets, root, answer));
    TRY(answer.checked());
  }
  json.end_array().end_object();
  return {};
}

Result<void> render_steps(const query::Trace& trace, AnswerText& answer) {
  data::GenAiReader reader(trace.spans);
  answer.json().begin_array();
  for (uint32_t node = 0; node < trace.steps.size(); ++node) {
    render_step(trace, node, reader, answer.json());
    TRY(answer.checked());
  }
  answer.json().end_array();
  return {};
}

}  // namespace sextant::serve
