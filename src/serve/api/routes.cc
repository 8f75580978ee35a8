// The table of addresses.
#include <array>

#include "serve/api/route.h"
#include "serve/api/run_filters.h"
#include "serve/api/span_filters.h"

namespace sextant::serve {
namespace {

/// `filters` and then `more`.
template <size_t Filters, size_t Count>
constexpr auto joined(const std::array<std::string_view, Filters>& filters,
                      const std::array<std::string_view, Count>& more) {
  std::array<std::string_view, Filters + Count> all{};
  for (size_t i = 0; i < Filters; ++i) all[i] = filters[i];
  for (size_t i = 0; i < Count; ++i) all[Filters + i] = more[i];
  return all;
}

constexpr auto kList = joined(kFilterParameters, std::array<std::string_view, 3>{"limit", "cursor", "sort"});
constexpr auto kOverview = joined(kFilterParameters, std::array<std::string_view, 1>{"steps"});
constexpr auto kGroups =
    joined(kSpanFilterParameters, std::array<std::string_view, 5>{"by", "of", "step", "order", "limit"});
constexpr std::array<std::string_view, 3> kTrace = {"format", "download", "value_chars_max"};
constexpr std::array<std::string_view, 1> kSpan = {"value_chars_max"};
constexpr std::array<std::string_view, 2> kTime = {"from", "to"};
constexpr std::array<std::string_view, 3> kOperations = {"from", "to", "service"};
constexpr std::array<std::string_view, 3> kAttributes = {"from", "to", "scope"};
constexpr std::array<std::string_view, 5> kValues = {"from", "to", "scope", "key", "limit"};
constexpr std::span<const std::string_view> kNone;

constexpr auto kGet = HttpMethod::kGet;
constexpr auto kPool = RunsOn::kPool;
constexpr auto kNetwork = RunsOn::kNetwork;
constexpr auto kAlways = Changes::kAlways;
constexpr auto kBySequence = Changes::kBySequence;
constexpr auto kToken = Access::kToken;
constexpr auto kOpen = Access::kOpen;

constexpr Route kRoutes[] = {
    {kGet, "/api/traces", kList, kPool, kBySequence, kToken, handle_list_runs},
    {kGet, "/api/traces/overview", kOverview, kPool, kAlways, kToken, handle_overview},
    {kGet, "/api/traces/{trace_id}", kTrace, kPool, kBySequence, kToken, handle_trace},
    {HttpMethod::kDelete, "/api/traces/{trace_id}", kNone, kPool, kAlways, kToken, handle_erase_trace},
    {kGet, "/api/traces/{trace_id}/steps", kNone, kPool, kBySequence, kToken, handle_steps},
    {kGet, "/api/traces/{trace_id}/spans/{span_id}", kSpan, kPool, kBySequence, kToken, handle_span},
    {kGet, "/api/spans/aggregate", kGroups, kPool, kBySequence, kToken, handle_group_spans},
    {kGet, "/api/services", kTime, kPool, kBySequence, kToken, handle_services},
    {kGet, "/api/operations", kOperations, kPool, kBySequence, kToken, handle_operations},
    {kGet, "/api/attributes", kAttributes, kPool, kBySequence, kToken, handle_attributes},
    {kGet, "/api/attributes/values", kValues, kPool, kBySequence, kToken, handle_values},
    {kGet, "/api/metrics", kNone, kPool, kAlways, kToken, handle_live_metrics},
    {kGet, "/api/status", kNone, kPool, kAlways, kToken, handle_status},
    {HttpMethod::kPost, "/api/test-trace", kNone, kPool, kAlways, kToken, handle_test_trace},
    {kGet, "/healthz", kNone, kNetwork, kAlways, kOpen, handle_health},
    {kGet, "/readyz", kNone, kPool, kAlways, kOpen, handle_ready},
    {kGet, "/metrics", kNone, kNetwork, kAlways, kToken, handle_own_metrics},
    {kGet, "/api/openapi.json", kNone, kNetwork, kAlways, kToken, handle_openapi},
};

}  // namespace

std::span<const Route> routes() {
  return kRoutes;
}

Reply json_reply(std::string body, LedgerHold hold) {
  Reply reply;
  reply.answer.content_type = "application/json";
  reply.answer.body = std::move(body);
  reply.hold = std::move(hold);
  return reply;
}

}  // namespace sextant::serve
