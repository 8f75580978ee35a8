#include "health/health_routes.h"

#include "health/checker.h"

namespace sextant::health {
namespace {

net::HttpAnswer answer_of(const HealthReport& report) {
  net::HttpAnswer answer;
  answer.status = report.healthy ? 200 : 503;
  answer.content_type = "application/json";
  answer.body = report.json();
  return answer;
}

}  // namespace

void add_health_routes(net::HttpServer::Routes& routes, const HealthChecker& checker) {
  routes["/healthz"] = [](const net::RequestHead&, const net::HttpServer::Reply& reply) {
    HealthReport alive;
    alive.healthy = true;
    reply.send(answer_of(alive));
  };
  routes["/readyz"] = [checks = checker.internal()](const net::RequestHead&, const net::HttpServer::Reply& reply) {
    checks->check_later([reply](const HealthReport& report) { reply.send(answer_of(report)); });
  };
}

}  // namespace sextant::health
