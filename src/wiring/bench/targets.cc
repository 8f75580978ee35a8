#include "wiring/bench/targets.h"

#include <fmt/format.h>

#include <array>

namespace sextant::wiring {
namespace {

constexpr auto kMore = Target::Better::kMore;
constexpr auto kLess = Target::Better::kLess;

constexpr std::array kTargets = {
    Target{"ingest.shape.cpu_hot", 1.0, 1.8},
    Target{"ingest.shape.cpu_settled", 1.5, 2.6},
    Target{"ingest.agent.cpu_hot", 4, 8},
    Target{"ingest.agent.cpu_settled", 9, 14},
    Target{"disk.shape.hot", 90, 130},
    Target{"disk.shape.settled", 36, 46},
    Target{"disk.agent.settled", 0.85, 1.1, kLess, "disk.agent.floor"},
    Target{"ingest.shape.rate", 500'000, 400'000, kMore},
    Target{"ingest.shape.ack_p50", 3, 8},
    Target{"ingest.shape.ack_p99", 20, 40},
    Target{"memory.shape.peak", 120, 200},
    Target{"memory.agent.peak", 200, 350},
    Target{"memory.idle", 16, 24},
    Target{"start.empty", 20, 40},
    Target{"start.after_kill", 80, 200},
    Target{"query.by_id.shape", 0.2, 0.5},
    Target{"query.by_id.agent", 0.5, 1.5},
    Target{"query.attribute", 0.6, 2},
    Target{"query.absent", 0.3, 0.6},
    Target{"query.service_name_duration", 0.6, 2},
    Target{"query.p95_by_name", 6, 12},
    Target{"query.p95_by_model", 1, 3},
};

/// A figure with where it comes from. The first measurement of an id is the one that is told.
struct Found {
  const Figure* figure;
  const FigureContext* context;
};

std::optional<Found> find(const std::vector<Measured>& measured, std::string_view id) {
  for (const Measured& part : measured) {
    for (const Figure& figure : part.figures) {
      if (figure.id == id) return Found{&figure, &part.context};
    }
  }
  return std::nullopt;
}

}  // namespace

std::span<const Target> targets() {
  return kTargets;
}

std::string_view verdict(const Target& target, double value) {
  const auto meets = [&](double bound) { return target.better == kMore ? value >= bound : value <= bound; };
  return meets(target.reach) ? "reach" : meets(target.least) ? "least" : "short";
}

std::string report_table(const std::vector<Measured>& measured) {
  constexpr std::string_view kRow = "{:<30} {:>12} {:<24} {:>10} {:>10}  {:<7} {:>10}\n";
  std::string table =
      fmt::format(fmt::runtime(kRow), "figure", "value", "unit", "reach", "least", "verdict", "calibrator");
  for (Target target : targets()) {
    const auto found = find(measured, target.id);
    if (!target.relative_to.empty()) {
      const auto base = find(measured, target.relative_to);
      target.reach *= base ? base->figure->value : 0;
      target.least *= base ? base->figure->value : 0;
    }
    const auto number = [](double value) { return fmt::format("{:.4g}", value); };
    const bool known = found && target.reach > 0;
    table +=
        fmt::format(fmt::runtime(kRow), target.id, found ? number(found->figure->value) : "-",
                    found ? found->figure->unit : "-", target.reach > 0 ? number(target.reach) : "-",
                    target.least > 0 ? number(target.least) : "-", known ? verdict(target, found->figure->value) : "-",
                    found ? number(found->context->calibrator_cpu_seconds) : "-");
  }
  return table;
}

}  // namespace sextant::wiring
