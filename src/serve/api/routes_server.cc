// The server about itself: status, live metrics, health, its own metrics, the description of this API.
#include <fmt/format.h>

#include "base/codec/json_writer.h"
#include "query/traces/live_metrics.h"
#include "query/traces/run_list.h"
#include "serve/api/health.h"
#include "serve/api/limits.h"
#include "serve/api/openapi.h"
#include "serve/api/route.h"
#include "serve/api/status_board.h"

namespace sextant::serve {

ApiResult<Reply> handle_live_metrics(const Services&, const Call& call) {
  const query::LiveMetrics metrics = TRY(query::live_metrics(call.context, call.now));
  JsonWriter json;
  json.begin_object();
  json.key("requests_per_minute").real(metrics.requests_per_minute);
  json.key("error_rate").real(metrics.error_rate);
  json.key("avg_latency_ms").real(metrics.avg_latency_ms);
  json.key("active_traces").unsigned_integer(metrics.active_traces);
  json.key("tokens_per_hour").unsigned_integer(metrics.tokens_per_hour);
  json.end_object();
  return json_reply(json.take());
}

ApiResult<Reply> handle_status(const Services& services, const Call& call) {
  const FirstSeen first = TRY(services.status.first_seen(call.context));
  const ServerFacts& facts = services.facts;
  const ServerAddresses addresses = facts.addresses();
  const ReceivedCounts received = facts.received();
  const auto space = facts.space();
  JsonWriter json;
  json.begin_object();
  json.key("version").string(facts.version());
  json.key("started_unix_nano").unsigned_string(facts.started());
  json.key("now_unix_nano").unsigned_string(call.now);
  json.key("addresses").begin_object().key("http").string(addresses.http);
  json.key("otlp_http").string(addresses.otlp_http).key("otlp_grpc").string(addresses.otlp_grpc).end_object();
  json.key("durability").string(facts.durability());
  json.key("data_dir_free_bytes");
  if (space) {
    json.unsigned_integer(space->free_bytes);
  } else {
    json.null();
  }
  json.key("spans_per_second").real(services.status.spans_per_second(call.begun_steady_nanos, received.spans_accepted));
  json.key("data_version").unsigned_integer(services.reader.sequence());
  json.key("received").begin_object();
  json.key("requests_accepted").unsigned_integer(received.requests_accepted);
  json.key("requests_refused").unsigned_integer(received.requests_refused);
  json.key("spans_accepted").unsigned_integer(received.spans_accepted);
  json.key("spans_refused").unsigned_integer(received.spans_refused).end_object();
  json.key("first").begin_object().key("span").boolean(first.span);
  json.key("model_call").boolean(first.model_call).key("message").boolean(first.message).end_object();
  json.key("recent_refusals").begin_array();
  for (const RecentRefusal& refusal : facts.recent_refusals()) {
    json.begin_object().key("time_unix_nano").unsigned_string(refusal.time);
    json.key("protocol").string(refusal.protocol).key("message").string(refusal.message).end_object();
  }
  json.end_array().end_object();
  return json_reply(json.take());
}

ApiResult<Reply> handle_health(const Services&, const Call&) {
  // That this is answered is the whole proof: the network threads run.
  return json_reply(render_health({}));
}

ApiResult<Reply> handle_ready(const Services& services, const Call& call) {
  const auto checks = check_readiness(services, call.context);
  Reply reply = json_reply(render_health(checks));
  if (!all_healthy(checks)) {
    reply.answer.status = 503;
    reply.answer.headers.add("Retry-After", std::to_string(kRetryAfterSeconds));
  }
  return reply;
}

ApiResult<Reply> handle_own_metrics(const Services& services, const Call&) {
  Reply reply;
  reply.answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
  reply.answer.body = services.metrics.prometheus_text();
  return reply;
}

ApiResult<Reply> handle_openapi(const Services&, const Call&) {
  return json_reply(std::string(openapi_json()));
}

}  // namespace sextant::serve
