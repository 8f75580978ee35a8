// OpenTelemetry's declarative configuration (configuration schema 1.x), the part that this SDK has: resource, limits,
// propagators, samplers, processors and readers with OTLP, console and Prometheus exporters. What is known and cannot
// be done here is an error too, since a program that silently does less than it was told to is worse.
#pragma once

#include <string>
#include <vector>

#include "config/section.h"
#include "wiring/settings.h"

namespace sextant::config {

void read_declarative(Section& root, wiring::Settings& settings, std::vector<std::string>& notes);

/// A sampler: a map with one key, its kind.
void read_declared_sampler(Section section, wiring::SamplerSettings& sampler);
/// An exporter: a map with one key, its kind. Adds to what the signal has.
void read_declared_exporter(Section section, wiring::SignalSettings& signal, wiring::MetricSettings* metrics);
/// Takes keys off until one is of `kinds`, which it returns; else an error and nothing.
std::string only_key(Section& section, const std::vector<std::string_view>& kinds);

}  // namespace sextant::config
