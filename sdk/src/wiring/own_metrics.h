// What the SDK counts of itself, as metrics. Reading them makes no spans and no new series, so they do not feed
// themselves.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "sextant/metrics.h"
#include "sextant/sdk.h"

namespace sextant::wiring {

/// Names, units and attributes by OpenTelemetry's semantic conventions for SDKs (docs/otel/sdk-metrics, in development)
/// where these have one, otherwise `sextant.sdk.*`. They are observed as long as the observables live.
/// `stats` is called when metrics are collected, on the thread that does. Lifetime: it outlives them.
std::vector<Observable> watch_stats(const Options& options, std::function<Stats()> stats);

}  // namespace sextant::wiring
