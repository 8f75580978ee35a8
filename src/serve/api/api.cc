#include "serve/api/api.h"

#include <fmt/format.h>

#include <utility>

#include "base/net/uri.h"
#include "base/sys/random.h"
#include "serve/api/gzip.h"
#include "serve/api/run_filters.h"

namespace sextant::serve {
namespace {

constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'";

Match find_route(const HttpHead& head) {
  const auto segments = split_path(head.path());
  return segments ? match_route(head.method, *segments) : Match{};
}

bool reads(HttpMethod method) {
  return method == HttpMethod::kGet || method == HttpMethod::kHead;
}

Problem wrong_method(std::string_view allowed) {
  return {405, "method_not_allowed", fmt::format("this address answers to {} only", allowed)};
}

Problem no_such_address(std::string_view path) {
  const auto near = nearest_route(path);
  return {404, "not_found",
          near ? fmt::format("there is nothing at this address; did you mean {}?", *near)
               : "there is nothing at this address; /api/openapi.json describes all there is"};
}

Problem full() {
  Problem problem(503, "unavailable", "all query threads are busy and the queue before them is full; try again");
  problem.retry_after_seconds = kRetryAfterSeconds;
  return problem;
}

std::string_view status_class(int status) {
  return status < 300 ? "2xx" : status < 400 ? "3xx" : status < 500 ? "4xx" : "5xx";
}

/// 4xx and 5xx of the server itself, in the API's form.
std::string_view code_of(HttpRefusal refusal) {
  switch (refusal) {
    case HttpRefusal::kBadRequest:
      return "invalid_argument";
    case HttpRefusal::kTooSlow:
      return "deadline_exceeded";
    case HttpRefusal::kBodyTooLarge:
    case HttpRefusal::kHeadTooLarge:
      return "too_large";
    case HttpRefusal::kInternal:
      return "internal";
    case HttpRefusal::kMemoryFull:
      return "resource_exhausted";
    case HttpRefusal::kTooManyConnections:
      return "unavailable";
  }
  return "internal";
}

}  // namespace

Api::Api(ApiSettings settings, const ApiDependencies& d)
    : settings_(std::move(settings)),
      gate_(settings_.allowed_hosts, settings_.authorize),
      services_{d.reader, d.consumer, d.eraser, d.clock, d.ledger, d.ingest_ledger, d.metrics, d.facts, status_},
      page_(d.page),
      boot_(fmt::format("{:x}", system_random())),
      pool_(settings_.query_threads, settings_.query_queue_max, d.metrics) {
  // Shown from the start, so that a dashboard's rate begins at zero and not at the first request.
  for (const Route& route : routes()) {
    for (const std::string_view group : {"2xx", "3xx", "4xx", "5xx"}) {
      d.metrics.counter(Metric::kApiRequests, {route.pattern, group});
    }
    d.metrics.histogram(Metric::kApiSeconds, {route.pattern});
  }
}

std::optional<Problem> Api::refuse_head(const HttpHead& head, const Match& match) const {
  if (auto problem = gate_.check_origin(head)) return problem;
  if (match.route != nullptr && match.route->access == Access::kToken) return gate_.check_token(head);
  return std::nullopt;
}

HeadDecision Api::on_head(const HttpHead& head) {
  const Match match = find_route(head);
  if (auto problem = refuse_head(head, match)) {
    HttpAnswer answer = to_answer(*problem);
    if (problem->status == 401) answer.headers.add("WWW-Authenticate", "Bearer realm=\"sextant\"");
    count(match.route, problem->status, services_.clock.steady_nanos());
    return sealed(std::move(answer));
  }
  if (match.route == nullptr) return sealed(answer_elsewhere(head, match));
  return BodyPlan{reads(head.method) ? 0 : kApiBodyBytesMax};
}

/// What no route answers: the page's files and views, and everything that is not there.
HttpAnswer Api::answer_elsewhere(const HttpHead& head, const Match& match) const {
  if (!match.allowed.empty()) {
    HttpAnswer answer = to_answer(wrong_method(match.allowed));
    answer.headers.add("Allow", match.allowed);
    return answer;
  }
  const std::string_view path = head.path();
  if (path.starts_with("/api/")) return to_answer(no_such_address(path));
  if (auto answer = page_.answer(path, head.headers)) {
    if (reads(head.method)) return *std::move(answer);
    HttpAnswer refused = to_answer(wrong_method("GET, HEAD"));
    refused.headers.add("Allow", "GET, HEAD");
    return refused;
  }
  if (path == "/" && !page_.present()) {
    return to_answer(
        {404, "not_found", "this server was built without the page (SEXTANT_UI=OFF); its API is at /api/traces"});
  }
  return to_answer(no_such_address(path));
}

void Api::on_request(HttpRequest& request, HttpResponder responder) {
  Match match = find_route(request.head);
  if (match.route == nullptr) {  // on_head let only routes through
    responder.answer(sealed(answer_elsewhere(request.head, match)));
    return;
  }
  const HttpHeaders& headers = request.head.headers;
  Request kept{request.head.method, std::string(request.head.query()), std::string(headers.get("If-None-Match")),
               accepts_gzip(headers.get("Accept-Encoding")), services_.clock.steady_nanos()};
  if (match.route->runs_on == RunsOn::kNetwork) {
    Reply reply = run(match, kept, {});
    responder.answer(std::move(reply.answer), std::move(reply.hold));
    return;
  }
  // The responder is shared so that it is still here when the pool takes no more jobs.
  auto shared = std::make_shared<HttpResponder>(std::move(responder));
  const Route* route = match.route;
  const uint64_t begun = kept.begun_steady_nanos;
  const bool queued =
      pool_.submit([this, match = std::move(match), kept = std::move(kept), shared](std::stop_token cancel) {
        Reply reply = run(match, kept, std::move(cancel));
        shared->answer(std::move(reply.answer), std::move(reply.hold));
      });
  if (queued) return;
  count(route, 503, begun);
  shared->answer(sealed(to_answer(full())));
}

Reply Api::run(const Match& match, const Request& request, std::stop_token cancel) {
  auto result = handle(match, request, std::move(cancel));
  Reply reply;
  if (result) {
    reply = *std::move(result);
  } else {
    reply.answer = to_answer(result.error());
  }
  if (request.takes_gzip) compress(reply);
  reply.answer = sealed(std::move(reply.answer));
  count(match.route, reply.answer.status, request.begun_steady_nanos);
  return reply;
}

ApiResult<Reply> Api::handle(const Match& match, const Request& request, std::stop_token cancel) {
  const Route& route = *match.route;
  const uint64_t deadline = request.begun_steady_nanos + settings_.query_deadline_ms * kNanosPerMillisecond;
  // Why apart: GCC 12 leaks what stands before a TRY in the same braces.
  Parameters parameters = TRY(Parameters::read(request.query, route.parameters));
  const Call call{match.path,
                  std::move(parameters),
                  {services_.reader, services_.ledger, deadline, std::move(cancel)},
                  services_.clock.unix_nanos(),
                  request.begun_steady_nanos};
  if (route.changes == Changes::kAlways || asks_relative_time(call.parameters)) {
    Reply reply = TRY(route.handle(services_, call));
    reply.answer.headers.add("Cache-Control", "no-store");
    return reply;
  }
  // Taken before the query: what is stored meanwhile makes the answer newer than its tag says, never older.
  const std::string etag = fmt::format("W/\"{}-{}\"", boot_, services_.reader.sequence());
  Reply reply;
  if (etag_matches(request.if_none_match, etag)) {
    reply.answer.status = 304;
  } else {
    reply = TRY(route.handle(services_, call));
  }
  reply.answer.headers.add("ETag", etag);
  reply.answer.headers.add("Cache-Control", "private, no-cache");
  return reply;
}

void Api::compress(Reply& reply) const {
  HttpAnswer& answer = reply.answer;
  if (answer.body.size() < kGzipBytesMin) return;
  LedgerHold room;
  if (!services_.ledger.reserve(answer.body.size() / 2, room)) return;  // sent as it is rather than refused
  auto packed = gzip(answer.body);
  if (!packed || packed->size() >= answer.body.size()) return;
  answer.body = *std::move(packed);
  answer.headers.add("Content-Encoding", "gzip");
  // The plain text is gone; what is left is never larger.
  if (reply.hold.bytes() > answer.body.size()) static_cast<void>(reply.hold.resize(answer.body.size()));
}

HttpAnswer Api::sealed(HttpAnswer answer) const {
  answer.headers.add("Content-Security-Policy", std::string(kPolicy));
  answer.headers.add("X-Content-Type-Options", "nosniff");
  answer.headers.add("Referrer-Policy", "no-referrer");
  if (!answer.headers.has("Cache-Control")) answer.headers.add("Cache-Control", "no-store");
  if (!answer.headers.has("Vary")) answer.headers.add("Vary", "Accept-Encoding");
  return answer;
}

HttpAnswer Api::on_refusal(const HttpHead& head, HttpRefusal refusal, std::string_view message) {
  const int status = http_status(refusal);
  Problem problem(status, std::string(code_of(refusal)), std::string(message));
  if (status == 503) problem.retry_after_seconds = kRetryAfterSeconds;
  count(find_route(head).route, status, services_.clock.steady_nanos());
  return sealed(to_answer(problem));
}

void Api::count(const Route* route, int status, uint64_t begun_steady_nanos) {
  if (route == nullptr) return;
  services_.metrics.counter(Metric::kApiRequests, {route->pattern, status_class(status)}).add();
  services_.metrics.histogram(Metric::kApiSeconds, {route->pattern})
      .observe_nanos(services_.clock.steady_nanos() - begun_steady_nanos);
}

}  // namespace sextant::serve
