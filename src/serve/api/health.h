// Whether the server can do its work: one check a dependency, each with what it took.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/traces/question.h"
#include "serve/api/route.h"

namespace sextant::serve {

struct HealthCheck {
  std::string_view name;  // "store", "disk", "ledger"
  bool healthy = true;
  double latency_ms = 0;
  std::string message;  // why not healthy
};

/// Asks the store for a run, the disk for its space, the ledger for its use.
std::vector<HealthCheck> check_readiness(const Services& services, const query::Context& context);

bool all_healthy(std::span<const HealthCheck> checks);

/// {"status": "healthy", "checks": {"store": {"status": "healthy", "latency_ms": 0.2}}}
std::string render_health(std::span<const HealthCheck> checks);

}  // namespace sextant::serve
