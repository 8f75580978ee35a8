#include "serve/api/health.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/codec/json_writer.h"
#include "query/traces/run_list.h"
#include "serve/api/limits.h"
#include "serve/api/render_run.h"

namespace sextant::serve {
namespace {

constexpr std::string_view kHealthy = "healthy";
constexpr std::string_view kUnhealthy = "unhealthy";

/// Runs one check and takes its time.
template <typename Check>
HealthCheck timed(const Clock& clock, std::string_view name, Check check) {
  const uint64_t begun = clock.steady_nanos();
  const Result<void> result = check();
  HealthCheck outcome{name, result.has_value(), to_ms(clock.steady_nanos() - begun), {}};
  if (!result) outcome.message = result.error().message();
  return outcome;
}

}  // namespace

std::vector<HealthCheck> check_readiness(const Services& services, const query::Context& context) {
  const auto store = [&]() -> Result<void> {
    TRY(query::list_runs(context, {}, 1, std::nullopt));
    const std::string problem = services.facts.store_problem();
    if (!problem.empty()) return fail(ErrorCode::kUnavailable, "{}", problem);
    return {};
  };
  const auto disk = [&]() -> Result<void> {
    const DiskSpace space = TRY(services.facts.space());
    if (space.free_bytes >= kDiskFreeBytesMin) return {};
    return fail(ErrorCode::kDiskFull, "{} bytes are free; at least {} are needed", space.free_bytes, kDiskFreeBytesMin);
  };
  const auto ledger = [&]() -> Result<void> {
    const uint64_t used = services.ingest_ledger.used_bytes();
    const uint64_t limit = services.ingest_ledger.limit_bytes();
    if (used < limit - limit / 20) return {};
    return fail(ErrorCode::kResourceExhausted, "{} of {} bytes are in use", used, limit);
  };
  return {timed(services.clock, "store", store), timed(services.clock, "disk", disk),
          timed(services.clock, "ledger", ledger)};
}

bool all_healthy(std::span<const HealthCheck> checks) {
  return std::ranges::all_of(checks, &HealthCheck::healthy);
}

std::string render_health(std::span<const HealthCheck> checks) {
  JsonWriter json;
  json.begin_object().key("status").string(all_healthy(checks) ? kHealthy : kUnhealthy);
  json.key("checks").begin_object();
  for (const HealthCheck& check : checks) {
    json.key(check.name).begin_object().key("status").string(check.healthy ? kHealthy : kUnhealthy);
    json.key("latency_ms").real(check.latency_ms);
    if (!check.message.empty()) json.key("message").string(check.message);
    json.end_object();
  }
  json.end_object().end_object();
  return json.take();
}

}  // namespace sextant::serve
