// Options from the environment, and an SDK from these in one line.
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "base/log.h"
#include "sextant/environment.h"
#include "wiring/env.h"
#include "wiring/options_from.h"

namespace sextant {
namespace {

struct FromEnvironment {
  Options options;
  bool disabled = false;
};

FromEnvironment read(std::string_view service_name, const Makers& makers, const Environment& environment) {
  wiring::Settings settings;
  const std::vector<std::string> problems = wiring::read_environment(environment, settings);
  if (settings.service_name.empty()) settings.service_name = std::string(service_name);
  wiring::BuiltOptions built = wiring::options_from(settings, makers);
  if (const auto file = environment ? environment("OTEL_CONFIG_FILE") : std::nullopt; file && !file->empty()) {
    log(LogLevel::kWarn, "OTEL_CONFIG_FILE is set and not read here: link sextant::config, and use its " +
                             std::string("configured_options()"));
  }
  for (const std::string& problem : problems) log(LogLevel::kWarn, problem);
  for (const std::string& note : built.notes) log(LogLevel::kWarn, note);
  return {std::move(built.options), settings.disabled};
}

}  // namespace

Environment process_environment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

Options options_from_env(std::string_view service_name, const Makers& makers, const Environment& environment) {
  return read(service_name, makers, environment).options;
}

Sdk start(std::string_view service_name) {
  FromEnvironment from = read(service_name, {}, process_environment());
  if (from.disabled) return {};
  Result<Sdk> sdk = Sdk::start(std::move(from.options));
  if (sdk) return std::move(*sdk);
  log(LogLevel::kError, "telemetry was not started", sdk.error());
  return {};
}

}  // namespace sextant
