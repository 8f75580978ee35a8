// OpenTelemetry's environment variables (specification 1.60, "Environment Variable Specification" and "OTLP Exporter
// Configuration").
//
//   sextant::Options options = sextant::options_from_env();     // what the environment says
//   options.service_version = "1.4";                            // and what the program knows better
//   auto telemetry = sextant::Sdk::start(std::move(options));
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "sextant/makers.h"
#include "sextant/sdk.h"

namespace sextant {

/// Gives the value of a variable; nothing where it is not set.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;
/// The process's own.
Environment process_environment();

/// `service_name` counts where the environment names none. A variable that cannot be understood is named in a
/// diagnostic, with its value and what would be right, and otherwise counts as not set; values that may hold secrets
/// are not repeated. Sets the diagnostic level where OTEL_LOG_LEVEL is set.
Options options_from_env(std::string_view service_name = {}, const Makers& makers = {},
                         const Environment& environment = process_environment());

}  // namespace sextant
