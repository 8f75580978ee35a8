// Everything that 8420 answers: the JSON API, the page, health and metrics. Requests are checked on the network thread,
// queries run on a pool of their own, and every answer leaves with the same headers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/net/http_server.h"
#include "serve/api/gate.h"
#include "serve/api/limits.h"
#include "serve/api/query_pool.h"
#include "serve/api/route.h"
#include "serve/api/router.h"
#include "serve/api/status_board.h"
#include "serve/webui/web_page.h"

namespace sextant::serve {

/// Made by wiring from the configuration. Value.
struct ApiSettings {
  std::vector<std::string> allowed_hosts;  // besides addresses and localhost
  Gate::Authorize authorize;               // empty: no token is asked for
  uint32_t query_threads = kQueryThreads;
  uint32_t query_queue_max = kQueryQueueMax;
  uint64_t query_deadline_ms = kQueryDeadlineMs;
};

/// What the API works with. Lifetime: longer than the Api.
struct ApiDependencies {
  data::Reader& reader;
  data::Consumer& consumer;
  data::Eraser& eraser;
  const Clock& clock;
  MemoryLedger& ledger;
  const MemoryLedger& ingest_ledger;  // the share that receivers draw on; readiness looks at it
  Metrics& metrics;
  ServerFacts& facts;
  const WebPage& page;
};

/// Internally locked. Destroy it after its server has stopped.
class Api final : public HttpHandler {
 public:
  Api(ApiSettings settings, const ApiDependencies& dependencies);

  HeadDecision on_head(const HttpHead& head) override;
  void on_request(HttpRequest& request, HttpResponder responder) override;
  HttpAnswer on_refusal(const HttpHead& head, HttpRefusal refusal, std::string_view message) override;

 private:
  /// What is kept of a request while it waits for a thread.
  struct Request {
    HttpMethod method;
    std::string query;
    std::string if_none_match;
    bool takes_gzip;
    uint64_t begun_steady_nanos;
  };
  std::optional<Problem> refuse_head(const HttpHead& head, const Match& match) const;
  HttpAnswer answer_elsewhere(const HttpHead& head, const Match& match) const;
  Reply run(const Match& match, const Request& request, std::stop_token cancel);
  ApiResult<Reply> handle(const Match& match, const Request& request, std::stop_token cancel);
  void compress(Reply& reply) const;
  /// The headers that every answer carries.
  HttpAnswer sealed(HttpAnswer answer) const;
  void count(const Route* route, int status, uint64_t begun_steady_nanos);

  const ApiSettings settings_;
  const Gate gate_;
  StatusBoard status_;
  const Services services_;
  const WebPage& page_;
  const std::string boot_;  // part of ETags: sequence numbers of another start mean something else
  QueryPool pool_;          // last: its jobs use all of the above
};

}  // namespace sextant::serve
