#include "serve/api/render_run.h"

namespace sextant::serve {
namespace {

void render_texts(std::string_view key, const std::vector<std::string>& texts, JsonWriter& json) {
  json.key(key).begin_array();
  for (const std::string& text : texts) json.string(text);
  json.end_array();
}

void render_error(const data::RunSummary& run, JsonWriter& json) {
  json.key("error");
  if (run.error_count == 0) {
    json.null();
    return;
  }
  json.begin_object().key("message").string(run.error_message);
  json.key("step").string(run.error_step).end_object();
}

constexpr std::string_view kFacetNames[query::kFacetCount] = {"state", "agent",   "model",
                                                              "tool",  "service", "environment"};

void render_facets(const query::Overview& overview, JsonWriter& json) {
  json.key("facets").begin_object();
  for (size_t facet = 0; facet < query::kFacetCount; ++facet) {
    json.key(kFacetNames[facet]).begin_array();
    for (const query::FacetValue& value : overview.facets[facet]) {
      json.begin_object().key("value").string(value.value).key("count").unsigned_integer(value.count).end_object();
    }
    json.end_array();
  }
  json.end_object();
}

void render_column(std::string_view key, const query::Overview& overview, uint64_t query::OverviewStep::* member,
                   JsonWriter& json) {
  json.key(key).begin_array();
  for (const query::OverviewStep& step : overview.steps) json.unsigned_integer(step.*member);
  json.end_array();
}

void render_series(const query::Overview& overview, JsonWriter& json) {
  json.key("series").begin_object();
  json.key("start_unix_nano").unsigned_string(overview.start);
  json.key("step_ns").unsigned_integer(overview.step_nanos);
  render_column("ok", overview, &query::OverviewStep::ok, json);
  render_column("error", overview, &query::OverviewStep::error, json);
  render_column("running", overview, &query::OverviewStep::running, json);
  render_column("input_tokens", overview, &query::OverviewStep::input_tokens, json);
  render_column("output_tokens", overview, &query::OverviewStep::output_tokens, json);
  json.end_object();
}

void render_heatmap(const query::Overview& overview, JsonWriter& json) {
  json.key("heatmap").begin_object().key("duration_bounds_ns").begin_array();
  for (const uint64_t bound : overview.duration_bounds) json.unsigned_integer(bound);
  json.end_array().key("counts").begin_array();
  for (const auto& row : overview.heatmap) {
    json.begin_array();
    for (const uint64_t count : row) json.unsigned_integer(count);
    json.end_array();
  }
  json.end_array().end_object();
}

}  // namespace

double to_ms(uint64_t nanos) {
  return static_cast<double>(nanos) / static_cast<double>(kNanosPerMillisecond);
}

void render_known(std::string_view text, JsonWriter& json) {
  if (text.empty()) {
    json.null();
  } else {
    json.string(text);
  }
}

void render_tokens(const data::TokenCounts& tokens, JsonWriter& json) {
  if (!tokens.known) {
    json.null();
    return;
  }
  json.begin_object().key("input").unsigned_integer(tokens.input);
  json.key("output").unsigned_integer(tokens.output);
  json.key("cached_input").unsigned_integer(tokens.cached_input);
  json.key("reasoning").unsigned_integer(tokens.reasoning).end_object();
}

void render_run(const data::RunSummary& run, JsonWriter& json) {
  const data::RunState state = run.state();
  json.begin_object();
  json.key("trace_id").hex(run.trace_id.view());
  json.key("name").string(run.name);
  json.key("service").string(run.service);
  render_known(run.agent, json.key("agent"));
  render_known(run.task, json.key("task"));
  json.key("state").string(query::to_string(state));
  json.key("start_unix_nano").unsigned_string(run.start);
  json.key("end_unix_nano").unsigned_string(run.end);
  json.key("duration_ns").unsigned_integer(run.duration_nanos());
  json.key("duration_ms").real(to_ms(run.duration_nanos()));
  json.key("last_arrival_unix_nano").unsigned_string(run.last_arrival);
  render_known(state == data::RunState::kRunning ? std::string_view(run.current_step) : "", json.key("current_step"));
  render_error(run, json);
  render_texts("services", run.services, json);
  render_texts("agents", run.agents, json);
  render_texts("models", run.models, json);
  render_texts("tools", run.tools, json);
  render_known(run.environment, json.key("environment"));
  render_known(run.conversation_id, json.key("conversation_id"));
  json.key("span_count").unsigned_integer(run.span_count);
  json.key("error_count").unsigned_integer(run.error_count);
  render_tokens(run.tokens, json.key("tokens"));
  json.end_object();
}

void render_partial(const std::vector<data::Damage>& damages, JsonWriter& json) {
  json.key("partial").begin_array();
  for (const data::Damage& damage : damages) json.begin_object().key("reason").string(damage.reason).end_object();
  json.end_array();
}

void render_stats(const data::ScanStats& stats, uint64_t elapsed_us, JsonWriter& json) {
  json.key("stats").begin_object();
  json.key("segments").unsigned_integer(stats.segments);
  json.key("segments_opened").unsigned_integer(stats.segments_opened);
  json.key("blocks_read").unsigned_integer(stats.blocks_read);
  json.key("rows_read").unsigned_integer(stats.rows_read);
  json.key("elapsed_us").unsigned_integer(elapsed_us).end_object();
}

void render_overview(const query::Overview& overview, uint64_t elapsed_us, JsonWriter& json) {
  json.begin_object();
  json.key("total").unsigned_integer(overview.total);
  json.key("running").unsigned_integer(overview.running);
  json.key("errors").unsigned_integer(overview.errors);
  render_tokens(overview.tokens, json.key("tokens"));
  json.key("duration_p95_ns");
  if (overview.duration_p95_nanos) {
    json.unsigned_integer(*overview.duration_p95_nanos);
  } else {
    json.null();
  }
  render_facets(overview, json);
  render_series(overview, json);
  render_heatmap(overview, json);
  render_partial(overview.findings.damages, json);
  render_stats(overview.findings.stats, elapsed_us, json);
  json.end_object();
}

}  // namespace sextant::serve
