// Lists of runs and one run: /api/traces and all below it.
#include <fmt/format.h>

#include <array>
#include <optional>

#include "data/otlp/traces.h"
#include "query/traces/cursor.h"
#include "query/traces/limits.h"
#include "query/traces/overview.h"
#include "query/traces/run_list.h"
#include "query/traces/trace.h"
#include "serve/api/answer_text.h"
#include "serve/api/render_run.h"
#include "serve/api/render_span.h"
#include "serve/api/route.h"
#include "serve/api/run_filters.h"

namespace sextant::serve {
namespace {

uint64_t elapsed_us(const Services& services, const Call& call) {
  return (services.clock.steady_nanos() - call.begun_steady_nanos) / 1000;
}

ApiResult<std::optional<data::RunCursor>> read_cursor(const Parameters& parameters) {
  const auto text = TRY(parameters.one("cursor"));
  if (!text) return std::nullopt;
  const auto cursor = query::decode_cursor(*text);
  if (!cursor) return std::unexpected(bad_parameter("cursor", cursor.error().message, cursor.error().offset));
  return *cursor;
}

ApiResult<ValueCut> read_value_cut(const Parameters& parameters) {
  ValueCut cut;
  cut.chars_max = TRY(parameters.number("value_chars_max", 1, kValueCharsMax, cut.chars_max));
  return cut;
}

/// OTLP/JSON of the whole run, to look at or as a file.
ApiResult<Reply> otlp_reply(const Services& services, const query::Trace& trace, bool download) {
  AnswerText answer(services.ledger);
  // The encoder writes all at once; what its text will take is held before it begins. JSON says each byte of the batch
  // at most about twice: ids in hexadecimal, text with escapes.
  LedgerHold room;
  if (!services.ledger.reserve(trace.spans.byte_size() * 2, room)) {
    return std::unexpected(Error(ErrorCode::kResourceExhausted, "the run as OTLP needs more memory than is free"));
  }
  data::encode_traces_json(trace.spans, trace.rows, answer.json());
  room.release();
  TRY(answer.checked());
  Reply reply = json_reply(answer.take(), answer.take_hold());
  if (download) {
    reply.answer.headers.add("Content-Disposition",
                             fmt::format("attachment; filename=\"{}.otlp.json\"", trace.summary.trace_id.hex()));
  }
  return reply;
}

}  // namespace

ApiResult<Reply> handle_list_runs(const Services& services, const Call& call) {
  constexpr std::array<std::string_view, 1> kOrders = {"newest"};
  const auto question = TRY(read_run_question(call.parameters, call.now));
  const auto limit = TRY(call.parameters.number("limit", 1, query::kRunsPageMax, query::kRunsPageDefault));
  const auto cursor = TRY(read_cursor(call.parameters));
  TRY(call.parameters.word("sort", kOrders));
  const auto page = TRY(query::list_runs(call.context, question, static_cast<uint32_t>(limit), cursor));

  AnswerText answer(services.ledger);
  JsonWriter& json = answer.json();
  json.begin_object().key("traces").begin_array();
  for (const data::RunSummary& run : page.runs) {
    render_run(run, json);
    TRY(answer.checked());
  }
  json.end_array();
  json.key("next_cursor");
  if (page.next) {
    json.string(query::encode_cursor(*page.next));
  } else {
    json.null();
  }
  render_partial(page.findings.damages, json);
  render_stats(page.findings.stats, elapsed_us(services, call), json);
  json.end_object();
  return json_reply(answer.take(), answer.take_hold());
}

ApiResult<Reply> handle_overview(const Services& services, const Call& call) {
  const auto question = TRY(read_run_question(call.parameters, call.now));
  const auto steps = TRY(call.parameters.number("steps", 1, query::kOverviewStepsMax, query::kOverviewStepsDefault));
  const auto overview = TRY(query::overview(call.context, question, call.now, static_cast<uint32_t>(steps)));
  JsonWriter json;
  render_overview(overview, elapsed_us(services, call), json);
  return json_reply(json.take());
}

ApiResult<Reply> handle_trace(const Services& services, const Call& call) {
  constexpr std::array<std::string_view, 2> kFormats = {"json", "otlp"};
  const data::TraceId id = TRY(read_trace_id("trace_id", call.path[0]));
  const auto format = TRY(call.parameters.word("format", kFormats));
  const bool download = TRY(call.parameters.flag("download"));
  const ValueCut cut = TRY(read_value_cut(call.parameters));
  const bool otlp = format == size_t{1};
  if (otlp && !cut.whole()) {
    return std::unexpected(bad_parameter("value_chars_max", "OTLP has whole values; leave out \"value_chars_max\""));
  }
  const query::Trace trace = TRY(query::load_trace(call.context, id, cut.bytes_max()));
  if (otlp) return otlp_reply(services, trace, download);

  AnswerText answer(services.ledger);
  JsonWriter& json = answer.json();
  json.begin_object().key("trace_id").hex(id.view());
  json.key("duration_ms").real(to_ms(trace.summary.duration_nanos()));
  render_run(trace.summary, json.key("summary"));
  json.key("spans");
  TRY(render_spans(trace, answer, cut));
  json.key("tree");
  TRY(render_tree(trace, answer));
  render_partial(trace.findings.damages, json);
  json.end_object();
  Reply reply = json_reply(answer.take(), answer.take_hold());
  if (download) {
    reply.answer.headers.add("Content-Disposition", fmt::format("attachment; filename=\"{}.json\"", id.hex()));
  }
  return reply;
}

ApiResult<Reply> handle_erase_trace(const Services& services, const Call& call) {
  const data::TraceId id = TRY(read_trace_id("trace_id", call.path[0]));
  TRY(services.eraser.erase_trace(id));
  JsonWriter json;
  json.begin_object().key("trace_id").hex(id.view()).end_object();
  return json_reply(json.take());
}

ApiResult<Reply> handle_steps(const Services& services, const Call& call) {
  const data::TraceId id = TRY(read_trace_id("trace_id", call.path[0]));
  // Rows have no contents but a tool's line.
  const query::Trace trace = TRY(query::load_trace(call.context, id, kFactBytesMax));
  AnswerText answer(services.ledger);
  JsonWriter& json = answer.json();
  json.begin_object().key("trace_id").hex(id.view());
  render_run(trace.summary, json.key("summary"));
  json.key("steps");
  TRY(render_steps(trace, answer));
  render_partial(trace.findings.damages, json);
  json.end_object();
  return json_reply(answer.take(), answer.take_hold());
}

ApiResult<Reply> handle_span(const Services& services, const Call& call) {
  const data::TraceId id = TRY(read_trace_id("trace_id", call.path[0]));
  const data::SpanId span = TRY(read_span_id("span_id", call.path[1]));
  const ValueCut cut = TRY(read_value_cut(call.parameters));
  const query::Trace copies = TRY(query::load_span(call.context, id, span, cut.bytes_max()));
  AnswerText answer(services.ledger);
  answer.json().begin_object().key("spans");
  TRY(render_spans(copies, answer, cut));
  answer.json().end_object();
  return json_reply(answer.take(), answer.take_hold());
}

}  // namespace sextant::serve
