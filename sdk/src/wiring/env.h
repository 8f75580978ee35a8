// OTEL_* variables into settings.
#pragma once

#include <string>
#include <vector>

#include "sextant/environment.h"
#include "wiring/settings.h"

namespace sextant::wiring {

/// Overwrites what the environment sets. Returns what could not be understood, a sentence each that names the variable.
std::vector<std::string> read_environment(const Environment& environment, Settings& settings);

}  // namespace sextant::wiring
