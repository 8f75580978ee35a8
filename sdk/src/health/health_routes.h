// What orchestrators ask: does the process run, and is it ready.
#pragma once

#include "net/http_server.h"
#include "sextant/health.h"

namespace sextant::health {

/// `/healthz` answers 200 as long as it can answer, `/readyz` 200 or 503 by the checks; both in the form of
/// HealthReport::json(). Nothing waits on the server's thread.
void add_health_routes(net::HttpServer::Routes& routes, const HealthChecker& checker);

}  // namespace sextant::health
