#include "wiring/endpoints.h"

#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "health/health_routes.h"
#include "wiring/resource.h"

namespace sextant::wiring {
namespace {

constexpr const char* kPodVariable = "KUBERNETES_SERVICE_HOST";  // set in every container of a pod

Result<std::unique_ptr<net::HttpServer>> serve(const Options& options, const char* what, std::uint16_t port,
                                               net::HttpServer::Routes routes) {
  auto server = net::HttpServer::start(listen_address(options), port, std::move(routes));
  if (!server) return Error{std::string(what) + ": " + server.error()};
  return server;
}

}  // namespace

std::string listen_address(const Options& options) {
  if (!options.listen_address.empty()) return options.listen_address;
  const char* const pod = std::getenv(kPodVariable);
  return pod != nullptr && *pod != '\0' ? "*" : "127.0.0.1";
}

Result<std::unique_ptr<Endpoints>> Endpoints::start(const Options& options, const HealthChecker& checker,
                                                    const expose::MetricsText& metrics) {
  std::unique_ptr<Endpoints> all(new Endpoints);
  const bool same = options.health_port == options.metrics_port && options.health_port.value_or(0) != 0;
  net::HttpServer::Routes routes;
  if (options.health_port) {
    health::add_health_routes(routes, checker);
    if (same) expose::add_metrics_route(routes, metrics);
    auto server = serve(options, "health_port", *options.health_port, std::exchange(routes, {}));
    if (!server) return Error{server.error()};
    all->health_port_ = (*server)->port();
    if (same) all->metrics_port_ = all->health_port_;
    all->servers_.push_back(std::move(*server));
  }
  if (options.metrics_port && !same) {
    expose::add_metrics_route(routes, metrics);
    auto server = serve(options, "metrics_port", *options.metrics_port, std::move(routes));
    if (!server) return Error{server.error()};
    all->metrics_port_ = (*server)->port();
    all->servers_.push_back(std::move(*server));
  }
  if (options.pushgateway.url.empty()) return all;
  PushgatewayOptions push = options.pushgateway;
  if (push.job.empty()) push.job = service_name(options);
  auto pusher = expose::Pusher::start(push, metrics);
  if (!pusher) return Error{pusher.error()};
  all->pusher_ = std::move(*pusher);
  return all;
}

Endpoints::Endpoints() noexcept : process_(getpid()) {}

Endpoints::~Endpoints() {
  if (in_child()) leave_in_child();
}

bool Endpoints::in_child() const noexcept {
  return getpid() != process_;
}

bool Endpoints::stop(const Deadline& deadline) {
  if (in_child()) {
    leave_in_child();
    return true;
  }
  for (const auto& server : servers_) server->stop();
  health_port_ = metrics_port_ = 0;
  return pusher_ == nullptr || pusher_->stop(deadline);
}

void Endpoints::leave_in_child() noexcept {
  if (std::exchange(left_, true)) return;
  for (const auto& server : servers_) server->leave_in_child();
  if (pusher_ != nullptr) pusher_->leave_in_child();
}

}  // namespace sextant::wiring
