// One address of the API: what it accepts and who answers it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/ledger.h"
#include "base/net/http_message.h"
#include "base/self/metrics.h"
#include "base/sys/clock.h"
#include "data/model/consumer.h"
#include "data/model/eraser.h"
#include "data/model/scan.h"
#include "query/traces/question.h"
#include "serve/api/parameters.h"
#include "serve/api/problem.h"
#include "serve/api/server_facts.h"

namespace sextant::serve {

class StatusBoard;

/// What handlers work with. Lifetime: wiring keeps all of it alive longer than the API.
struct Services {
  data::Reader& reader;
  data::Consumer& consumer;
  data::Eraser& eraser;
  const Clock& clock;
  MemoryLedger& ledger;
  const MemoryLedger& ingest_ledger;
  Metrics& metrics;
  ServerFacts& facts;
  StatusBoard& status;
};

/// One request, understood as far as its route says.
struct Call {
  std::vector<std::string> path;  // what stood at the pattern's {…}
  Parameters parameters;
  query::Context context;
  UnixNanos now = 0;
  uint64_t begun_steady_nanos = 0;
};

struct Reply {
  HttpAnswer answer;
  LedgerHold hold;  // accounts for the answer's memory
};

/// kNetwork: answers at once from memory. kPool: may read the disk or take long.
enum class RunsOn : uint8_t { kNetwork, kPool };
/// kBySequence: the same as long as nothing new is stored, so that an ETag spares the query.
enum class Changes : uint8_t { kAlways, kBySequence };
/// kOpen: answered without a token, because whoever asks (a load balancer) has none, and nothing of the data is told.
enum class Access : uint8_t { kOpen, kToken };

struct Route {
  HttpMethod method;
  std::string_view pattern;  // "/api/traces/{trace_id}"
  std::span<const std::string_view> parameters;
  RunsOn runs_on;
  Changes changes;
  Access access;
  ApiResult<Reply> (*handle)(const Services&, const Call&);
};

/// Every address, in the order of openapi.json.
std::span<const Route> routes();

/// A JSON answer with status 200.
Reply json_reply(std::string body, LedgerHold hold = {});

ApiResult<Reply> handle_list_runs(const Services& services, const Call& call);
ApiResult<Reply> handle_overview(const Services& services, const Call& call);
ApiResult<Reply> handle_trace(const Services& services, const Call& call);
ApiResult<Reply> handle_erase_trace(const Services& services, const Call& call);
ApiResult<Reply> handle_steps(const Services& services, const Call& call);
ApiResult<Reply> handle_span(const Services& services, const Call& call);
ApiResult<Reply> handle_group_spans(const Services& services, const Call& call);
ApiResult<Reply> handle_services(const Services& services, const Call& call);
ApiResult<Reply> handle_operations(const Services& services, const Call& call);
ApiResult<Reply> handle_attributes(const Services& services, const Call& call);
ApiResult<Reply> handle_values(const Services& services, const Call& call);
ApiResult<Reply> handle_live_metrics(const Services& services, const Call& call);
ApiResult<Reply> handle_status(const Services& services, const Call& call);
ApiResult<Reply> handle_test_trace(const Services& services, const Call& call);
ApiResult<Reply> handle_health(const Services& services, const Call& call);
ApiResult<Reply> handle_ready(const Services& services, const Call& call);
ApiResult<Reply> handle_own_metrics(const Services& services, const Call& call);
ApiResult<Reply> handle_openapi(const Services& services, const Call& call);

}  // namespace sextant::serve
