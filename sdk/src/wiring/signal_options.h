// What settings say of metrics, logs and propagation, as the options that these have.
#pragma once

#include <string>
#include <vector>

#include "sextant/sdk.h"
#include "wiring/settings.h"

namespace sextant::wiring {

MetricOptions metric_options(const Settings& settings);
LogOptions log_options(const Settings& settings);
/// Null: the default ones.
PropagatorPtr propagators_from(const Settings& settings, std::vector<std::string>& notes);

}  // namespace sextant::wiring
