// The SDK's own form of configuration, as agents and their runtimes have it: the section `observability`.
#pragma once

#include "config/section.h"
#include "wiring/settings.h"

namespace sextant::config {

/// What the file said, beyond the settings, that counts once the environment has been read too.
struct FileChoices {
  bool otlp_was_asked_for = true;  // by name or by address; else only models' receivers are
};

FileChoices read_observability(Section& section, wiring::Settings& settings);
/// `[observability.metrics]`
void read_metrics(Section& section, wiring::Settings& settings);
/// `[observability.logging]`
void read_logging(Section& section, wiring::LogSettings& log);

}  // namespace sextant::config
